//! The workflow. Each step lets the model do the work; what the workflow adds is in the body of `Content`.

use flow_runtime::{Provide, StepContext, StepError, step, suspend, workflow};

use crate::hooks::observed;
use crate::model::Model;
use crate::types::{Article, Brief, Complexity, Decision, Draft, Outline, Research, ReviewRequest, Seo, Summary};

/// What the steps need.
#[derive(Debug, Provide)]
pub struct Desk {
    pub model: Model,
}

/// Finds what the sources say about the topic.
#[step(retries = 3, backoff = "200ms..2s", timeout = "2m")]
async fn research(brief: &Brief, #[resource] model: &Model, #[context] cx: &StepContext) -> Result<Research, StepError> {
    observed(cx, model.research(brief)).await
}

/// Puts the findings in an order.
#[step(retries = 3, backoff = "200ms..2s", timeout = "2m")]
async fn outline(research: &Research, #[resource] model: &Model, #[context] cx: &StepContext) -> Result<Outline, StepError> {
    observed(cx, model.outline(research)).await
}

/// Says what a search engine should show.
#[step(retries = 3, backoff = "200ms..2s", timeout = "2m")]
async fn seo(research: &Research, #[resource] model: &Model, #[context] cx: &StepContext) -> Result<Seo, StepError> {
    observed(cx, model.seo(research)).await
}

/// Writes a plain article along the outline.
#[step(retries = 3, backoff = "200ms..2s", timeout = "2m")]
async fn draft_simple(
    outline: &Outline,
    seo: &Seo,
    #[resource] model: &Model,
    #[context] cx: &StepContext,
) -> Result<Draft, StepError> {
    observed(cx, model.draft_simple(outline, seo)).await
}

/// Writes an article that goes back to the findings.
#[step(retries = 3, backoff = "200ms..2s", timeout = "2m")]
async fn draft_deep(
    outline: &Outline,
    seo: &Seo,
    research: &Research,
    #[resource] model: &Model,
    #[context] cx: &StepContext,
) -> Result<Draft, StepError> {
    observed(cx, model.draft_deep(outline, seo, research)).await
}

/// Changes a draft as the editor wishes.
#[step(retries = 3, backoff = "200ms..2s", timeout = "2m")]
async fn revise(draft: &Draft, notes: &str, #[resource] model: &Model, #[context] cx: &StepContext) -> Result<Draft, StepError> {
    observed(cx, model.revise(draft, notes)).await
}

/// Says in a few sentences what the article says.
#[step(retries = 3, backoff = "200ms..2s", timeout = "2m")]
async fn summarise(draft: &Draft, #[resource] model: &Model, #[context] cx: &StepContext) -> Result<Summary, StepError> {
    observed(cx, model.summarise(draft)).await
}

/// An editor approves the draft or says what to change.
#[suspend(resume = Decision)]
pub fn editor_review(draft: &Draft) -> ReviewRequest {
    ReviewRequest { draft: draft.clone() }
}

workflow! {
    /// Researches a brief and turns it into an approved article.
    pub Content<Brief -> Article>(brief) {
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
