//! What the lock says of a change, and what a run that was stored before it does: the two agree.

use flow_runtime::store::Sqlite;
use flow_runtime::testing::{LockError, check_resumable};
use flow_runtime::{Definition, Outcome, Runtime, Workflow, suspend};

/// Somebody says go.
#[suspend(resume = bool)]
fn ask(question: &str) -> String {
    question.to_owned()
}

/// The workflow as it was, and as it is after a change.
macro_rules! change {
    ($name:ident { $($old:tt)* } => { $($new:tt)* }) => {
        mod $name {
            #![allow(unused, unreachable_pub, missing_debug_implementations, missing_docs, reason = "only what is stored counts")]
            pub mod old {
                use crate::lock::ask;
                use serde::{Deserialize, Serialize};
                $($old)*
            }
            pub mod new {
                use crate::lock::ask;
                use serde::{Deserialize, Serialize};
                $($new)*
            }
            #[tokio::test(flavor = "multi_thread")]
            async fn lock_and_loader_agree() {
                super::agree::<old::Flow, new::Flow>(stringify!($name)).await;
            }
        }
    };
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
    match (EXPECTED.iter().find(|(known, _)| *known == name).expect("a verdict").1, verdict, loaded) {
        (None, Ok(()), Ok(())) => {}
        (Some(words), Err(LockError::Stranded { changes, .. }), Err(error)) => {
            assert!(error.is_incompatible(), "{error}");
            assert_eq!(changes, [words], "the run says: {error}");
        }
        (expected, verdict, loaded) => panic!("expected {expected:?}, the lock says {verdict:?}, the run {loaded:?}"),
    }
}

/// What is said of each change below; nothing, where runs go on.
const EXPECTED: &[(&str, Option<&str>)] = &[
    ("code_between", None),
    ("new_place", None),
    ("dead_variable", None),
    ("field_with_default", None),
    ("field_gone", None),
    ("new_variant", None),
    ("wider_number", None),
    ("optional", None),
    ("place_renamed", None),
    ("join_renamed", None),
    ("arm_is_a_block", None),
    ("arm_is_a_node", None),
    ("place_gone", Some("the place `ask` is gone; if it has another name now: `#[at(new, was = \"ask\")]`")),
    ("variable_renamed", Some("`ask` keeps `sum: u32` now, which stored runs do not have")),
    ("other_type", Some("`ask` keeps `total: u32`; it is `String` now")),
    ("field_type", Some("`ask` keeps `draft: Draft`; `Draft.words` was `u32` and is now `String`")),
    ("new_field", Some("`ask` keeps `draft: Draft`; `Draft.title` is new and has no default")),
    ("denied_field", Some("`ask` keeps `draft: Draft`; `Draft.words` is gone, and fields that are not known are refused")),
    ("variant_gone", Some("`ask` keeps `tone: Tone`; `Tone` had the variant `Loud`, which is gone")),
    ("arm_gone", Some("the arm `flow/both/b` is gone")),
    ("join_is_a_step", Some("the arm `flow/both/a` is gone")),
    ("arm_of_renamed_join", Some("`flow/both/a/ask` keeps `total: u32`; it is `String` now")),
    ("finished_arm", Some("`flow/a_b/b/done` keeps `output: u32`; it is `String` now")),
    ("runs_now", Some("`ask` was a suspension and is now a step")),
];

change! { code_between {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u32 = input + 1;
        ask("go?").await?;
        Ok(total.to_string())
    } }
} => {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u32 = if input > 9 { 2 } else { input };
        ask("shall we go?").await?;
        Ok(format!("{total} pieces"))
    } }
} }

change! { new_place {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u32 = input + 1;
        ask("go?").await?;
        Ok(total.to_string())
    } }
} => {
    #[flow_runtime::step]
    async fn second(n: u32) -> Result<u32, std::io::Error> {
        Ok(n)
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u32 = input + 1;
        ask("go?").await?;
        second(total).await?;
        Ok(total.to_string())
    } }
} }

change! { dead_variable {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u32 = input + 1;
        ask("go?").await?;
        Ok(total.to_string())
    } }
} => {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        ask("go?").await?;
        Ok(String::new())
    } }
} }

change! { place_gone {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u32 = input + 1;
        ask("go?").await?;
        Ok(total.to_string())
    } }
} => {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u32 = input + 1;
        #[at(question)] ask("go?").await?;
        Ok(total.to_string())
    } }
} }

change! { variable_renamed {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u32 = input + 1;
        ask("go?").await?;
        Ok(total.to_string())
    } }
} => {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let sum: u32 = input + 1;
        ask("go?").await?;
        Ok(sum.to_string())
    } }
} }

change! { other_type {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u32 = input + 1;
        ask("go?").await?;
        Ok(total.to_string())
    } }
} => {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: String = input.to_string();
        ask("go?").await?;
        Ok(total)
    } }
} }

change! { wider_number {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u32 = u32::MAX - input;
        ask("go?").await?;
        Ok(total.to_string())
    } }
} => {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u64 = u64::from(input);
        ask("go?").await?;
        Ok(total.to_string())
    } }
} }

change! { optional {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u32 = input + 1;
        ask("go?").await?;
        Ok(total.to_string())
    } }
} => {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: Option<u32> = Some(input);
        ask("go?").await?;
        Ok(format!("{total:?}"))
    } }
} }

change! { field_with_default {
    #[derive(Serialize, Deserialize, schemars::JsonSchema)]
    pub struct Draft {
        pub text: String,
        pub words: u32,
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let draft: Draft = Draft { text: input.to_string(), words: 3 };
        ask("go?").await?;
        Ok(draft.text)
    } }
} => {
    #[derive(Serialize, Deserialize, schemars::JsonSchema)]
    pub struct Draft {
        pub text: String,
        pub words: u32,
        pub title: Option<String>,
        #[serde(default)]
        pub pages: u32,
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let draft: Draft = Draft { text: input.to_string(), words: 3, title: None, pages: 1 };
        ask("go?").await?;
        Ok(draft.text)
    } }
} }

change! { field_gone {
    #[derive(Serialize, Deserialize, schemars::JsonSchema)]
    pub struct Draft {
        pub text: String,
        pub words: u32,
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let draft: Draft = Draft { text: input.to_string(), words: 3 };
        ask("go?").await?;
        Ok(draft.text)
    } }
} => {
    #[derive(Serialize, Deserialize, schemars::JsonSchema)]
    pub struct Draft {
        pub text: String,
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let draft: Draft = Draft { text: input.to_string() };
        ask("go?").await?;
        Ok(draft.text)
    } }
} }

change! { field_type {
    #[derive(Serialize, Deserialize, schemars::JsonSchema)]
    pub struct Draft {
        pub text: String,
        pub words: u32,
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let draft: Draft = Draft { text: input.to_string(), words: 3 };
        ask("go?").await?;
        Ok(draft.text)
    } }
} => {
    #[derive(Serialize, Deserialize, schemars::JsonSchema)]
    pub struct Draft {
        pub text: String,
        pub words: String,
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let draft: Draft = Draft { text: input.to_string(), words: String::new() };
        ask("go?").await?;
        Ok(draft.text)
    } }
} }

change! { new_field {
    #[derive(Serialize, Deserialize, schemars::JsonSchema)]
    pub struct Draft {
        pub text: String,
        pub words: u32,
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let draft: Draft = Draft { text: input.to_string(), words: 3 };
        ask("go?").await?;
        Ok(draft.text)
    } }
} => {
    #[derive(Serialize, Deserialize, schemars::JsonSchema)]
    pub struct Draft {
        pub text: String,
        pub words: u32,
        pub title: String,
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let draft: Draft = Draft { text: input.to_string(), words: 3, title: String::new() };
        ask("go?").await?;
        Ok(draft.text)
    } }
} }

change! { denied_field {
    #[derive(Serialize, Deserialize, schemars::JsonSchema)]
    pub struct Draft {
        pub text: String,
        pub words: u32,
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let draft: Draft = Draft { text: input.to_string(), words: 3 };
        ask("go?").await?;
        Ok(draft.text)
    } }
} => {
    #[derive(Serialize, Deserialize, schemars::JsonSchema)]
    #[serde(deny_unknown_fields)]
    pub struct Draft {
        pub text: String,
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let draft: Draft = Draft { text: input.to_string() };
        ask("go?").await?;
        Ok(draft.text)
    } }
} }

change! { new_variant {
    #[derive(Serialize, Deserialize, schemars::JsonSchema)]
    pub enum Tone {
        Loud,
        Soft,
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let tone: Tone = Tone::Loud;
        ask("go?").await?;
        Ok(match tone { Tone::Loud => "l".into(), Tone::Soft => "s".into() })
    } }
} => {
    #[derive(Serialize, Deserialize, schemars::JsonSchema)]
    pub enum Tone {
        Soft,
        Odd(u32),
        Loud,
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let tone: Tone = Tone::Soft;
        ask("go?").await?;
        Ok(match tone { Tone::Loud => "l".into(), Tone::Soft => "s".into(), Tone::Odd(n) => n.to_string() })
    } }
} }

change! { variant_gone {
    #[derive(Serialize, Deserialize, schemars::JsonSchema)]
    pub enum Tone {
        Loud,
        Soft,
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let tone: Tone = Tone::Loud;
        ask("go?").await?;
        Ok(match tone { Tone::Loud => "l".into(), Tone::Soft => "s".into() })
    } }
} => {
    #[derive(Serialize, Deserialize, schemars::JsonSchema)]
    pub enum Tone {
        Soft,
        Odd,
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let tone: Tone = Tone::Soft;
        ask("go?").await?;
        Ok(match tone { Tone::Soft => "s".into(), Tone::Odd => "o".into() })
    } }
} }

change! { runs_now {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u32 = input + 1;
        ask("go?").await?;
        Ok(total.to_string())
    } }
} => {
    #[flow_runtime::step]
    async fn go(question: &str) -> Result<usize, std::io::Error> {
        Ok(question.len())
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u32 = input + 1;
        #[at(ask)] go("go?").await?;
        Ok(total.to_string())
    } }
} }

change! { place_renamed {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u32 = input + 1;
        ask("go?").await?;
        Ok(total.to_string())
    } }
} => {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u32 = input + 1;
        #[at(question, was = "ask")] ask("go?").await?;
        Ok(total.to_string())
    } }
} }

change! { join_renamed {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u32 = input + 1;
        let _ = try_join!(#[at(a)] ask("a?"), #[at(b)] async { Ok::<u32, flow_runtime::Error>(total) })?;
        Ok(total.to_string())
    } }
} => {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let total: u32 = input + 1;
        let _ = #[at(both, was = "a_b")] try_join!(#[at(a)] ask("a?"), #[at(b)] async { Ok::<u32, flow_runtime::Error>(total) })?;
        Ok(total.to_string())
    } }
} }

change! { arm_gone {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let _ = #[at(both)] try_join!(#[at(a)] ask("a?"), #[at(b)] ask("b?"))?;
        Ok(input.to_string())
    } }
} => {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let _ = #[at(both)] try_join!(#[at(a)] ask("a?"), #[at(c)] ask("c?"))?;
        Ok(input.to_string())
    } }
} }

change! { join_is_a_step {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let _ = #[at(both)] try_join!(#[at(a)] ask("a?"))?;
        Ok(input.to_string())
    } }
} => {
    #[flow_runtime::step]
    async fn go(question: &str) -> Result<usize, std::io::Error> {
        Ok(question.len())
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        #[at(both)] go("a?").await?;
        Ok(input.to_string())
    } }
} }

change! { arm_is_a_block {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let _ = #[at(both)] try_join!(#[at(a)] ask("a?"))?;
        Ok(input.to_string())
    } }
} => {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let _ = #[at(both)] try_join!(#[at(a)] async {
            ask("a?").await?;
            Ok::<u32, flow_runtime::Error>(2)
        })?;
        Ok(input.to_string())
    } }
} }

change! { arm_is_a_node {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let _ = #[at(both)] try_join!(#[at(a)] async {
            ask("a?").await?;
            Ok::<u32, flow_runtime::Error>(2)
        })?;
        Ok(input.to_string())
    } }
} => {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let _ = #[at(both)] try_join!(#[at(a)] ask("a?"))?;
        Ok(input.to_string())
    } }
} }

change! { arm_of_renamed_join {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let _ = #[at(both)] try_join!(#[at(a)] async {
            let total: u32 = input + 1;
            ask("a?").await?;
            Ok::<String, flow_runtime::Error>(total.to_string())
        })?;
        Ok(input.to_string())
    } }
} => {
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let _ = #[at(sides, was = "both")] try_join!(#[at(a)] async {
            let total: String = input.to_string();
            ask("a?").await?;
            Ok::<String, flow_runtime::Error>(total)
        })?;
        Ok(input.to_string())
    } }
} }

change! { finished_arm {
    #[flow_runtime::step]
    async fn count(n: u32) -> Result<u32, std::io::Error> {
        Ok(n)
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let _ = try_join!(#[at(a)] ask("a?"), #[at(b)] count(input))?;
        Ok(input.to_string())
    } }
} => {
    #[flow_runtime::step]
    async fn count(n: u32) -> Result<String, std::io::Error> {
        Ok(n.to_string())
    }
    flow_runtime::workflow! { pub Flow<u32 -> String>(input) {
        let _ = try_join!(#[at(a)] ask("a?"), #[at(b)] count(input))?;
        Ok(input.to_string())
    } }
} }

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
