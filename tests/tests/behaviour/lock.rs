//! What the lock says of a change, and what a run that was stored before it does: the two agree.

use flow_runtime::store::Sqlite;
use flow_runtime::testing::{LockError, check_resumable};
use flow_runtime::{Definition, Outcome, Runtime, Workflow, suspend};

mod changes;
mod versions;

/// Somebody says go.
#[suspend(resume = bool)]
fn ask(question: &str) -> String {
    question.to_owned()
}

/// Stores a run of the old program at its question, and resumes it by the new one.
async fn resumed<Old, New>() -> Result<(), flow_runtime::Error>
where
    Old: Workflow<()> + Definition<Input = u32> + 'static,
    New: Workflow<()> + Definition<Input = u32> + 'static,
{
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("flow.db");
    let old = Runtime::builder(()).store(Sqlite::open(&file)?).register::<Old>().build().await?;
    let run = old.start::<Old>(7).await?;
    let id = run.id();
    let pending = run.outcome().await?.suspended()?;
    let address = pending.iter().next().unwrap().address().to_owned();
    old.shutdown().await?;

    let new = Runtime::builder(()).store(Sqlite::open(&file)?).register::<New>().build().await?;
    new.resume(id, &address, true.into()).await?;
    let outcome = new.run::<New>(id).await?.outcome().await?;
    new.shutdown().await?;
    if let Outcome::Suspended(pending) = &outcome {
        panic!("{:?} is still open", pending.iter().map(|open| open.address().to_owned()).collect::<Vec<_>>());
    }
    outcome.completed().map(drop)
}

async fn agree<Old, New>(name: &str)
where
    Old: Workflow<()> + Definition<Input = u32> + 'static,
    New: Workflow<()> + Definition<Input = u32> + 'static,
{
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("flow.lock");
    check_resumable::<Old>(&path, true).unwrap();
    check_resumable::<Old>(&path, false).unwrap();
    let verdict = check_resumable::<New>(&path, false);
    let loaded = resumed::<Old, New>().await;
    match (changes::EXPECTED.iter().find(|(known, _)| *known == name).expect("a verdict").1, verdict, loaded) {
        (None, Ok(()), Ok(())) => {}
        (Some(words), Err(LockError::Stranded { changes, .. }), Err(error)) => {
            assert!(error.is_incompatible(), "{error}");
            assert_eq!(changes, [words], "the run says: {error}");
        }
        (Some(words), Err(LockError::Stranded { changes, .. }), Ok(())) if changes::FITS_BY_VALUE.contains(&name) => {
            assert_eq!(changes, [words]);
        }
        (expected, verdict, loaded) => panic!("expected {expected:?}, the lock says {verdict:?}, the run {loaded:?}"),
    }
}

/// A question in a loop, and a step behind it that says under which key it ran.
mod in_a_loop {
    #![allow(unreachable_pub, missing_debug_implementations, missing_docs, reason = "only what is stored counts")]
    use flow_runtime::{StepContext, step};

    use crate::lock::ask;

    #[step]
    pub async fn key(#[context] cx: &StepContext) -> Result<String, std::io::Error> {
        Ok(cx.path().to_owned())
    }

    pub mod old {
        use super::{ask, key};
        flow_runtime::workflow! { pub Flow<u32 -> String>(rounds) {
            let mut keys: Vec<String> = Vec::new();
            while keys.len() < rounds as usize {
                ask("again?").await?;
                let at = key().await?;
                keys.push(at);
            }
            Ok(keys.join(" "))
        } }
    }
    pub mod new {
        use super::{ask, key};
        flow_runtime::workflow! { pub Flow<u32 -> String>(rounds) {
            let mut keys: Vec<String> = Vec::new();
            while keys.len() < rounds as usize {
                #[at(question, was = "ask")] ask("again?").await?;
                let at = #[at(place, was = "key")] key().await?;
                keys.push(at);
            }
            Ok(keys.join(" "))
        } }
    }
}

/// A run that stands at a place of the old name is resumed by the old address; the visits go on counting under the new one.
#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_place_goes_on_counting() {
    use in_a_loop::{new, old};

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("flow.db");
    let runtime = Runtime::builder(()).store(Sqlite::open(&file).unwrap()).register::<old::Flow>().build().await.unwrap();
    let run = runtime.start::<old::Flow>(3).await.unwrap();
    let id = run.id();
    assert_eq!(open(run.outcome().await.unwrap()), ["ask#0"]);
    runtime.resume(id, "ask#0", true.into()).await.unwrap();
    assert_eq!(open(runtime.run::<old::Flow>(id).await.unwrap().outcome().await.unwrap()), ["ask#1"]);
    runtime.shutdown().await.unwrap();

    let runtime = Runtime::builder(()).store(Sqlite::open(&file).unwrap()).register::<new::Flow>().build().await.unwrap();
    let refused = runtime.resume(id, "question#1", true.into()).await.unwrap_err();
    assert!(refused.is_not_suspended(), "{refused}");
    runtime.resume(id, "ask#1", true.into()).await.unwrap();
    assert_eq!(open(runtime.run::<new::Flow>(id).await.unwrap().outcome().await.unwrap()), ["question#2"]);
    runtime.resume(id, "question#2", true.into()).await.unwrap();
    let outcome = runtime.run::<new::Flow>(id).await.unwrap().outcome().await.unwrap();
    assert_eq!(outcome.completed().unwrap(), "flow/key#0 flow/place#1 flow/place#2");
    runtime.shutdown().await.unwrap();
}

fn open(outcome: Outcome<String>) -> Vec<String> {
    outcome.suspended().unwrap().iter().map(|open| open.address().to_owned()).collect()
}

/// A suspension that takes another type than it did.
mod other_answer {
    #![allow(unreachable_pub, missing_debug_implementations, missing_docs, reason = "only what is stored counts")]

    macro_rules! asking {
        ($module:ident, $answer:ty) => {
            pub mod $module {
                #[flow_runtime::suspend(resume = $answer)]
                fn decide(question: &str) -> String {
                    question.to_owned()
                }

                flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
                    let decided = decide("go?").await?;
                    Ok(format!("{decided:?} {input}"))
                } }
            }
        };
    }

    asking!(old, bool);
    asking!(new, String);
    asking!(wider, Option<bool>);
}

/// It was given while no process knew the workflow, and is read by a program that takes another type.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_nobody_has_read_must_still_fit() {
    use other_answer::{new, old, wider};

    let folder = tempfile::tempdir().unwrap();
    let (file, lock) = (folder.path().join("flow.db"), folder.path().join("flow.lock"));
    check_resumable::<old::Flow>(&lock, true).unwrap();
    let Err(LockError::Stranded { changes, .. }) = check_resumable::<new::Flow>(&lock, false) else { panic!("it is refused") };
    assert_eq!(changes, ["`decide` takes `bool`; it is `String` now"]);
    check_resumable::<wider::Flow>(&lock, false).unwrap();

    let runtime = Runtime::builder(()).store(Sqlite::open(&file).unwrap()).register::<old::Flow>().build().await.unwrap();
    let run = runtime.start::<old::Flow>(7).await.unwrap();
    run.outcome().await.unwrap().suspended().unwrap();
    runtime.shutdown().await.unwrap();
    let runtime = Runtime::builder(()).store(Sqlite::open(&file).unwrap()).build().await.unwrap();
    runtime.resume(run.id(), "decide#0", true.into()).await.unwrap();
    runtime.shutdown().await.unwrap();

    let runtime = Runtime::builder(()).store(Sqlite::open(&file).unwrap()).register::<new::Flow>().build().await.unwrap();
    let error = runtime.run::<new::Flow>(run.id()).await.unwrap().outcome().await.unwrap().completed().unwrap_err();
    assert!(error.to_string().contains("expected a string"), "{error}");
    runtime.shutdown().await.unwrap();
    let runtime = Runtime::builder(()).store(Sqlite::open(&file).unwrap()).register::<wider::Flow>().build().await.unwrap();
    runtime.retry(run.id()).await.unwrap();
    let outcome = runtime.run::<wider::Flow>(run.id()).await.unwrap().outcome().await.unwrap();
    assert_eq!(outcome.completed().unwrap(), "Some(true) 7");
    runtime.shutdown().await.unwrap();
}
