//! Workflows in workflows, three deep, on apps of any type.

use std::marker::PhantomData;

use flow_runtime::{Error, Provide, step, suspend, workflow};
use tests::modes;

struct Llm<M>(PhantomData<M>);
struct Fast;

trait Model: Send + Sync + 'static {
    const NAME: &'static str;
}

impl Model for Fast {
    const NAME: &'static str = "fast";
}

#[derive(Default)]
struct Prefix(String);

/// An app that is generic over its model.
#[derive(Provide)]
struct App<M> {
    prefix: Prefix,
    llm: Llm<M>,
}

/// What the step needs is a trait object, provided by hand.
trait Ask: Send + Sync {
    fn ask(&self, text: &str) -> String;
}

impl<M: Model> Ask for Llm<M> {
    fn ask(&self, text: &str) -> String {
        format!("{}:{text}", M::NAME)
    }
}

impl<M: Model> Provide<dyn Ask> for App<M> {
    fn provide(&self) -> &(dyn Ask + 'static) {
        &self.llm
    }
}

#[step]
async fn ask(text: &str, #[resource] llm: &dyn Ask, #[resource] prefix: &Prefix) -> Result<String, Error> {
    Ok(format!("{}{}", prefix.0, llm.ask(text)))
}

#[suspend(resume = bool)]
fn approve(text: &str) -> String {
    text.to_owned()
}

workflow! {
    Inner<String -> String>(text) {
        let mut text: String = text;
        while !approve(&text).await? {
            text = ask(&text).await?;
        }
        Ok(text)
    }
}

workflow! {
    Middle<Vec<String> -> Vec<String>>(texts) {
        try_join_all!(&texts, |text| Inner(text.clone()))
    }
}

workflow! {
    Outer<String -> String>(text) {
        let (left, right) = try_join!(
            #[at(left)] Middle(vec![text.clone(), "b".to_owned()]),
            #[at(right)] Middle(vec![format!("{text}!")]),
        )?;
        Ok(format!("{left:?} {right:?}"))
    }
}

workflow! {
    /// Needs nothing of its app.
    Plain<u32 -> u32>(n) { Ok(n + 1) }
}

#[tokio::test]
async fn three_deep_on_a_generic_app() {
    let app = App { prefix: Prefix("> ".to_owned()), llm: Llm(PhantomData::<Fast>) };
    let builder = modes::runtime(app).await.reload_every_transition(true);
    let runtime = builder.register::<Outer>().build().await.unwrap();
    let run = runtime.start::<Outer>("a".to_owned()).await.unwrap();
    let mut asked = Vec::new();
    loop {
        match run.outcome().await.unwrap() {
            flow_runtime::Outcome::Suspended(pending) => {
                for open in pending.all::<approve>() {
                    asked.push(open.address().to_owned());
                    let text = open.payload().unwrap();
                    open.resume(text.starts_with('>')).await.unwrap();
                }
            }
            outcome => {
                let done = outcome.completed().unwrap();
                assert_eq!(done, r#"["> fast:a", "> fast:b"] ["> fast:a!"]"#);
                break;
            }
        }
    }
    asked.sort();
    asked.dedup();
    assert_eq!(asked.len(), 6, "{asked:?}");
    assert!(asked.contains(&"left_right#0/left#0/middle#0/inner#0[1]/inner#0/approve#1".to_owned()), "{asked:?}");
}

#[tokio::test]
async fn a_workflow_that_needs_nothing_runs_on_any_app() {
    assert_eq!(Plain::run(&(), 1).await.completed().unwrap(), 2);
    assert_eq!(Plain::run(&App { prefix: Prefix::default(), llm: Llm(PhantomData::<Fast>) }, 1).await.completed().unwrap(), 2);
}
