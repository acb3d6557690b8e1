//! What is written grows with what is produced: a value that is kept is written once, a `Log` by what is added.

use flow_runtime::store::{History, Sqlite, Store};
use flow_runtime::{Error, Log, Outcome, Runtime, Workflow, step, suspend, workflow};
use tests::counting::Counting;
use tests::modes;
use tests::recording::goes_on_from_every_state;

#[step]
async fn answer(history: &[String]) -> Result<String, Error> {
    Ok(format!("{:0>100}", history.len()))
}

/// Gives the list back.
#[step]
async fn looked_through(history: Log<String>) -> Result<Log<String>, Error> {
    Ok(history)
}

#[suspend(resume = String)]
fn ask(so_far: usize) -> usize {
    so_far
}

workflow! {
    Chat<usize -> usize>(turns) {
        let mut history: Log<String> = Log::new();
        while history.len() < turns {
            let said = answer(&history).await?;
            history.push(said);
        }
        Ok(history.len())
    }
}

workflow! {
    Plain<usize -> usize>(turns) {
        let mut history: Vec<String> = Vec::new();
        while history.len() < turns {
            let said = answer(&history).await?;
            history.push(said);
        }
        Ok(history.len())
    }
}

#[step]
async fn research(letters: usize) -> Result<String, Error> {
    Ok("x".repeat(letters))
}

workflow! {
    Keeps<usize -> usize>(turns) {
        let text = research(100_000).await?;
        let mut lines: Vec<String> = Vec::new();
        for turn in 0..turns {
            let line = answer(&lines[..turn.min(1)]).await?;
            if lines.is_empty() {
                lines.push(line);
            }
        }
        Ok(text.len())
    }
}

workflow! {
    Moved<usize -> String>(turns) {
        let mut history: Log<String> = Log::new();
        for turn in 0..turns {
            let said = answer(&history).await?;
            history.push(said);
            if turn % 7 == 6 {
                history = looked_through(history).await?;
            }
        }
        let mut last: String = String::new();
        for line in &history {
            last = #[at(again)]
            answer(std::slice::from_ref(line)).await?;
        }
        Ok(format!("{} {last}", history.join("").len()))
    }
}

workflow! {
    Interview<usize -> Vec<String>>(turns) {
        let mut history: Log<String> = Log::new();
        for turn in 0..turns {
            let said = ask(turn).await?;
            history.push(said);
        }
        #[at(more)]
        ask(turns).await?;
        Ok(history.into_vec())
    }
}

/// The bytes that a run of so many turns writes.
async fn written<W: Workflow<(), Input = usize>>(turns: usize) -> u64 {
    let store = Counting::new(modes::store().await);
    let runtime = modes::driven(Runtime::builder(())).store(store.clone()).register::<W>().build().await.unwrap();
    runtime.start::<W>(turns).await.unwrap().outcome().await.unwrap().completed().unwrap();
    store.bytes()
}

#[tokio::test]
async fn what_is_written_grows_with_what_is_added() {
    let (short, long) = (written::<Chat>(100).await / 100, written::<Chat>(3000).await / 3000);
    assert!(long * 2 <= short * 3, "{short} bytes a turn of 100, {long} a turn of 3000");
    let plain = written::<Plain>(300).await / 300;
    assert!(plain > long * 10, "a `Vec` costs its length each turn: {plain}");
    // One that was moved through a step is still known.
    let (short, long) = (written::<Moved>(100).await / 100, written::<Moved>(1000).await / 1000);
    assert!(long * 2 <= short * 3, "{short} bytes a turn of 100, {long} a turn of 1000");
}

#[tokio::test]
async fn a_value_that_is_kept_is_written_once() {
    let (short, long) = (written::<Keeps>(10).await, written::<Keeps>(200).await);
    assert!((100_000..120_000).contains(&short), "{short} bytes");
    assert!(long < 200_000, "{long} bytes");
}

#[tokio::test]
async fn it_goes_on_from_every_state() {
    goes_on_from_every_state::<Chat, _>(|| (), 30, |_| unreachable!()).await;
    goes_on_from_every_state::<Moved, _>(|| (), 30, |_| unreachable!()).await;
}

async fn interviewer(store: impl Store) -> Runtime<()> {
    modes::driven(Runtime::builder(())).store(store).register::<Interview>().build().await.unwrap()
}

#[tokio::test]
async fn each_chunk_is_a_row_that_stays() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Sqlite::open(folder.path().join("flow.db")).unwrap();
    let store = open();
    let mut runtime = interviewer(store.clone()).await;
    let run = runtime.start::<Interview>(50).await.unwrap();
    let id = run.id();
    let mut before = Vec::new();
    for turn in 0..50 {
        let Outcome::Suspended(pending) = runtime.run::<Interview>(id).await.unwrap().outcome().await.unwrap() else { panic!() };
        runtime.resume(id, pending.iter().next().unwrap().address(), format!("{turn:0>100}").into()).await.unwrap();
        if turn % 10 == 9 {
            runtime.shutdown().await.unwrap();
            runtime = interviewer(open()).await;
        }
        let rows = store.values(id).await.unwrap();
        assert!(rows.starts_with(&before), "{} rows, and {} before", rows.len(), before.len());
        before = rows;
    }
    assert!((8..=10).contains(&before.len()), "{}", before.len());
    let run = runtime.run::<Interview>(id).await.unwrap();
    let Outcome::Suspended(pending) = run.outcome().await.unwrap() else { panic!() };
    runtime.resume(id, pending.iter().next().unwrap().address(), "".into()).await.unwrap();
    let history = run.outcome().await.unwrap().completed().unwrap();
    assert!(history.iter().cloned().eq((0..50).map(|turn| format!("{turn:0>100}"))));
    assert!(store.values(id).await.unwrap().is_empty());
    runtime.shutdown().await.unwrap();
}
