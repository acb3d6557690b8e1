//! A secret is carried through a run, and nobody sees it.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use flow_runtime::store::{Memory, RunFilter, Sqlite, Store};
use flow_runtime::{Error, Outcome, Runtime, Secret, StepContext, local, signal, step, suspend, workflow};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What nobody is to see, one for each way into a run.
const PASSWORDS: [&str; 5] = ["hunter-input", "hunter-made", "hunter-shown", "hunter-answer", "hunter-signal"];

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Login {
    name: String,
    password: Secret<String>,
}

/// Makes a secret.
#[step]
async fn token(login: &Login) -> Result<Secret<String>, std::io::Error> {
    Ok(format!("{} {}", login.password.expose(), PASSWORDS[1]).into())
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Question {
    name: String,
    hint: Secret<String>,
}

/// Asks somebody for a second factor.
#[suspend(resume = Secret<String>)]
fn second_factor(login: &Login) -> Question {
    Question { name: login.name.clone(), hint: PASSWORDS[2].to_owned().into() }
}

/// Fails once with all it was given in its words, as `Debug` gives it.
#[step(retries = 1)]
async fn enter(
    login: &Login,
    token: &Secret<String>,
    answers: (Secret<String>, Secret<String>),
    #[context] cx: &StepContext,
) -> Result<String, std::io::Error> {
    tracing::info!(?login, ?token, ?answers, "enters");
    if cx.attempt() == 0 || login.name == "nobody" {
        return Err(std::io::Error::other(format!("refused {login:?} {token:?} {answers:?}")));
    }
    Ok([login.password.expose(), token.expose(), answers.0.expose(), answers.1.expose()].map(String::as_str).join(" "))
}

workflow! {
    /// Carries secrets in each way that there is.
    Enters<Login -> Secret<String>>(login) {
        let token = token(&login).await?;
        let answer = second_factor(&login).await?;
        let signalled: Secret<String> = signal::<Secret<String>>("code").await?;
        let all = enter(&login, &token, (answer, signalled)).await?;
        Ok(Secret::new(all))
    }
}

fn login(name: &str) -> Login {
    Login { name: name.to_owned(), password: PASSWORDS[0].to_owned().into() }
}

fn everything() -> String {
    let [input, made, _, answer, signal] = PASSWORDS;
    format!("{input} {input} {made} {answer} {signal}")
}

async fn runtime(store: Arc<dyn Store>) -> Runtime<()> {
    let builder = Runtime::builder(()).store(store).linger(Duration::ZERO).reload_every_transition(true);
    builder.register::<Enters>().build().await.unwrap()
}

fn is_hidden(what: &str, shown: &str) {
    for password in PASSWORDS {
        assert!(!shown.contains(password), "{what} shows `{password}`: {shown}");
    }
}

fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

/// All that can be read of a run without naming a type.
async fn look(runtime: &Runtime<()>, run: flow_runtime::RunId) -> String {
    let history = runtime.history();
    let snapshot = runtime.snapshot(run).await.unwrap();
    let row = history.run(run).await.unwrap().unwrap();
    let (events, open) = (history.events(run, 0).await.unwrap(), history.suspensions(run).await.unwrap());
    let values = history.values(run).await.unwrap();
    let inbox = history.inbox(run).await.unwrap();
    let debug = format!("{snapshot:?} {row:?} {events:?} {open:?} {values:?} {inbox:?}");
    let rows = runtime.runs(RunFilter::default()).await.unwrap();
    [debug, text(&snapshot), text(&row), text(&events), text(&open), text(&values), text(&rows)].join("\n")
}

/// Takes a run to its end, a new process before each answer.
async fn enter_as(name: &str, store: Arc<dyn Store>) -> Result<Secret<String>, Error> {
    let runtime = runtime(store.clone()).await;
    let run = runtime.start::<Enters>(login(name)).await.unwrap();
    let pending = run.outcome().await.unwrap().suspended().unwrap();
    is_hidden("the first wait", &look(&runtime, run.id()).await);
    is_hidden("what is pending", &format!("{pending:?} {:?}", pending.one::<second_factor>().unwrap()));
    let error = pending.one::<second_factor>().unwrap().payload().unwrap_err();
    assert!(error.to_string().contains("`[secret]` stands for a value"), "{error}");
    let id = run.id();
    runtime.shutdown().await.unwrap();

    let runtime = self::runtime(store.clone()).await;
    runtime.signal(id, "code", &Secret::new(PASSWORDS[4])).await.unwrap();
    runtime.pending(id).await.unwrap().one::<second_factor>().unwrap().resume(PASSWORDS[3].to_owned().into()).await.unwrap();
    let run = runtime.run::<Enters>(id).await.unwrap();
    let outcome = run.outcome().await.unwrap().completed();
    is_hidden("the end", &format!("{} {outcome:?}", look(&runtime, id).await));
    if let Err(error) = &outcome {
        is_hidden("the error", &error.to_string());
    }
    outcome
}

/// What is logged.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_secret_is_carried_and_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let stores: [Arc<dyn Store>; 2] =
        [Arc::new(Memory::default()), Arc::new(Sqlite::open(folder.path().join("flow.db")).unwrap())];
    let lines = Lines::default();
    let logged = lines.clone();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || logged.clone()).finish();
    // Where there is one subscriber, `tracing` asks only the thread that comes to a line first whether it is wanted, and that may be
    // the thread of another test. Where there are two, it asks both.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let _logs = tracing::subscriber::set_default(subscriber);
    for store in stores {
        assert_eq!(enter_as("ada", store.clone()).await.unwrap().expose(), &everything());
        let error = enter_as("nobody", store).await.unwrap_err();
        assert!(error.is_step() && error.to_string().contains("[secret]"), "{error}");
    }
    let lines = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(lines.contains("enters") && lines.contains("[secret]"), "{lines}");
    is_hidden("the log", &lines);
}

/// What a person gives as JSON is a plain text.
#[tokio::test]
async fn a_person_answers_with_plain_json() {
    let runtime = runtime(Arc::new(Memory::default())).await;
    let input = serde_json::from_value(json!({ "name": "ada", "password": PASSWORDS[0] })).unwrap();
    let run = runtime.start::<Enters>(input).await.unwrap();
    run.outcome().await.unwrap().suspended().unwrap();
    for hidden in [json!("[secret]"), json!(17)] {
        let error = runtime.resume(run.id(), "second_factor#0", hidden).await.unwrap_err();
        assert!(error.is_invalid_payload(), "{error}");
    }
    runtime.resume(run.id(), "second_factor#0", json!(PASSWORDS[3])).await.unwrap();
    runtime.signal(run.id(), "code", &PASSWORDS[4]).await.unwrap();
    let output = run.outcome().await.unwrap().completed().unwrap();
    assert_eq!(output.expose(), &everything());
    is_hidden("the end", &look(&runtime, run.id()).await);
}

/// Without a runtime: MessagePack keeps the values, JSON does not, and says so.
#[tokio::test]
async fn what_is_parked_goes_on_from_message_pack() {
    let Outcome::Suspended(mut parked) = local::run::<Enters, _>(&(), login("ada")).await else { panic!("it waits") };
    parked.answer::<second_factor>(PASSWORDS[3].to_owned().into()).unwrap();
    parked.signal("code", &Secret::new(PASSWORDS[4])).unwrap();
    is_hidden("what is parked", &format!("{parked:?} {}", text(&parked)));

    let kept = rmp_serde::from_slice(&rmp_serde::to_vec_named(&parked).unwrap()).unwrap();
    let output = local::go_on::<Enters, _>(&(), kept).await.completed().unwrap();
    assert_eq!(output.expose(), &everything());

    let shown = serde_json::from_str(&text(&parked)).unwrap();
    let error = local::go_on::<Enters, _>(&(), shown).await.completed().unwrap_err();
    assert!(error.to_string().contains("`[secret]` stands for a value that was not written here"), "{error}");
}
