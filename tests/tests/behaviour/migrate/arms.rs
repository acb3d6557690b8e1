//! The states of arms: each is asked about by itself, and belongs to the workflow the arm is of.

use std::sync::atomic::{AtomicU32, Ordering};

use super::*;

/// How often the items were asked about.
static ASKED: AtomicU32 = AtomicU32::new(0);

mod old {
    use super::*;

    #[step]
    pub(super) async fn count(text: &str) -> Result<u32, std::io::Error> {
        Ok(text.len() as u32)
    }

    workflow! {
        #[workflow(id = "pair")]
        pub(super) Pair<String -> String>(topic) {
            let (asked, counted) = #[at(both)] try_join!(
                #[at(ask)] async {
                    let draft: u32 = 7;
                    let agreed = review(&topic).await?;
                    Ok::<String, Error>(format!("{draft} {agreed}"))
                },
                #[at(count)] count(&topic),
            )?;
            Ok(format!("{asked}, {counted}"))
        }
    }

    workflow! {
        #[workflow(id = "items")]
        pub(super) Items<String -> Vec<String>>(topic) {
            let topics: Vec<String> = topic.split(' ').map(str::to_owned).collect();
            #[at(each)] try_join_all!(&topics, |topic| async {
                let draft: u32 = topic.len() as u32;
                let agreed = review(topic).await?;
                Ok(format!("{draft} {agreed}"))
            })
        }
    }

    workflow! {
        #[workflow(id = "outer")]
        pub(super) Outer<String -> String>(topic) {
            let whole = Pair(topic).await?;
            Ok(format!("the pair: {whole}"))
        }
    }
}

mod new {
    use super::*;

    #[step]
    pub(super) async fn count(text: &str) -> Result<String, std::io::Error> {
        Ok(format!("{} letters", text.len()))
    }

    workflow! {
        #[workflow(id = "pair", migrate = super::pair)]
        pub(super) Pair<String -> String>(topic) {
            let (asked, counted) = #[at(sides)] try_join!(
                #[at(ask)] async {
                    let draft: String = topic.clone();
                    let agreed = review(&topic).await?;
                    Ok::<String, Error>(format!("{draft} {agreed}"))
                },
                #[at(count)] count(&topic),
            )?;
            Ok(format!("{asked}, {counted}"))
        }
    }

    workflow! {
        #[workflow(id = "items", migrate = super::items)]
        pub(super) Items<String -> Vec<String>>(topic) {
            let topics: Vec<String> = topic.split(' ').map(str::to_owned).collect();
            #[at(each)] try_join_all!(&topics, |topic| async {
                let draft: String = topic.clone();
                let agreed = review(topic).await?;
                Ok(format!("{draft} {agreed}"))
            })
        }
    }

    workflow! {
        #[workflow(id = "outer")]
        pub(super) Outer<String -> String>(topic) {
            let whole = Pair(topic).await?;
            Ok(format!("the pair: {whole}"))
        }
    }
}

fn pair(state: &mut StoredState) -> Result<(), Error> {
    assert_eq!(state.workflow(), "pair");
    match (state.machine(), state.place()) {
        ("pair", "both") => state.set_place("sides"),
        // An arm is in the place that the run came to.
        ("pair/both/ask", "review") => state.set("draft", &state.get::<u32>("draft")?.to_string())?,
        ("pair/both/count", "done") => state.set("output", &format!("{} letters", state.get::<u32>("output")?))?,
        (machine, place) => return Err(Error::new(format!("what is `{place}` of `{machine}`?"))),
    }
    Ok(())
}

fn items(state: &mut StoredState) -> Result<(), Error> {
    assert_eq!(state.machine(), "items/each[]");
    ASKED.fetch_add(1, Ordering::SeqCst);
    let draft: u32 = state.get("draft")?;
    state.set("draft", &format!("{draft} letters"))
}

#[tokio::test(flavor = "multi_thread")]
async fn arms_go_on_and_keep_what_they_have() {
    let stored = Stored::by::<old::Pair>("tides").await;
    let outcome = stored.resumed::<new::Pair>("both#0/ask#0/review#0").await.unwrap();
    assert_eq!(outcome.completed().unwrap(), "7 true, 5 letters");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_item_is_asked_about() {
    let stored = Stored::by::<old::Items>("low tide").await;
    let outcome = stored.resumed::<new::Items>("each#0[1]/review#0").await.unwrap();
    assert_eq!(open(&outcome), ["each#0[0]/review#0"]);
    let outcome = stored.resumed::<new::Items>("each#0[0]/review#0").await.unwrap();
    assert_eq!(outcome.completed().unwrap(), ["3 letters true", "4 letters true"]);
    // One of them waited through the first process, so that nothing of it was written there.
    assert_eq!(ASKED.load(Ordering::SeqCst), 3);
}

/// Its workflow is asked, with the names it has there.
#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_that_is_awaited_has_its_own() {
    let stored = Stored::by::<old::Outer>("tides").await;
    let outcome = stored.resumed::<new::Outer>("pair#0/both#0/ask#0/review#0").await.unwrap();
    assert_eq!(outcome.completed().unwrap(), "the pair: 7 true, 5 letters");
}
