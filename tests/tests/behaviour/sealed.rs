//! Nothing that a run produces can be read in the file of a sealed store.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use flow_runtime::store::{Keys, Sealed, Sqlite, Store};
use flow_runtime::{Error, RunId, RunStatus, Runtime, signal, step, suspend, workflow};
use futures::TryStreamExt;

/// What each value carries.
const MARK: &str = "the-marten-sleeps";

#[step(retries = 1)]
async fn draft(topic: &str) -> Result<String, std::io::Error> {
    Ok(format!("draft of {topic}: {}", "x".repeat(20_000)))
}

#[step(retries = 1)]
async fn print(draft: &str, answer: &str) -> Result<String, std::io::Error> {
    Err(std::io::Error::other(format!("no paper for {} of {}", answer, &draft[..40])))
}

/// Somebody reads it.
#[suspend(resume = String)]
fn review(draft: &str) -> String {
    format!("please read {}", &draft[..60])
}

workflow! {
    /// Carries what it is given through everything that is stored.
    Carries<String -> String>(topic) {
        let draft = draft(&topic).await?;
        let answer = review(&draft).await?;
        let signalled: String = signal::<String>("hurry").await?;
        if answer.contains("print") {
            return Ok(print(&draft, &answer).await?);
        }
        Ok(format!("{topic}, {answer}, {signalled}"))
    }
}

async fn runtime(store: impl Store) -> Runtime<()> {
    let store: Arc<dyn Store> = Arc::new(store);
    let builder = Runtime::builder(()).store(store).linger(Duration::ZERO).lease(Duration::from_millis(300));
    builder.register::<Carries>().build().await.unwrap()
}

fn keys() -> Keys {
    Keys::new("2026", [7; 32])
}

fn sealed(file: &Path) -> Sealed<Sqlite> {
    Sealed::new(Sqlite::open(file).unwrap(), keys())
}

/// Whether a text stands in one of the files beside this one.
fn stands_in_files(file: &Path, text: &str) -> bool {
    fs::read_dir(file.parent().unwrap()).unwrap().any(|entry| {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        bytes.windows(text.len()).any(|part| part == text.as_bytes())
    })
}

/// Takes a run to the end, or to its error, and gives what it said on the way.
async fn carry(runtime: &Runtime<()>, file: &Path, answer: &str, looks: &dyn Fn(&Path)) -> (RunId, Result<String, Error>) {
    let run = runtime.start::<Carries>(format!("topic {MARK}")).key("one").await.unwrap();
    let pending = run.outcome().await.unwrap().suspended().unwrap();
    assert!(pending.one::<review>().unwrap().payload().unwrap().contains(MARK));
    looks(file);
    run.signal("hurry", &format!("signal {MARK}")).await.unwrap();
    pending.one::<review>().unwrap().resume(format!("answer {answer} {MARK}")).await.unwrap();
    looks(file);
    let outcome = run.outcome().await.unwrap().completed();
    looks(file);
    (run.id(), outcome)
}

#[tokio::test]
async fn a_sealed_file_shows_nothing_of_what_was_carried() {
    for answer in ["keep", "print"] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("flow.db");
        let runtime = runtime(sealed(&file)).await;
        let hidden = |file: &Path| assert!(!stands_in_files(file, MARK), "a file of the store shows what a run carried");
        let (run, outcome) = carry(&runtime, &file, answer, &hidden).await;
        let said = match outcome {
            Ok(output) => output,
            Err(error) => error.to_string(),
        };
        assert!(said.contains(MARK), "{said}");
        let history = runtime.history();
        let events = format!("{:?}", history.events(run, 0).await.unwrap());
        assert_eq!(events.contains(MARK), answer == "print", "{events}");
        runtime.shutdown().await.unwrap();
        hidden(&file);
        // Names and places are to be read as they are.
        assert!(stands_in_files(&file, "carries/review#0"));
    }
}

/// The search above finds what is there: without the seal it does.
#[tokio::test]
async fn a_file_that_is_not_sealed_shows_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("flow.db");
    let runtime = runtime(Sqlite::open(&file).unwrap()).await;
    let shown = |file: &Path| assert!(stands_in_files(file, MARK));
    carry(&runtime, &file, "keep", &shown).await.1.unwrap();
}

/// A process without the key can do nothing to a run, and the one that has it goes on.
#[tokio::test]
async fn a_run_waits_for_a_process_that_has_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("flow.db");
    let first = runtime(sealed(&file)).await;
    let run = first.start::<Carries>("tea".to_owned()).await.unwrap();
    run.outcome().await.unwrap().suspended().unwrap();
    let id = run.id();
    first.shutdown().await.unwrap();

    let wrong = runtime(Sealed::new(Sqlite::open(&file).unwrap(), Keys::new("2027", [8; 32]))).await;
    let plain = runtime(Sqlite::open(&file).unwrap()).await;
    for other in [&wrong, &plain] {
        let refusals = [
            other.resume(id, "review#0", "x".into()).await.unwrap_err(),
            other.signal(id, "hurry", &"x").await.unwrap_err(),
            other.run::<Carries>(id).await.unwrap_err(),
            other.snapshot(id).await.unwrap_err(),
        ];
        for error in refusals {
            assert!(error.is_sealed() && error.to_string().contains(&id.to_string()), "{error}");
        }
    }
    wrong.shutdown().await.unwrap();
    plain.shutdown().await.unwrap();

    let rotated = Keys::new("2027", [8; 32]).and("2026", [7; 32]);
    let right = runtime(Sealed::new(Sqlite::open(&file).unwrap(), rotated)).await;
    right.resume(id, "review#0", "keep".into()).await.unwrap();
    right.signal(id, "hurry", &"now").await.unwrap();
    assert_eq!(right.run::<Carries>(id).await.unwrap().outcome().await.unwrap().completed().unwrap(), "tea, keep, now");
}

/// A running run that a process cannot open is left as it is, and does not fail.
#[tokio::test]
async fn a_run_that_cannot_be_opened_does_not_fail() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("flow.db");
    let first = runtime(sealed(&file)).await;
    let run = first.start::<Carries>("tea".to_owned()).await.unwrap();
    let pending = run.outcome().await.unwrap().suspended().unwrap();
    // Answered, and not driven any more: the next process takes it up.
    let id = run.id();
    first.shutdown().await.unwrap();
    pending.one::<review>().unwrap().resume("keep".to_owned()).await.unwrap();

    let wrong = runtime(Sealed::new(Sqlite::open(&file).unwrap(), Keys::new("2027", [8; 32]))).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    wrong.shutdown().await.unwrap();

    let right = runtime(sealed(&file)).await;
    right.signal(id, "hurry", &"now").await.unwrap();
    let run = right.run::<Carries>(id).await.unwrap();
    assert_ne!(run.status().await.unwrap(), RunStatus::Failed);
    assert_eq!(run.outcome().await.unwrap().completed().unwrap(), "tea, keep, now");
    let names: Vec<_> = right.events(id, 0).map_ok(|event| event.fact.name()).try_collect().await.unwrap();
    assert!(!names.contains(&"run.failed"), "{names:?}");
}
