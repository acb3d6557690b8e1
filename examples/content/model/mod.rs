//! The language model behind the steps: a server when one is configured, honest extracts when not.

mod answers;
mod error;
mod notes;
mod offline;
mod prompts;
mod rank;
mod remote;
mod schema;
mod sentences;

use crate::types::{Brief, Draft, Outline, Research, Seo, Summary};

pub use error::LlmError;
use remote::Remote;

/// Does the work of each step of the workflow.
#[derive(Clone, Debug)]
pub enum Model {
    /// A server that speaks the chat completions protocol.
    Remote(Box<Remote>),
    /// No model at all: articles are put together from the sentences of the sources.
    Offline,
}

impl Model {
    /// Reads `OPENAI_API_KEY`, `OPENAI_BASE_URL` and `OPENAI_MODEL`; with neither key nor URL the
    /// model is [`Model::Offline`].
    pub fn from_env() -> Result<Self, LlmError> {
        Self::from_vars(|name| std::env::var(name).ok())
    }

    /// As [`Model::from_env`], from any place that knows values by name.
    pub fn from_vars(var: impl Fn(&str) -> Option<String>) -> Result<Self, LlmError> {
        let var = |name| var(name).filter(|value| !value.trim().is_empty());
        match (var("OPENAI_BASE_URL"), var("OPENAI_API_KEY")) {
            (None, None) => Ok(Self::Offline),
            (url, key) => Ok(Self::Remote(Box::new(Remote::new(url, key, var("OPENAI_MODEL"))?))),
        }
    }

    /// One line that says who writes.
    pub fn describe(&self) -> String {
        match self {
            Self::Remote(remote) => format!("model: {remote}"),
            Self::Offline => "model: none (set OPENAI_API_KEY or OPENAI_BASE_URL for one); \
                articles are extracts, word for word, from the sources"
                .into(),
        }
    }

    /// Finds what the sources say about the topic, and how hard the subject is.
    pub async fn research(&self, brief: &Brief) -> Result<Research, LlmError> {
        match self {
            Self::Remote(remote) => remote.research(brief).await,
            Self::Offline => offline::research(brief),
        }
    }

    /// Puts the findings in an order.
    pub async fn outline(&self, research: &Research) -> Result<Outline, LlmError> {
        match self {
            Self::Remote(remote) => remote.outline(research).await,
            Self::Offline => Ok(offline::outline(research)),
        }
    }

    /// Says what a search engine should show.
    pub async fn seo(&self, research: &Research) -> Result<Seo, LlmError> {
        match self {
            Self::Remote(remote) => remote.seo(research).await,
            Self::Offline => Ok(offline::seo(research)),
        }
    }

    /// Writes a plain article along the outline.
    pub async fn draft_simple(&self, outline: &Outline, seo: &Seo) -> Result<Draft, LlmError> {
        match self {
            Self::Remote(remote) => remote.draft_simple(outline, seo).await,
            Self::Offline => Ok(offline::draft_simple(outline, seo)),
        }
    }

    /// Writes an article that goes deeper than the outline, back to the findings.
    pub async fn draft_deep(&self, outline: &Outline, seo: &Seo, research: &Research) -> Result<Draft, LlmError> {
        match self {
            Self::Remote(remote) => remote.draft_deep(outline, seo, research).await,
            Self::Offline => Ok(offline::draft_deep(outline, seo, research)),
        }
    }

    /// Changes a draft as the editor asks; [`Draft::changes`] says what was done.
    pub async fn revise(&self, draft: &Draft, notes: &str) -> Result<Draft, LlmError> {
        match self {
            Self::Remote(remote) => remote.revise(draft, notes).await,
            Self::Offline => Ok(offline::revise(draft, notes)),
        }
    }

    /// Tells a draft in a few sentences.
    pub async fn summarise(&self, draft: &Draft) -> Result<Summary, LlmError> {
        match self {
            Self::Remote(remote) => remote.summarise(draft).await,
            Self::Offline => Ok(offline::summarise(draft)),
        }
    }
}
