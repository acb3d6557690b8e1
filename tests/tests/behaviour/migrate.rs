//! Runs that were stored by an older program, taken up by one that converts what it finds.

use std::path::Path;
use std::sync::Arc;

use flow_runtime::encoded::Encoded;
use flow_runtime::local::Parked;
use flow_runtime::migrate::StoredState;
use flow_runtime::store::{History, Sqlite, ValueId};
use flow_runtime::testing::check_resumable;
use flow_runtime::{Definition, Error, Outcome, Provide, RunId, Runtime, Workflow, step, suspend, workflow};
use tokio::sync::Semaphore;

mod arms;
mod moved;

/// Somebody says go.
#[suspend(resume = bool)]
fn review(text: &str) -> String {
    text.to_owned()
}

/// Ends when the gate lets it.
#[step]
async fn pass(text: &str, #[resource] gate: &Gate) -> Result<String, std::io::Error> {
    gate.0.acquire().await.map_err(std::io::Error::other)?.forget();
    Ok(text.to_owned())
}

#[derive(Clone)]
struct Gate(Arc<Semaphore>);

#[derive(Clone, Provide)]
struct App {
    gate: Gate,
}

impl App {
    fn letting(through: usize) -> Self {
        Self { gate: Gate(Arc::new(Semaphore::new(through))) }
    }
}

async fn runtime<W: Workflow<App> + 'static>(file: &Path, app: &App) -> Runtime<App> {
    let store = Sqlite::open(file).unwrap();
    Runtime::builder(app.clone()).store(store).register::<W>().build().await.unwrap()
}

/// A run of the old program at the first place where something waits.
struct Stored {
    folder: tempfile::TempDir,
    run: RunId,
}

impl Stored {
    async fn by<W: Workflow<App> + Definition<Input = String> + 'static>(input: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = runtime::<W>(&folder.path().join("flow.db"), &App::letting(9)).await;
        let run = runtime.start::<W>(input.to_owned()).await.unwrap();
        run.outcome().await.unwrap().suspended().unwrap();
        runtime.shutdown().await.unwrap();
        Self { run: run.id(), folder }
    }

    async fn runtime<W: Workflow<App> + 'static>(&self) -> Runtime<App> {
        runtime::<W>(&self.folder.path().join("flow.db"), &App::letting(9)).await
    }

    async fn resumed<W: Workflow<App> + 'static>(&self, address: &str) -> Result<Outcome<W::Output>, Error> {
        let runtime = self.runtime::<W>().await;
        runtime.resume(self.run, address, true.into()).await?;
        let outcome = runtime.run::<W>(self.run).await?.outcome().await?;
        runtime.shutdown().await?;
        Ok(outcome)
    }

    async fn retried<W: Workflow<App> + 'static>(&self) -> Result<Outcome<W::Output>, Error> {
        let runtime = self.runtime::<W>().await;
        runtime.retry(self.run).await?;
        let outcome = runtime.run::<W>(self.run).await?.outcome().await?;
        runtime.shutdown().await?;
        Ok(outcome)
    }

    /// The values of the run that have a row of their own.
    async fn rows(&self) -> Vec<(ValueId, Encoded)> {
        Sqlite::open(self.folder.path().join("flow.db")).unwrap().values(self.run).await.unwrap()
    }
}

mod old {
    use super::*;

    workflow! {
        #[workflow(id = "article")]
        pub(super) Article<String -> String>(topic) {
            let mood: String = "calm".to_owned();
            let words: Vec<String> = topic.split(' ').map(str::to_owned).collect();
            let text: String = topic.repeat(2);
            let approved = review(&topic).await?;
            Ok(format!("{mood} {words:?} {text} {approved}"))
        }
    }
}

/// The place has another name, `text` too, `words` another type, `title` is new, `mood` gone.
macro_rules! article {
    ($module:ident, $($migrate:tt)*) => {
        mod $module {
            use super::*;

            workflow! {
                #[workflow(id = "article", $($migrate)*)]
                pub(super) Article<String -> String>(topic) {
                    let title: String = topic.to_uppercase();
                    let words: usize = 0;
                    let body: String = topic.clone();
                    let approved = #[at(second_look)] review(&topic).await?;
                    let body = pass(&body).await?;
                    Ok(format!("{title}, {words} words, {body}, {approved}"))
                }
            }
        }
    };
}

article! { new, migrate = super::upgrade }
article! { without, }
article! { refusing, migrate = super::refuse }
article! { forgetful, migrate = super::forget }
article! { panicking, migrate = super::panic }

fn upgrade(state: &mut StoredState) -> Result<(), Error> {
    assert_eq!((state.workflow(), state.machine(), state.place()), ("article", "article", "review"));
    let words: Vec<String> = state.get("words")?;
    state.set_place("second_look");
    state.set("words", &words.len())?;
    state.set("title", &words.first().cloned().unwrap_or_default())?;
    state.rename("text", "body")?;
    state.remove("mood");
    Ok(())
}

fn refuse(state: &mut StoredState) -> Result<(), Error> {
    state.set_place("second_look");
    Err(Error::new("ask Ada about it"))
}

fn forget(state: &mut StoredState) -> Result<(), Error> {
    state.set_place("second_look");
    state.rename("text", "body")
}

fn panic(_: &mut StoredState) -> Result<(), Error> {
    panic!("out of ideas")
}

fn refused<T: std::fmt::Debug>(outcome: Result<Outcome<T>, Error>) -> String {
    let error = outcome.unwrap().completed().unwrap_err();
    assert!(error.is_incompatible(), "{error}");
    error.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_goes_on_in_the_new_shape() {
    let stored = Stored::by::<old::Article>("low tide").await;
    // What is open keeps the address that somebody was told.
    let outcome = stored.resumed::<new::Article>("review#0").await.unwrap();
    assert_eq!(outcome.completed().unwrap(), "low, 2 words, low tidelow tide, true");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_it_the_run_is_refused_by_name() {
    let stored = Stored::by::<old::Article>("low tide").await;
    let error = refused(stored.resumed::<without::Article>("review#0").await);
    assert!(error.ends_with("the place `review` is gone; there are `start`, `second_look`, `pass`"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_refuses_leaves_the_run_to_a_later_program() {
    let stored = Stored::by::<old::Article>("low tide").await;
    let error = refused(stored.resumed::<refusing::Article>("review#0").await);
    assert!(error.ends_with("`migrate` refuses what is stored: ask Ada about it"), "{error}");
    let error = refused(stored.retried::<forgetful::Article>().await);
    assert!(error.ends_with("after `migrate`: the stored place `second_look` has no variable `title`"), "{error}");
    let error = refused(stored.retried::<panicking::Article>().await);
    assert!(error.ends_with("`migrate` panicked: out of ideas"), "{error}");
    // Nothing of that was written: the old program takes it up too.
    let outcome = stored.retried::<new::Article>().await.unwrap();
    assert_eq!(outcome.completed().unwrap(), "low, 2 words, low tidelow tide, true");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_refusal_the_old_program_takes_it_up_too() {
    let stored = Stored::by::<old::Article>("low tide").await;
    refused(stored.resumed::<forgetful::Article>("review#0").await);
    let outcome = stored.retried::<old::Article>().await.unwrap();
    assert_eq!(outcome.completed().unwrap(), "calm [\"low\", \"tide\"] low tidelow tide true");
}

#[tokio::test(flavor = "multi_thread")]
async fn large_values_keep_their_rows_or_lose_them() {
    let topic = "tide ".repeat(300);
    let stored = Stored::by::<old::Article>(topic.trim()).await;
    let before = stored.rows().await;
    assert_eq!(before.len(), 2, "`words` and `text`");

    let runtime = runtime::<new::Article>(&stored.folder.path().join("flow.db"), &App::letting(0)).await;
    runtime.resume(stored.run, "review#0", true.into()).await.unwrap();
    until_at(&runtime, stored.run, "pass").await;
    let text = before.iter().find(|(_, value)| value.decode::<String>().is_ok()).cloned().unwrap();
    assert_eq!(stored.rows().await, [text], "`body` has the row of `text`, and that of `words` is gone");
    runtime.app().gate.0.add_permits(1);
    let outcome = runtime.run::<new::Article>(stored.run).await.unwrap().outcome().await.unwrap();
    assert!(outcome.completed().unwrap().starts_with("tide, 300 words, tide tide"));
    runtime.shutdown().await.unwrap();
}

/// What was made of the state is stored with the transition; the function is asked no more.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_converted_is_stored() {
    let stored = Stored::by::<old::Article>("low tide").await;
    let new = runtime::<new::Article>(&stored.folder.path().join("flow.db"), &App::letting(0)).await;
    new.resume(stored.run, "review#0", true.into()).await.unwrap();
    until_at(&new, stored.run, "pass").await;
    new.shutdown().await.unwrap();

    let runtime = stored.runtime::<without::Article>().await;
    let outcome = runtime.run::<without::Article>(stored.run).await.unwrap().outcome().await.unwrap();
    assert_eq!(outcome.completed().unwrap(), "low, 2 words, low tidelow tide, true");
    runtime.shutdown().await.unwrap();
}

#[tokio::test]
async fn without_a_runtime_too() {
    let parked = old::Article::run(&App::letting(9), "low tide".to_owned()).await.suspended().unwrap();
    let text = serde_json::to_string(&parked).unwrap();
    let mut parked: Parked = serde_json::from_str(&text).unwrap();
    parked.answer::<review>(true).unwrap();
    let outcome = new::Article::go_on(&App::letting(9), parked).await;
    assert_eq!(outcome.completed().unwrap(), "low, 2 words, low tidelow tide, true");
}

/// The lock reads types: it names the way out, and the change is accepted by hand.
#[test]
fn the_lock_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("article.lock");
    check_resumable::<old::Article>(&path, true).unwrap();
    let said = check_resumable::<new::Article>(&path, false).unwrap_err().to_string();
    assert!(said.contains("; make the old states fit in the `migrate` of the workflow.\n"), "{said}");
    assert!(said.ends_with("or no run is in flight, accept the change with `FLOW_LOCK=accept`"), "{said}");
    let said = check_resumable::<without::Article>(&path, false).unwrap_err().to_string();
    assert!(said.contains("; make the old states fit with `#[workflow(migrate = from_older)]`.\n"), "{said}");
    check_resumable::<new::Article>(&path, true).unwrap();
    check_resumable::<without::Article>(&path, false).unwrap();
}

/// Until a machine of the run stands there.
async fn until_at(runtime: &Runtime<App>, run: RunId, place: &str) {
    for _ in 0..500 {
        if runtime.snapshot(run).await.unwrap().frames.values().any(|frame| frame.place == place) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the run never came to `{place}`");
}

fn open<T>(outcome: &Outcome<T>) -> Vec<String> {
    let Outcome::Suspended(pending) = outcome else { panic!("the run waits") };
    pending.iter().map(|open| open.address().to_owned()).collect()
}
