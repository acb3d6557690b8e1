//! The steps and types that the programs beside this folder use.
#![allow(dead_code, unused_imports)]

pub use std::collections::VecDeque;
pub use std::time::Duration;

pub use flow_runtime::{Error, Pending, Provide, step, suspend, workflow};
pub use schemars::JsonSchema;
pub use serde::{Deserialize, Serialize};

macro_rules! data {
    ($($item:item)*) => { $(#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)] $item)* };
}

data! {
    pub struct Brief { pub topic: String }
    pub enum Complexity { Low, High }
    pub struct Research { pub complexity: Complexity, pub notes: Option<String> }
    pub struct Outline { pub title: String }
    pub struct Seo { pub words: Vec<String> }
    pub struct Draft { pub text: String }
    pub struct Decision { pub approved: bool, pub notes: String }
    pub struct Article { pub draft: Draft, pub summary: String }
}

#[derive(Debug, thiserror::Error)]
#[error("the model failed")]
pub struct LlmError;

pub struct Llm;

#[derive(Provide)]
pub struct App {
    pub llm: Llm,
}

#[step]
pub async fn research(brief: &Brief, #[resource] llm: &Llm) -> Result<Research, LlmError> {
    let (_, _) = (brief, llm);
    Err(LlmError)
}

#[step]
pub async fn outline(research: &Research) -> Result<Outline, LlmError> {
    Ok(Outline { title: format!("{research:?}") })
}

#[step]
pub async fn seo(research: &Research) -> Result<Seo, LlmError> {
    Ok(Seo { words: vec![format!("{research:?}")] })
}

#[step]
pub async fn draft(outline: &Outline, seo: &Seo) -> Result<Draft, LlmError> {
    Ok(Draft { text: format!("{outline:?} {seo:?}") })
}

#[step]
pub async fn revise(draft: &Draft, notes: &str) -> Result<Draft, LlmError> {
    Ok(Draft { text: format!("{draft:?} {notes}") })
}

#[step]
pub async fn publish(draft: Draft) -> Result<Article, LlmError> {
    Ok(Article { draft, summary: String::new() })
}

#[step]
pub async fn check(draft: &Draft) -> Result<bool, LlmError> {
    Ok(draft.text.is_empty())
}

/// An editor approves the draft or says what to change.
#[suspend(resume = Decision)]
pub fn editor_review(draft: &Draft) -> Draft {
    draft.clone()
}
