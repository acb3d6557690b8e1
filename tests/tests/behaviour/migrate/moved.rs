//! States that are put at another place.

use flow_runtime::StepContext;

use super::*;

#[step]
async fn key(#[context] cx: &StepContext) -> Result<String, std::io::Error> {
    Ok(cx.path().to_owned())
}

#[suspend(resume = bool)]
fn approve(text: &str) -> String {
    text.to_owned()
}

macro_rules! flow {
    ($module:ident($topic:ident) $([$($option:tt)*])? { $($body:tt)* }) => {
        mod $module {
            use super::*;

            workflow! {
                #[workflow(id = "flow", $($($option)*)?)]
                pub(super) Flow<String -> String>($topic) { $($body)* }
            }
        }
    };
}

fn begin_again(state: &mut StoredState) -> Result<(), Error> {
    state.set_place("start");
    Ok(())
}

/// Only what waits: the place has the name it had.
fn stop_waiting(state: &mut StoredState) -> Result<(), Error> {
    state.set_place("review");
    Ok(())
}

fn only_arms_begin_again(state: &mut StoredState) -> Result<(), Error> {
    assert_eq!(state.machine(), "flow/both/ask");
    state.set_place("start");
    Ok(())
}

flow! { old(topic) {
    let before = key().await?;
    let agreed = review(&topic).await?;
    Ok(format!("{before} {topic} {agreed}"))
} }

flow! { other_question(topic) [migrate = super::begin_again] {
    let before = key().await?;
    let agreed = #[at(last)] review(&topic).await?;
    Ok(format!("{before} {topic} {agreed}"))
} }

flow! { no_question(topic) [migrate = super::stop_waiting] {
    let before = key().await?;
    let passed = #[at(review)] pass(&topic).await?;
    Ok(format!("{before} {passed}"))
} }

flow! { joined(topic) {
    let (agreed, at) = #[at(both)] try_join!(
        #[at(ask)] async {
            let agreed = review(&topic).await?;
            Ok::<bool, Error>(agreed)
        },
        #[at(key)] key(),
    )?;
    Ok(format!("{agreed} {at}"))
} }

flow! { one_node(topic) [migrate = super::only_arms_begin_again] {
    let (passed, at) = #[at(both)] try_join!(#[at(ask)] pass(&topic), #[at(key)] key())?;
    Ok(format!("{passed} {at}"))
} }

flow! { one_question(topic) {
    let (agreed, at) = #[at(both)] try_join!(#[at(ask)] review(&topic), #[at(key)] key())?;
    Ok(format!("{agreed} {at}"))
} }

flow! { another_question(topic) [migrate = super::only_arms_begin_again] {
    let (agreed, at) = #[at(both)] try_join!(#[at(ask)] approve(&topic), #[at(key)] key())?;
    Ok(format!("{agreed} {at}"))
} }

#[tokio::test(flavor = "multi_thread")]
async fn at_the_start_it_begins_again() {
    let stored = Stored::by::<old::Flow>("tides").await;
    // The answer to a question that is not asked any more goes with it.
    let outcome = stored.resumed::<other_question::Flow>("review#0").await.unwrap();
    assert_eq!(open(&outcome), ["last#0"]);
    let outcome = stored.resumed::<other_question::Flow>("last#0").await.unwrap();
    // Another visit, so another key.
    assert_eq!(outcome.completed().unwrap(), "flow/key#1 tides true");
}

#[tokio::test(flavor = "multi_thread")]
async fn at_a_place_that_runs_it_stops_waiting() {
    let stored = Stored::by::<old::Flow>("tides").await;
    let outcome = stored.resumed::<no_question::Flow>("review#0").await.unwrap();
    assert_eq!(outcome.completed().unwrap(), "flow/key#0 tides");
}

#[tokio::test(flavor = "multi_thread")]
async fn away_from_a_join_its_arms_are_given_up() {
    let stored = Stored::by::<joined::Flow>("tides").await;
    let outcome = stored.resumed::<other_question::Flow>("both#0/ask#0/review#0").await.unwrap();
    assert_eq!(open(&outcome), ["last#0"]);
    let frames = Sqlite::open(stored.folder.path().join("flow.db")).unwrap().frames(stored.run).await.unwrap();
    assert_eq!(frames.iter().map(|(path, _)| path).collect::<Vec<_>>(), ["flow"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_arm_begins_again_alone() {
    let stored = Stored::by::<joined::Flow>("tides").await;
    let outcome = stored.resumed::<one_node::Flow>("both#0/ask#0/review#0").await.unwrap();
    assert_eq!(outcome.completed().unwrap(), "tides flow/both#0/key#0");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_arm_that_is_one_suspension_asks_once() {
    let stored = Stored::by::<one_question::Flow>("tides").await;
    let error = refused(stored.resumed::<another_question::Flow>("both#0/ask#0").await);
    assert_eq!(error, "after `migrate`: an arm that is one suspension cannot begin again: it asks once");
}
