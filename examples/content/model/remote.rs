//! Asks a server that speaks the chat completions protocol, until its answer fits.

use std::fmt;
use std::io;
use std::time::Duration;

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answers::Answer;
use super::error::LlmError;
use super::schema;

const DEFAULT_URL: &str = "https://api.openai.com/v1";
const DEFAULT_MODEL: &str = "gpt-4.1-mini";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const TIMEOUT: Duration = Duration::from_secs(300);
/// Long enough for every step, and an end for a model that repeats itself without one.
const MAX_TOKENS: u32 = 1500;
/// How often a model may answer before a bad answer becomes an error.
const TRIES: usize = 3;

/// A model on a server.
#[derive(Clone, Debug)]
pub struct Remote {
    client: Client<OpenAIConfig>,
    url: String,
    model: String,
    timeout: Duration,
}

/// A reply, read leniently: servers differ in everything that is not here.
#[derive(Debug, Deserialize)]
struct Completion {
    choices: Vec<Choice>,
}

#[derive(Debug, Deserialize)]
struct Choice {
    #[serde(default)]
    finish_reason: Option<String>,
    message: Message,
}

#[derive(Debug, Deserialize)]
struct Message {
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    refusal: Option<String>,
}

impl Remote {
    pub(super) fn new(url: Option<String>, key: Option<String>, model: Option<String>) -> Result<Self, LlmError> {
        let model = model.unwrap_or_else(|| DEFAULT_MODEL.into());
        Self::with_timeout(url, key, model, TIMEOUT)
    }

    pub(super) fn with_timeout(
        url: Option<String>,
        key: Option<String>,
        model: String,
        timeout: Duration,
    ) -> Result<Self, LlmError> {
        let url = checked_url(url.as_deref().unwrap_or(DEFAULT_URL))?;
        // A server of one's own often wants no key; the header is sent all the same.
        let key = checked_key(key.as_deref().unwrap_or("none"))?;
        // Another part of the program may have chosen its cryptography first, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().connect_timeout(CONNECT_TIMEOUT).timeout(timeout).build();
        let http = http.map_err(|error| settings("OPENAI_BASE_URL", error))?;
        // The config reads variables of its own as well; one that no header may hold would panic.
        let config = OpenAIConfig::new().with_org_id("").with_project_id("").with_api_base(&url).with_api_key(key);
        let sent_to = url.clone();
        // The client's own service retries behind our back and loses the status of some errors.
        let service = tower::service_fn(move |request| send(http.clone(), request, sent_to.clone(), timeout));
        let client = Client::build(reqwest::Client::new(), config).with_http_service(service);
        Ok(Self { client, url, model, timeout })
    }

    /// Asks for an answer whose lists have at most `most` items, until one fits, and tells the model what was wrong
    /// with the last one.
    pub(super) async fn ask<A: Answer>(&self, prompt: String, most: usize) -> Result<A, LlmError> {
        let schema = schema::strict::<A>(most);
        // In the prompt as well, for servers that do not know `response_format`.
        let system = format!(
            "You write articles and keep to the facts you are given. \
             Answer with one JSON object that fits this schema, and with nothing else:\n{schema}"
        );
        let mut messages = vec![message("system", system), message("user", prompt)];
        let mut fault = String::new();
        for _ in 0..TRIES {
            let answer = self.complete::<A>(&messages, &schema).await?;
            match answer.as_deref().map_err(Clone::clone).and_then(read::<A>) {
                Ok(answer) => return Ok(answer),
                Err(reason) => fault = reason,
            }
            messages.truncate(2);
            messages.push(message("assistant", answer.unwrap_or_default()));
            messages.push(message("user", format!("That answer does not fit: {fault}. Answer again.")));
        }
        Err(LlmError::BadAnswer { task: A::TASK, tries: TRIES, reason: fault })
    }

    /// One call; the inner error is a fault of the answer that the model may be told about.
    async fn complete<A: Answer>(&self, messages: &[Value], schema: &Value) -> Result<Result<String, String>, LlmError> {
        let request = json!({
            "model": self.model,
            "messages": messages,
            "max_completion_tokens": MAX_TOKENS,
            "stream": false,
            "response_format": {
                "type": "json_schema",
                "json_schema": { "name": A::TASK, "schema": schema, "strict": true },
            },
        });
        let reply: Result<Completion, _> = self.client.chat().create_byot(request).await;
        let Completion { choices } = reply.map_err(|error| self.failure(error))?;
        let Some(Choice { finish_reason, message }) = choices.into_iter().next() else {
            return Ok(Err("it is empty".into()));
        };
        if finish_reason.as_deref() == Some("length") {
            return Err(LlmError::CutOff { task: A::TASK, limit: MAX_TOKENS });
        }
        let refused = message.refusal.map(|refusal| format!("the model refused: {refusal}"));
        Ok(message.content.ok_or_else(|| refused.unwrap_or_else(|| "it is empty".into())))
    }

    fn failure(&self, error: OpenAIError) -> LlmError {
        let url = self.url.clone();
        match error {
            OpenAIError::Reqwest(error) => unsent(url, &error, self.timeout),
            OpenAIError::Boxed(error) => match error.downcast::<LlmError>() {
                Ok(error) => *error,
                Err(error) => LlmError::Unreachable { url, reason: error.to_string() },
            },
            OpenAIError::JSONDeserialize(error, _) => LlmError::NotACompletion { url, reason: error.to_string() },
            other => LlmError::NotACompletion { url, reason: other.to_string() },
        }
    }
}

impl fmt::Display for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` at `{}`", self.model, self.url)
    }
}

fn message(role: &str, content: String) -> Value {
    json!({ "role": role, "content": content })
}

/// Sends a request once, and turns every status but success into an error that knows it.
async fn send(
    http: reqwest::Client,
    request: HttpRequestFactory,
    url: String,
    timeout: Duration,
) -> Result<reqwest::Response, LlmError> {
    let request = request.build().await;
    let request = request.map_err(|error| LlmError::NotACompletion { url: url.clone(), reason: error.to_string() })?;
    let response = http.execute(request).await.map_err(|error| unsent(url.clone(), &error, timeout))?;
    let status = response.status().as_u16();
    if response.status().is_success() {
        return Ok(response);
    }
    let message = error_message(&response.text().await.unwrap_or_default());
    Err(match status {
        401 | 403 => LlmError::Refused { url, status, message },
        _ => LlmError::Http { url, status, message },
    })
}

fn unsent(url: String, error: &reqwest::Error, timeout: Duration) -> LlmError {
    if error.is_timeout() && !error.is_connect() {
        return LlmError::Timeout { url, seconds: timeout.as_secs() };
    }
    let causes = std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
    let reason = causes.fold(String::new(), |_, cause| match cause.downcast_ref::<io::Error>() {
        Some(error) if error.kind() != io::ErrorKind::Other => error.kind().to_string(),
        _ => cause.to_string(),
    });
    LlmError::Unreachable { url, reason }
}

/// What an error reply says, in any of the shapes that servers use.
fn error_message(body: &str) -> String {
    let json: Value = serde_json::from_str(body).unwrap_or_default();
    let places = ["/error/message", "/error", "/message", "/detail"];
    let said = places.iter().find_map(|place| json.pointer(place)?.as_str());
    let text = said.unwrap_or(body).trim().trim_end_matches('.');
    if text.is_empty() { "no reason given".into() } else { text.chars().take(300).collect() }
}

/// Reads an answer; the error is meant for the model.
fn read<A: Answer>(answer: &str) -> Result<A, String> {
    // Models that are not held to the schema like to wrap their JSON in a code block.
    let json = answer.trim().trim_start_matches("```json").trim_matches('`');
    let answer: A = serde_json::from_str(json).map_err(|error| error.to_string())?;
    if answer.texts().iter().any(|text| text.trim().is_empty()) {
        return Err("a text in it is blank".into());
    }
    match answer.texts().is_empty() {
        true => Err("it has no text".into()),
        false => Ok(answer),
    }
}

fn settings(variable: &'static str, reason: impl ToString) -> LlmError {
    LlmError::Settings { variable, reason: reason.to_string() }
}

fn checked_url(text: &str) -> Result<String, LlmError> {
    let bad = |reason| settings("OPENAI_BASE_URL", format!("{reason}; give one like `http://127.0.0.1:8080/v1`"));
    let text = text.trim().trim_end_matches('/');
    let url = reqwest::Url::parse(text).map_err(|error| bad(error.to_string()))?;
    if !["http", "https"].contains(&url.scheme()) {
        return Err(bad(format!("`{}` is neither `http` nor `https`", url.scheme())));
    }
    // The path of each call is appended as plain text, and the URL stands in every error.
    if url.query().is_some() || url.fragment().is_some() || url.password().is_some() || !url.username().is_empty() {
        return Err(bad("it may have no user, password, query or fragment".into()));
    }
    Ok(text.into())
}

fn checked_key(text: &str) -> Result<&str, LlmError> {
    let text = text.trim();
    // Anything else panics when the header is made.
    match text.chars().all(|c| c.is_ascii_graphic()) {
        true => Ok(text),
        false => Err(settings("OPENAI_API_KEY", "it has a space or a character that no header may hold")),
    }
}

#[cfg(test)]
#[path = "remote_tests.rs"]
mod tests;
