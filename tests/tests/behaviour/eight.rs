//! Eight arms of one node, answered at the same moment by eight tasks, in the process that began and after a restart.

use flow_runtime::store::Sqlite;
use flow_runtime::{Run, Runtime, suspend, workflow};

/// Somebody says a number.
#[suspend(resume = u32)]
fn number(which: u32) -> u32 {
    which
}

workflow! {
    Eight<u32 -> u32>(first) {
        let (a, b, c, d, e, f, g, h) = try_join!(
            #[at(a)] number(first),
            #[at(b)] number(first + 1),
            #[at(c)] number(first + 2),
            #[at(d)] number(first + 3),
            #[at(e)] number(first + 4),
            #[at(f)] number(first + 5),
            #[at(g)] number(first + 6),
            #[at(h)] number(first + 7),
        )?;
        Ok(a + b + c + d + e + f + g + h)
    }
}

async fn runtime(file: &std::path::Path) -> Runtime<()> {
    let store = Sqlite::open(file).unwrap();
    Runtime::builder(()).store(store).linger(std::time::Duration::ZERO).register::<Eight>().build().await.unwrap()
}

/// Answers all eight at once, each twice; of each pair one is accepted.
async fn answered(run: &Run<Eight>) -> u32 {
    let open = run.outcome().await.unwrap().suspended().unwrap().all::<number>();
    assert_eq!(open.len(), 8);
    let clicks = open.into_iter().map(|open| {
        tokio::spawn(async move {
            let shown = open.payload().unwrap();
            let clicks = tokio::join!(open.resume(shown), open.resume(shown));
            let refused = [clicks.0, clicks.1].into_iter().filter_map(Result::err).collect::<Vec<_>>();
            assert_eq!(refused.len(), 1, "{refused:?}");
            assert!(refused[0].is_already_resumed(), "{refused:?}");
        })
    });
    for click in clicks.collect::<Vec<_>>() {
        click.await.unwrap();
    }
    run.outcome().await.unwrap().completed().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_finish_in_one_process_and_after_a_restart() {
    for round in 0..10 {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("flow.db");
        let first = runtime(&file).await;
        let here = first.start::<Eight>(round).await.unwrap();
        assert_eq!(answered(&here).await, 8 * round + 28);

        let later = first.start::<Eight>(round + 1).await.unwrap().id();
        first.run::<Eight>(later).await.unwrap().outcome().await.unwrap().suspended().unwrap();
        first.shutdown().await.unwrap();
        drop(first);

        let second = runtime(&file).await;
        assert_eq!(answered(&second.run::<Eight>(later).await.unwrap()).await, 8 * (round + 1) + 28);
        second.shutdown().await.unwrap();
    }
}
