#![deny(warnings)]

use flow_runtime::{Provide, StepContext, step, suspend, workflow};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! data {
    ($($item:item)*) => { $(#[derive(Clone, Serialize, Deserialize, JsonSchema)] $item)* };
}

data! {
    struct Brief { topic: String }
    enum Complexity { Low, High }
    struct Research { complexity: Complexity, notes: String }
    struct Outline { title: String }
    struct Seo { words: Vec<String> }
    struct Draft { text: String }
    struct Decision { approved: bool, notes: String }
    struct Article { draft: Draft, summary: String }
}

#[derive(Debug, thiserror::Error)]
#[error("the model failed")]
struct LlmError;

struct Llm;

impl Llm {
    async fn ask(&self, prompt: &str) -> Result<String, LlmError> {
        if prompt.is_empty() { Err(LlmError) } else { Ok(prompt.to_owned()) }
    }
}

#[derive(Provide)]
struct App {
    llm: Llm,
}

#[step(retries = 3, timeout = "2m")]
async fn research(brief: &Brief, #[resource] llm: &Llm) -> Result<Research, LlmError> {
    let complexity = if brief.topic.len() > 20 { Complexity::High } else { Complexity::Low };
    Ok(Research { complexity, notes: llm.ask(&brief.topic).await? })
}

#[step]
async fn outline(research: &Research, #[resource] llm: &Llm) -> Result<Outline, LlmError> {
    Ok(Outline { title: llm.ask(&research.notes).await? })
}

#[step(id = "search_words")]
async fn seo(research: &Research, #[context] cx: &StepContext) -> Result<Seo, LlmError> {
    Ok(Seo { words: vec![research.notes.clone(), cx.path().to_owned()] })
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
fn editor_review(draft: &Draft) -> Draft {
    draft.clone()
}

workflow! {
    /// Researches a brief and turns it into an approved article.
    Content<Brief -> Article>(brief) {
        let research = research(&brief).await?;

        let (outline, seo) = try_join!(outline(&research), seo(&research))?;

        let mut draft = match research.complexity {
            Complexity::Low => draft_simple(&outline, &seo).await?,
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

fn main() {
    let article = async |brief: Brief| {
        let mut parked = Content::run(&App { llm: Llm }, brief).await.suspended().unwrap();
        parked.answer::<editor_review>(Decision { approved: true, notes: String::new() }).unwrap();
        Content::go_on(&App { llm: Llm }, parked).await.completed().map(|article| article.summary)
    };
    let _ = article;
}
