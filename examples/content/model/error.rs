//! What can go wrong between a step and its model.

use async_openai::error::OpenAIError;

/// Why a step got no answer from its model.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LlmError {
    #[error("{variable} is not usable: {reason}")]
    Settings { variable: &'static str, reason: String },
    #[error("cannot reach `{url}`: {reason}; check OPENAI_BASE_URL")]
    Unreachable { url: String, reason: String },
    #[error("`{url}` did not answer within {seconds} s; try again or use a smaller model")]
    Timeout { url: String, seconds: u64 },
    #[error("`{url}` refused the key with status {status}: {message}; check OPENAI_API_KEY")]
    Refused { url: String, status: u16, message: String },
    #[error("`{url}` answered with status {status}: {message}")]
    Http { url: String, status: u16, message: String },
    #[error("`{url}` sent a reply that is no chat completion: {reason}; check OPENAI_BASE_URL")]
    NotACompletion { url: String, reason: String },
    #[error("no usable answer to `{task}` after {tries} tries: {reason}; try a larger model")]
    BadAnswer { task: &'static str, tries: usize, reason: String },
    #[error("the answer to `{task}` was cut off at {limit} tokens; ask for a shorter article or use a larger model")]
    CutOff { task: &'static str, limit: u32 },
    #[error("the sources hold no sentence to quote; give a text in sentences")]
    NothingToRead,
}

impl LlmError {
    /// Whether the same call may succeed a little later.
    ///
    /// A bad answer is not retryable: the model has already been told what was wrong with it.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Timeout { .. } => true,
            Self::Http { status, message, .. } => match status {
                // An empty account answers 429 as well, and waiting does not fill it.
                429 => !message.contains("quota"),
                408 | 409 | 425 | 500..=599 => true,
                _ => false,
            },
            _ => false,
        }
    }
}

/// Lets an error found while the request is sent pass through the client unchanged.
impl From<LlmError> for OpenAIError {
    fn from(error: LlmError) -> Self {
        Self::Boxed(Box::new(error))
    }
}
