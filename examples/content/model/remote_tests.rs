use super::super::Model;
use super::super::answers::SearchTerms;
use super::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const GOOD: &str = r#"{"keywords":["a","b","c"],"description":"d"}"#;

/// Answers one connection after the other, and gives the bodies of the requests back.
async fn server(replies: Vec<(u16, String)>) -> (Remote, JoinHandle<Vec<Value>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1/", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let mut requests = Vec::new();
        for (status, reply) in replies {
            let (mut stream, _) = listener.accept().await.unwrap();
            requests.push(body(&mut stream).await);
            let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", reply.len());
            stream.write_all((head + &reply).as_bytes()).await.unwrap();
        }
        requests
    });
    (remote(&url), served)
}

async fn body(stream: &mut tokio::net::TcpStream) -> Value {
    let mut received = Vec::new();
    loop {
        stream.read_buf(&mut received).await.unwrap();
        let text = String::from_utf8_lossy(&received);
        if let Some(body) = text.split_once("\r\n\r\n").and_then(|(_, body)| serde_json::from_str(body).ok()) {
            return body;
        }
    }
}

fn remote(url: &str) -> Remote {
    Remote::with_timeout(Some(url.into()), None, "m".into(), Duration::from_secs(1)).unwrap()
}

fn says(content: &str, finish_reason: &str) -> (u16, String) {
    let choice = json!({ "message": { "content": content }, "finish_reason": finish_reason });
    (200, json!({ "choices": [choice], "service_tier": "odd" }).to_string())
}

async fn ask(remote: &Remote) -> Result<SearchTerms, LlmError> {
    remote.ask("Name it.".into(), 3).await
}

async fn fails(status: u16, body: &str) -> LlmError {
    let (remote, served) = server(vec![(status, body.into())]).await;
    let error = ask(&remote).await.unwrap_err();
    assert_eq!(served.await.unwrap().len(), 1, "a failed call is not repeated here");
    error
}

#[tokio::test]
async fn an_answer_is_asked_for_by_schema() {
    let (remote, served) = server(vec![says(GOOD, "eos")]).await;
    assert_eq!(ask(&remote).await.unwrap().keywords, ["a", "b", "c"]);
    let request = &served.await.unwrap()[0];
    assert_eq!(request["response_format"]["json_schema"]["strict"], json!(true));
    assert_eq!(request["max_completion_tokens"], json!(MAX_TOKENS));
}

#[tokio::test]
async fn a_bad_answer_goes_back_with_the_reason() {
    let blank = r#"{"keywords":["a"],"description":" "}"#;
    let (remote, served) = server(vec![says("{", "stop"), says(blank, "stop"), says(GOOD, "stop")]).await;
    assert_eq!(ask(&remote).await.unwrap().description, "d");
    let requests = served.await.unwrap();
    assert!(requests[1]["messages"][3]["content"].as_str().unwrap().contains("EOF while parsing"));
    assert!(requests[2]["messages"][3]["content"].as_str().unwrap().contains("a text in it is blank"));
}

#[tokio::test]
async fn bad_answers_end_in_an_error() {
    let (remote, _served) = server(vec![says("no", "stop"); TRIES]).await;
    let error = ask(&remote).await.unwrap_err();
    assert!(error.to_string().starts_with("no usable answer to `seo` after 3 tries: expected "), "{error}");
}

#[tokio::test]
async fn an_answer_that_is_cut_off_is_not_read() {
    let (remote, _served) = server(vec![says(GOOD, "length")]).await;
    assert_eq!(ask(&remote).await.unwrap_err(), LlmError::CutOff { task: "seo", limit: MAX_TOKENS });
}

#[tokio::test]
async fn a_status_tells_what_may_be_tried_again() {
    let error = fails(401, r#"{"error":{"message":"Bad key.","code":401}}"#).await;
    assert!(error.to_string().ends_with("refused the key with status 401: Bad key; check OPENAI_API_KEY"), "{error}");
    assert!(!error.is_retryable());
    let error = fails(500, "it broke").await;
    assert!(error.to_string().ends_with("answered with status 500: it broke") && error.is_retryable(), "{error}");
    assert!(!fails(422, r#"{"detail":"no"}"#).await.is_retryable());
    assert!(!fails(429, r#"{"error":"quota exceeded"}"#).await.is_retryable());
    let error = fails(200, "<html>").await;
    assert!(matches!(error, LlmError::NotACompletion { .. }), "{error}");
}

#[tokio::test]
async fn a_server_that_is_away_or_silent_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let error = ask(&remote(&url)).await.unwrap_err();
    assert_eq!(error, LlmError::Timeout { url: url.clone(), seconds: 1 });
    drop(listener);
    let error = ask(&remote(&url)).await.unwrap_err();
    assert_eq!(error.to_string(), format!("cannot reach `{url}`: connection refused; check OPENAI_BASE_URL"));
    assert!(error.is_retryable());
}

#[test]
fn settings_are_checked_before_they_are_used() {
    let model = |url: &str, key: &str| {
        Model::from_vars(|name| match name {
            "OPENAI_BASE_URL" => Some(url.to_owned()),
            "OPENAI_API_KEY" => Some(key.to_owned()),
            _ => None,
        })
    };
    assert!(matches!(model("", ""), Ok(Model::Offline)));
    let described = model(" http://localhost:1/v1/ ", "").unwrap().describe();
    assert_eq!(described, "model: `gpt-4.1-mini` at `http://localhost:1/v1`");
    for (url, key) in [("localhost", ""), ("ftp://a/v1", ""), ("http://u:p@a/v1", ""), ("", "a\nb"), ("", "schlüssel")] {
        assert!(matches!(model(url, key), Err(LlmError::Settings { .. })), "{url} {key}");
    }
}
