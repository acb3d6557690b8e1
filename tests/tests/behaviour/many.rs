//! `join_all!` and `try_join_all!`: one arm for each item.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use flow_runtime::local::from_snapshot;
use flow_runtime::store::Sqlite;
use flow_runtime::{Error, Provide, Runtime, StepContext, StepError, step, suspend, workflow};
use tests::modes;
use tests::recording::Recording;

#[derive(Default)]
struct Gauge {
    now: AtomicUsize,
    most: AtomicUsize,
    begun: AtomicUsize,
}

#[derive(Default, Provide)]
struct App {
    gauge: Gauge,
}

/// Takes a moment, so that others may begin meanwhile.
#[step]
async fn fetch(page: u32, #[resource] gauge: &Gauge) -> Result<u32, Error> {
    gauge.begun.fetch_add(1, Ordering::SeqCst);
    let now = gauge.now.fetch_add(1, Ordering::SeqCst) + 1;
    gauge.most.fetch_max(now, Ordering::SeqCst);
    for _ in 0..page % 5 + 1 {
        tokio::task::yield_now().await;
    }
    gauge.now.fetch_sub(1, Ordering::SeqCst);
    if page == 666 { Err(Error::new("no such page")) } else { Ok(page * 2) }
}

#[step]
async fn key(word: &str, #[context] cx: &StepContext) -> Result<String, Error> {
    Ok(format!("{word}@{}", cx.path()))
}

#[suspend(resume = u32)]
fn count(word: &str) -> String {
    word.to_owned()
}

workflow! {
    Fetched<Vec<u32> -> Vec<u32>>(pages) {
        try_join_all!(&pages, |page| fetch(*page), limit = 16)
    }
}

workflow! {
    Outcomes<Vec<u32> -> Vec<String>>(pages) {
        let results = join_all!(pages.iter(), |page| fetch(*page));
        let text = |result: Result<u32, StepError>| result.map_or_else(|error| error.to_string(), |n| n.to_string());
        Ok(results.into_iter().map(text).collect())
    }
}

workflow! {
    /// Several nodes in an arm, a join and a suspension among them, twice.
    Words<Vec<String> -> Vec<String>>(words) {
        let mut all: Vec<String> = Vec::new();
        for round in 0..2 {
            let some: Vec<String> = #[at(word)] try_join_all!(words.iter().enumerate(), |(index, word)| async {
                let first = key(word).await?;
                let n = count(&first).await?;
                let (left, right) = try_join!(#[at(left)] key(word), #[at(right)] key("x"))?;
                Ok(format!("{round}.{index} {first} {n} {left} {right}"))
            }, limit = 2)?;
            all.extend(some);
        }
        Ok(all)
    }
}

workflow! {
    Counts<Vec<String> -> u32>(words) {
        let counts = try_join_all!(&words, |word| count(word), limit = 4)?;
        Ok(counts.iter().sum())
    }
}

#[tokio::test]
async fn outputs_come_in_the_order_of_the_items() {
    let app = App::default();
    assert_eq!(Fetched::run(&app, vec![5, 3, 9]).await.completed().unwrap(), [10, 6, 18]);
    assert_eq!(Fetched::run(&app, vec![]).await.completed().unwrap(), Vec::<u32>::new());
    let failed = Fetched::run(&app, vec![1, 666, 3]).await.completed().unwrap_err();
    assert!(failed.to_string().contains("no such page"), "{failed}");
    let outcomes = Outcomes::run(&app, vec![1, 666, 3]).await.completed().unwrap();
    assert_eq!((&*outcomes[0], &*outcomes[2]), ("2", "6"));
    assert!(outcomes[1].contains("no such page"), "{outcomes:?}");
}

#[tokio::test]
async fn ten_thousand_items_never_run_more_than_the_limit() {
    let pages: Vec<u32> = (0..10_000).map(|page| page % 600).collect();
    let doubled: Vec<u32> = pages.iter().map(|page| page * 2).collect();
    let app = App::default();
    assert_eq!(Fetched::run(&app, pages.clone()).await.completed().unwrap(), doubled);
    assert_eq!(app.gauge.most.load(Ordering::SeqCst), 16);

    let runtime = modes::runtime(App::default()).await.register::<Fetched>().build().await.unwrap();
    let run = runtime.start::<Fetched>(pages).await.unwrap();
    assert_eq!(run.outcome().await.unwrap().completed().unwrap(), doubled);
    assert_eq!(runtime.app().gauge.most.load(Ordering::SeqCst), 16);
    assert_eq!(runtime.app().gauge.begun.load(Ordering::SeqCst), 10_000);
}

#[tokio::test]
async fn a_waiting_arm_gives_its_slot_back() {
    let runtime = modes::runtime(()).await.register::<Counts>().build().await.unwrap();
    let words: Vec<String> = (0..300).map(|n| format!("word {n}")).collect();
    let run = runtime.start::<Counts>(words).await.unwrap();
    let pending = run.outcome().await.unwrap().suspended().unwrap().all::<count>();
    assert_eq!(pending.len(), 300, "with four slots all of them are open");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_hundred_arms_are_resumed_at_once() {
    let folder = tempfile::tempdir().unwrap();
    for (round, linger) in [Duration::ZERO, Duration::from_secs(5)].into_iter().enumerate() {
        let store = Sqlite::open(folder.path().join(format!("{round}.db"))).unwrap();
        let runtime = Runtime::builder(()).store(store).linger(linger).register::<Counts>().build().await.unwrap();
        let words = (0..300).map(|n| n.to_string()).collect();
        let run = runtime.start::<Counts>(words).await.unwrap();
        let answers = run
            .outcome()
            .await
            .unwrap()
            .suspended()
            .unwrap()
            .all::<count>()
            .into_iter()
            .map(|open| tokio::spawn(async move { open.resume(open.payload().unwrap().parse().unwrap()).await.unwrap() }));
        for answer in answers.collect::<Vec<_>>() {
            answer.await.unwrap();
        }
        assert_eq!(run.outcome().await.unwrap().completed().unwrap(), 299 * 300 / 2);
        runtime.shutdown().await.unwrap();
    }
}

async fn all_answered(store: Recording) -> (Vec<String>, Vec<String>) {
    let builder = modes::driven(Runtime::builder(())).store(store).reload_every_transition(true).linger(Duration::ZERO);
    let runtime = builder.register::<Words>().build().await.unwrap();
    let run = runtime.start::<Words>(["a", "b", "c"].map(str::to_owned).to_vec()).await.unwrap();
    let mut paths = Vec::new();
    loop {
        match run.outcome().await.unwrap() {
            flow_runtime::Outcome::Suspended(pending) => {
                for open in pending.all::<count>() {
                    paths.push(open.address().to_owned());
                    open.resume(paths.len() as u32).await.unwrap();
                }
            }
            outcome => return (outcome.completed().unwrap(), paths),
        }
    }
}

#[tokio::test]
async fn every_item_and_every_visit_has_a_path_of_its_own() {
    let store = Recording::over(modes::store().await);
    let (words, paths) = all_answered(store.clone()).await;
    let open: Vec<String> = (0..2).flat_map(|visit| (0..3).map(move |item| format!("word#{visit}[{item}]/count#0"))).collect();
    assert_eq!(paths, open);
    assert_eq!(
        words[0],
        "0.0 a@words/word#0[0]/key#0 1 a@words/word#0[0]/left_right#0/left#0 x@words/word#0[0]/left_right#0/right#0"
    );
    assert_eq!(words[5].split(' ').next(), Some("1.2"));

    let mut open = 0;
    for state in store.states() {
        let again = serde_json::from_str(&serde_json::to_string(&state).unwrap()).unwrap();
        match from_snapshot::<Words, _>(&(), again).await {
            flow_runtime::Outcome::Suspended(_) => open += 1,
            outcome => assert_eq!(outcome.completed().unwrap(), words),
        }
    }
    assert!(open > 6, "states with something open: {open}");
}

#[tokio::test]
async fn a_finished_item_never_runs_again() {
    let (store, pages) = (Recording::over(modes::store().await), vec![4, 0, 3, 1, 2]);
    let builder = modes::driven(Runtime::builder(App::default())).store(store.clone()).reload_every_transition(true);
    let run = builder.register::<Fetched>().build().await.unwrap().start::<Fetched>(pages.clone()).await.unwrap();
    let doubled = run.outcome().await.unwrap().completed().unwrap();
    let mut most = 0;
    for state in store.states() {
        let done = state.frames.iter().filter(|(path, frame)| path.contains('[') && frame.place == "done").count();
        let app = App::default();
        assert_eq!(from_snapshot::<Fetched, _>(&app, state).await.completed().unwrap(), doubled);
        assert_eq!(app.gauge.begun.load(Ordering::SeqCst), pages.len() - done);
        most = most.max(done);
    }
    assert_eq!(most, pages.len());
}

/// A thread that blocks on a run gets its budget from tokio only between two polls.
#[test]
fn arms_that_use_their_budget_up_let_the_thread_go_on() {
    #[step]
    async fn spend(n: u32) -> Result<u32, Error> {
        for _ in 0..9 {
            tokio::task::consume_budget().await;
        }
        Ok(n)
    }
    workflow! {
        Spend<u32 -> u32>(items) {
            let numbers: Vec<u32> = (0..items).collect();
            let spent = try_join_all!(&numbers, |n| spend(*n))?;
            Ok(spent.iter().sum())
        }
    }
    let (done, ends) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let tokio = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let _ = done.send(tokio.block_on(Spend::run(&(), 500)).completed().unwrap());
    });
    assert_eq!(ends.recv_timeout(Duration::from_secs(30)), Ok(499 * 250));
}
