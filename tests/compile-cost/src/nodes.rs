//! A crate of its own among the generated ones: the nodes that their bodies await. A body as a workflow takes them as they
//! are; as an async fn it takes what is in [`plain`].

use std::convert::Infallible;

use flow_runtime::{step, suspend};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct Research {
    pub deep: bool,
    pub facts: Vec<String>,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct Outline {
    pub sources: Vec<String>,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct Seo {
    pub links: Vec<String>,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct Draft {
    pub words: u32,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    pub approved: bool,
    pub notes: String,
}

#[step]
pub async fn research(brief: &str) -> Result<Research, Infallible> {
    Ok(Research { deep: brief.len() > 20, facts: vec![brief.to_owned()] })
}

#[step]
pub async fn outline(research: &Research) -> Result<Outline, Infallible> {
    Ok(Outline { sources: research.facts.clone() })
}

#[step]
pub async fn seo(research: &Research) -> Result<Seo, Infallible> {
    Ok(Seo { links: research.facts.clone() })
}

#[step]
pub async fn draft_simple(outline: &Outline) -> Result<Draft, Infallible> {
    Ok(Draft { words: outline.sources.len() as u32 })
}

#[step]
pub async fn draft_deep(outline: &Outline, seo: &Seo) -> Result<Draft, Infallible> {
    Ok(Draft { words: (outline.sources.len() * seo.links.len()) as u32 })
}

#[step]
pub async fn revise(draft: &Draft, notes: &str) -> Result<Draft, Infallible> {
    Ok(Draft { words: draft.words + notes.len() as u32 })
}

#[step]
pub async fn check(source: &str) -> Result<bool, Infallible> {
    Ok(!source.is_empty())
}

#[step]
pub async fn fetch(link: &str) -> Result<u32, Infallible> {
    Ok(link.len() as u32)
}

#[step]
pub async fn polish(text: &str) -> Result<String, Infallible> {
    Ok(text.trim().to_owned())
}

#[suspend(resume = Decision)]
pub fn review(draft: &Draft) -> Draft {
    draft.clone()
}

/// The same names for a body that is an async fn: nothing of it can wait for somebody.
pub mod plain {
    use std::convert::Infallible;

    pub use super::{check, draft_deep, draft_simple, fetch, outline, polish, research, revise, seo};
    use super::{Decision, Draft};

    pub async fn review(draft: &Draft) -> Result<Decision, Infallible> {
        Ok(Decision { approved: draft.words > 0, notes: String::new() })
    }
}
