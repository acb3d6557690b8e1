use flow_runtime::{Provide, StepContext, step, suspend, workflow};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Brief {
    pub topic: String,
    pub words: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub enum Complexity {
    Low,
    High,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Research {
    pub complexity: Complexity,
    pub notes: Option<String>,
    pub pages: Vec<Page>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Page {
    pub address: String,
    pub title: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Draft {
    pub body: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    pub approved: bool,
    pub remarks: String,
}

#[derive(Debug, thiserror::Error)]
#[error("the model failed")]
pub struct LlmError;

pub struct Llm;

#[derive(Provide)]
pub struct App {
    pub llm: Llm,
}

impl Page {
    pub fn summary(&self) -> String {
        self.title.clone()
    }
}

/// Finds what is known about a topic.
#[step(retries = 3, timeout = "2m")]
pub async fn research(brief: &Brief, #[resource] llm: &Llm) -> Result<Research, LlmError> {
    let _ = (brief, llm);
    Err(LlmError)
}

/// Writes along the findings.
#[step]
pub async fn compose(research: &Research, #[resource] llm: &Llm, #[context] cx: &StepContext) -> Result<Draft, LlmError> {
    let first = research.pages.first();
    let _ = (first, llm, cx);
    Err(LlmError)
}

/// Reads one page.
#[step]
pub async fn fetch(page: &Page) -> Result<Page, std::io::Error> {
    Ok(page.clone())
}

/// Writes it again.
#[step]
pub async fn revise(draft: &Draft, remarks: &str) -> Result<Draft, LlmError> {
    let _ = remarks;
    Ok(draft.clone())
}

/// An editor approves the draft or says what to change.
#[suspend(resume = Decision)]
pub fn review(draft: &Draft) -> Draft {
    draft.clone()
}

workflow! {
    /// Writes a draft until it is approved.
    pub Polish<Draft -> Draft>(draft) {
        let mut draft = draft;
        let mut decision = review(&draft).await?;
        while !decision.approved {
            draft = revise(&draft, &decision.remarks).await?;
            decision = #[at(again)] review(&draft).await?;
        }
        Ok(draft)
    }
}
