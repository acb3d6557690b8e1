//! `select!`: the first arm wins, the others are dropped and what they had open is withdrawn.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use flow_runtime::local::from_snapshot;
use flow_runtime::{Error, Provide, Runtime, step, suspend, workflow};
use tests::modes;
use tests::recording::Recording;

#[derive(Default)]
struct Dropped(AtomicUsize);

#[derive(Default)]
struct Restarted(bool);

#[derive(Default, Provide)]
struct App {
    dropped: Dropped,
    restarted: Restarted,
}

struct OnDrop<'a>(&'a Dropped);

impl Drop for OnDrop<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[step]
async fn quick(n: u32) -> Result<u32, Error> {
    if n == 13 { Err(Error::new("unlucky")) } else { Ok(n + 1) }
}

/// Never done before the process is another one.
#[step]
async fn never(#[resource] dropped: &Dropped, #[resource] restarted: &Restarted) -> Result<String, Error> {
    let _held = OnDrop(dropped);
    if restarted.0 { Ok("never".to_owned()) } else { std::future::pending().await }
}

#[suspend(resume = String)]
fn left(n: u32) -> u32 {
    n
}

#[suspend(resume = String)]
fn right(n: u32) -> u32 {
    n
}

workflow! {
    Race<u32 -> String>(n) {
        let won = select! {
            text = never() => text?,
            n = quick(n) => format!("quick {}", n?),
        };
        Ok(won)
    }
}

workflow! {
    /// Twice the first of two answers, with places in the handlers.
    Answers<u32 -> String>(n) {
        let mut all: String = String::new();
        for turn in 0..2 {
            select! {
                said = left(n) => {
                    let more = #[at(after_left)] quick(n + turn).await?;
                    all.push_str(&format!("left {} {more};", said?));
                }
                said = right(n) => all.push_str(&format!("right {};", said?)),
                _both = #[at(both)] async {
                    let a = #[at(a)] left(n).await?;
                    let b = #[at(b)] right(n).await?;
                    Ok(a + &b)
                } => return Ok("both".to_owned()),
            }
        }
        Ok(all)
    }
}

#[tokio::test]
async fn the_first_wins_and_the_others_are_dropped() {
    let app = App::default();
    assert_eq!(Race::run(&app, 1).await.completed().unwrap(), "quick 2");
    assert_eq!(app.dropped.0.load(Ordering::SeqCst), 1);
    assert!(Race::run(&app, 13).await.completed().unwrap_err().to_string().contains("unlucky"));
}

#[tokio::test]
async fn what_was_first_stays_first_after_a_crash() {
    let store = Recording::over(modes::store().await);
    let runtime = modes::driven(Runtime::builder(App::default())).store(store.clone()).register::<Race>().build().await.unwrap();
    let run = runtime.start::<Race>(1).await.unwrap();
    assert_eq!(run.outcome().await.unwrap().completed().unwrap(), "quick 2");
    let (mut before, mut recorded) = (0, 0);
    for state in store.states() {
        let decided = state.frames.get("race/never_quick#0/quick#0").is_some_and(|frame| frame.place == "done");
        let app = App { restarted: Restarted(true), ..App::default() };
        let won = from_snapshot::<Race, _>(&app, state).await.completed().unwrap();
        // The one that is written down wins; before that, the one that is ready first.
        assert_eq!(won, if decided { "quick 2" } else { "never" });
        *if decided { &mut recorded } else { &mut before } += 1;
    }
    assert!(before > 0 && recorded > 0, "{before} {recorded}");
}

#[tokio::test]
async fn what_the_losers_had_open_is_withdrawn() {
    let runtime = modes::runtime(()).await.linger(Duration::ZERO).register::<Answers>().build().await.unwrap();
    let run = runtime.start::<Answers>(1).await.unwrap();
    let pending = run.outcome().await.unwrap().suspended().unwrap();
    let paths: Vec<_> = pending.iter().map(|open| open.path.clone()).collect();
    assert_eq!(
        paths,
        ["answers/left_right_both#0/left#0", "answers/left_right_both#0/right#0", "answers/left_right_both#0/both#0/a#0"]
    );
    let mut rights = pending.all::<right>();
    let mut lefts = pending.all::<left>();
    rights.remove(0).resume("yes".to_owned()).await.unwrap();

    let pending = run.outcome().await.unwrap().suspended().unwrap();
    let late = lefts.remove(0).resume("late".to_owned()).await.unwrap_err();
    assert!(late.is_withdrawn(), "{late}");
    let again = pending.all::<left>().into_iter().find(|open| open.address() == "left_right_both#1/left#0").unwrap();
    again.resume("no".to_owned()).await.unwrap();
    assert_eq!(run.outcome().await.unwrap().completed().unwrap(), "right yes;left no 3;");
}
