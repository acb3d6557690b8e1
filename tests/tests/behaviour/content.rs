//! The workflow of the README, with steps that only compute.

use flow_runtime::{Provide, StepContext, step, suspend, workflow};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! data {
    ($($item:item)*) => { $(#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)] $item)* };
}

data! {
    pub(crate) struct Brief { pub(crate) topic: String }
    pub(crate) enum Complexity { Low, High }
    pub(crate) struct Research { pub(crate) complexity: Complexity, pub(crate) notes: String }
    pub(crate) struct Outline { pub(crate) title: String }
    pub(crate) struct Seo { pub(crate) words: Vec<String> }
    pub(crate) struct Draft { pub(crate) text: String }
    pub(crate) struct ReviewRequest { pub(crate) draft: Draft }
    pub(crate) struct Decision { pub(crate) approved: bool, pub(crate) notes: String }
    pub(crate) struct Article { pub(crate) draft: Draft, pub(crate) summary: String }
}

#[derive(Debug, thiserror::Error)]
#[error("the model failed")]
pub(crate) struct LlmError;

#[derive(Default)]
pub(crate) struct Llm(std::sync::Mutex<Vec<String>>);

impl Llm {
    fn log(&self, what: &str) {
        self.0.lock().unwrap().push(what.to_owned());
    }
}

#[derive(Provide, Default)]
pub(crate) struct App {
    llm: Llm,
}

impl App {
    pub(crate) fn log(&self) -> Vec<String> {
        self.llm.0.lock().unwrap().clone()
    }
}

#[step(retries = 3, timeout = "2m")]
async fn research(brief: &Brief, #[resource] llm: &Llm) -> Result<Research, LlmError> {
    llm.log("research");
    Ok(Research { complexity: Complexity::High, notes: format!("notes on {}", brief.topic) })
}

#[step]
async fn outline(research: &Research, #[resource] llm: &Llm) -> Result<Outline, LlmError> {
    llm.log("outline");
    Ok(Outline { title: research.notes.clone() })
}

#[step]
async fn seo(research: &Research, #[resource] llm: &Llm, #[context] cx: &StepContext) -> Result<Seo, LlmError> {
    llm.log(cx.path());
    Ok(Seo { words: research.notes.split(' ').map(str::to_owned).collect() })
}

#[step]
async fn draft_simple(outline: &Outline, seo: &Seo) -> Result<Draft, LlmError> {
    Ok(Draft { text: format!("{} {:?}", outline.title, seo.words) })
}

#[step]
async fn draft_deep(outline: &Outline, seo: &Seo, research: &Research) -> Result<Draft, LlmError> {
    Ok(Draft { text: format!("{} {:?} {}", outline.title, seo.words, research.notes) })
}

#[step]
async fn revise(draft: &Draft, notes: &str) -> Result<Draft, LlmError> {
    Ok(Draft { text: format!("{} [{notes}]", draft.text) })
}

#[step]
async fn summarise(draft: &Draft) -> Result<String, LlmError> {
    Ok(draft.text.chars().take(5).collect())
}

/// An editor approves the draft or says what to change.
#[suspend(resume = Decision)]
fn editor_review(draft: &Draft) -> ReviewRequest {
    ReviewRequest { draft: draft.clone() }
}

workflow! {
    /// Researches a brief and turns it into an approved article.
    pub(crate) Content<Brief -> Article>(brief) {
        let research = research(&brief).await?;

        let (outline, seo) = try_join!(outline(&research), seo(&research))?;

        let mut draft = match research.complexity {
            Complexity::Low  => draft_simple(&outline, &seo).await?,
            Complexity::High => draft_deep(&outline, &seo, &research).await?,
        };

        let mut decision = editor_review(&draft).await?;
        while !decision.approved {
            draft = revise(&draft, &decision.notes).await?;
            decision = #[at(second_look)] editor_review(&draft).await?;
        }

        let summary = summarise(&draft).await?;
        Ok(Article { draft, summary })
    }
}

#[tokio::test]
async fn runs_without_a_runtime() {
    let app = App::default();
    let mut parked = Content::run(&app, Brief { topic: "tides".into() }).await.suspended().unwrap();
    parked.answer::<editor_review>(Decision { approved: false, notes: "shorter".into() }).unwrap();
    let mut parked = Content::go_on(&app, parked).await.suspended().unwrap();
    parked.answer::<editor_review>(Decision { approved: true, notes: String::new() }).unwrap();
    let article = Content::go_on(&app, parked).await.completed().unwrap();
    assert_eq!(article.draft.text, "notes on tides [\"notes\", \"on\", \"tides\"] notes on tides [shorter]");
    assert_eq!(*app.llm.0.lock().unwrap(), ["research", "outline", "content/outline_seo#0/seo#0"]);
}
