//! Suspensions that somebody must answer before a time.

use std::time::{Duration, SystemTime};

use flow_runtime::store::{History, Sqlite, Store, WaitsFor};
use flow_runtime::testing::{Clock, PostgresServer};
use flow_runtime::{Error, Outcome, Run, Runtime, Suspension, Workflow, local, sleep, suspend, workflow};
use serde_json::json;
use tests::modes;

const DAY: Duration = Duration::from_secs(24 * 3600);

#[suspend(resume = String, deadline = "7d")]
fn review(text: &str) -> String {
    format!("please read: {text}")
}

#[suspend(resume = serde_json::Value, deadline = "1ms")]
fn hurry() -> u32 {
    1
}

workflow! {
    Strict<String -> String>(text) {
        let answer = review(&text).await?;
        Ok(answer)
    }
}

workflow! {
    Lenient<String -> String>(text) {
        let mut asked: u32 = 0;
        loop {
            asked += 1;
            match review(&text).await {
                Ok(answer) => break Ok(format!("{answer} after {asked}")),
                Err(error) if error.is_expired() && asked < 3 => {}
                Err(error) => break Ok(format!("gave up: {error}")),
            }
        }
    }
}

workflow! {
    Readers<Vec<String> -> Vec<Option<String>>>(texts) {
        let read = join_all!(&texts, |text| review(text));
        Ok(read.into_iter().map(Result::ok).collect())
    }
}

workflow! {
    Raced<String -> String>(text) {
        let read: String = select! {
            read = review(&text) => read.unwrap_or_else(|_| "expired".to_owned()),
            _ = sleep(2 * DAY) => "slept".to_owned(),
        };
        let again = #[at(again)] review(&read).await?;
        Ok(again)
    }
}

workflow! {
    Hurried<() -> String>(_nothing) {
        let seen = match hurry().await {
            Ok(answer) => answer.to_string(),
            Err(error) => error.to_string(),
        };
        Ok(seen)
    }
}

async fn runtime(store: impl Store, clock: &Clock) -> Runtime<()> {
    let builder = modes::driven(Runtime::builder(())).store(store).clock(clock).linger(Duration::ZERO);
    let builder = builder.register::<Strict>().register::<Lenient>().register::<Readers>();
    builder.register::<Raced>().build().await.unwrap()
}

/// Waits until the run stands at a question, and gives it.
async fn asked<W>(run: &Run<W>, address: &str) -> Suspension<review> {
    loop {
        if let Ok(open) = run.pending().await.unwrap().at::<review>(address) {
            return open;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Waits until the run has ended, however often it parks before.
async fn ended<W: Workflow<()>>(run: &Run<W>) -> Result<W::Output, Error> {
    loop {
        match run.outcome().await.unwrap() {
            Outcome::Completed(output) => return Ok(output),
            Outcome::Failed(error) => return Err(error),
            _ => tokio::time::sleep(Duration::from_millis(1)).await,
        }
    }
}

#[tokio::test]
async fn an_answer_in_time_is_the_value() {
    let clock = Clock::new();
    let store = modes::store().await;
    let runtime = runtime(store.clone(), &clock).await;
    let run = runtime.start::<Strict>("a text".to_owned()).await.unwrap();
    let open = asked(&run, "review#0").await;
    assert_eq!(open.payload().unwrap(), "please read: a text");
    clock.advance(6 * DAY);
    open.resume("good".to_owned()).await.unwrap();
    assert_eq!(run.outcome().await.unwrap().completed().unwrap(), "good");
    assert!(store.timers(10).await.unwrap().is_empty(), "the deadline of an answered suspension is gone");
}

#[tokio::test]
async fn with_a_question_mark_the_run_fails_by_name() {
    let clock = Clock::new();
    let runtime = runtime(modes::store().await, &clock).await;
    let run = runtime.start::<Strict>("a text".to_owned()).await.unwrap();
    let open = asked(&run, "review#0").await;
    clock.advance_to_next().await;
    let error = ended(&run).await.unwrap_err();
    assert!(error.is_expired(), "{error:?}");
    assert!(error.to_string().contains("nobody answered `review` before its `deadline`"), "{error}");
    let late = open.resume("too late".to_owned()).await.unwrap_err();
    assert!(late.is_already_resumed() || late.is_withdrawn(), "{late}");
    let facts: Vec<_> = runtime.history().events(run.id(), 0).await.unwrap().iter().map(|row| row.fact.name()).collect();
    assert!(facts.contains(&"timer.set") && facts.contains(&"timer.fired"), "{facts:?}");
}

async fn asks_three_times(store: impl Store) {
    let clock = Clock::new();
    let runtime = runtime(store, &clock).await;
    let run = runtime.start::<Lenient>("a text".to_owned()).await.unwrap();
    let other = runtime.start::<Lenient>("another".to_owned()).await.unwrap();
    for address in ["review#0", "review#1"] {
        asked(&run, address).await;
        asked(&other, address).await;
        clock.advance_to_next().await;
    }
    let open = asked(&other, "review#2").await;
    asked(&run, "review#2").await;
    open.resume("good".to_owned()).await.unwrap();
    assert_eq!(other.outcome().await.unwrap().completed().unwrap(), "good after 3");
    clock.advance_to_next().await;
    let gave_up = ended(&run).await.unwrap();
    assert_eq!(gave_up, "gave up: nobody answered `review` before its `deadline`");
}

#[tokio::test]
async fn a_matched_deadline_is_a_value_in_memory() {
    asks_three_times(modes::store().await).await;
}

#[tokio::test]
async fn a_matched_deadline_is_a_value_in_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    asks_three_times(Sqlite::open(folder.path().join("flow.db")).unwrap()).await;
}

#[tokio::test]
async fn a_matched_deadline_is_a_value_in_postgres() {
    let Some(server) = PostgresServer::shared() else { return };
    asks_three_times(server.store().await.unwrap()).await;
}

#[tokio::test]
async fn a_deadline_passes_while_no_process_is_up() {
    let folder = tempfile::tempdir().unwrap();
    let (clock, path) = (Clock::new(), folder.path().join("flow.db"));
    let down = runtime(Sqlite::open(&path).unwrap(), &clock).await;
    let run = down.start::<Lenient>("a text".to_owned()).await.unwrap();
    asked(&run, "review#0").await;
    let due = clock.now() + 7 * DAY;
    down.shutdown().await.unwrap();
    clock.advance(30 * DAY);

    let up = runtime(Sqlite::open(&path).unwrap(), &clock).await;
    let run = up.run::<Lenient>(run.id()).await.unwrap();
    asked(&run, "review#1").await;
    let [next] = up.history().timers(10).await.unwrap().try_into().unwrap();
    assert!(next.due > due + 22 * DAY, "the second week begins when the first question is over");
    up.shutdown().await.unwrap();
}

#[tokio::test]
async fn each_arm_has_its_own() {
    let clock = Clock::new();
    let runtime = runtime(modes::store().await, &clock).await;
    let run = runtime.start::<Readers>(vec!["a".to_owned(), "b".to_owned(), "c".to_owned()]).await.unwrap();
    asked(&run, "review#0[2]").await;
    asked(&run, "review#0[1]").await.resume("read".to_owned()).await.unwrap();
    clock.advance(8 * DAY);
    assert_eq!(ended(&run).await.unwrap(), [None, Some("read".to_owned()), None]);
}

#[tokio::test]
async fn a_withdrawn_one_never_fires() {
    let clock = Clock::new();
    let runtime = runtime(modes::store().await, &clock).await;
    let run = runtime.start::<Raced>("a".to_owned()).await.unwrap();
    asked(&run, "review_sleep#0/review#0").await;
    assert_eq!(runtime.history().timers(10).await.unwrap().len(), 2);
    clock.advance_to_next().await;
    assert_eq!(asked(&run, "again#0").await.payload().unwrap(), "please read: slept");
    assert_eq!(runtime.history().timers(10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn without_a_runtime_it_is_kept_in_what_is_parked() {
    let Outcome::Suspended(parked) = local::run::<Strict, ()>(&(), "a text".to_owned()).await else { panic!("it waits") };
    let [open] = &parked.pending[..] else { panic!("one is open") };
    assert!(matches!(open.waits_for, WaitsFor::AnswerUntil { due } if due > SystemTime::now() + 6 * DAY));
    let mut parked: local::Parked = serde_json::from_value(serde_json::to_value(&parked).unwrap()).unwrap();
    parked.answer::<review>("good".to_owned()).unwrap();
    assert_eq!(local::go_on::<Strict, ()>(&(), parked).await.completed().unwrap(), "good");

    let Outcome::Suspended(parked) = local::run::<Hurried, ()>(&(), ()).await else { panic!("it waits") };
    tokio::time::sleep(Duration::from_millis(5)).await;
    let gave = local::go_on::<Hurried, ()>(&(), parked).await;
    assert_eq!(gave.completed().unwrap(), "nobody answered `hurry` before its `deadline`");
}

#[tokio::test]
async fn nobody_answers_in_the_words_of_a_deadline() {
    let runtime =
        Runtime::builder(()).store(modes::store().await).clock(&Clock::new()).register::<Hurried>().build().await.unwrap();
    let run = runtime.start::<Hurried>(()).await.unwrap();
    while run.pending().await.unwrap().one::<hurry>().is_err() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let error = runtime.resume(run.id(), "hurry#0", json!({ "flow.fired": true })).await.unwrap_err();
    assert!(error.is_invalid_payload(), "{error}");
    runtime.resume(run.id(), "hurry#0", json!({ "flow": "fired" })).await.unwrap();
    assert_eq!(run.outcome().await.unwrap().completed().unwrap(), r#"{"flow":"fired"}"#);
}
