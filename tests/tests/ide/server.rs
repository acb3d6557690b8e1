//! A rust-analyzer that runs beside the test and is asked over its standard streams, as an editor asks it.

use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use lsp_server::{Message, Notification, Request, RequestId, Response};
use serde_json::{Value, json};

/// How long the program may take to load the project, the first time with all that has to be built.
const LOADING: Duration = Duration::from_secs(540);
const ANSWER: Duration = Duration::from_secs(300);

/// Where rust-analyzer is, if it is: `FLOW_RUST_ANALYZER`, or one in `PATH` that runs. (The one of rustup may only say
/// that it is not installed.)
pub(crate) fn program() -> Option<PathBuf> {
    let named = std::env::var_os("FLOW_RUST_ANALYZER").map(PathBuf::from);
    let program = named.unwrap_or_else(|| PathBuf::from("rust-analyzer"));
    let version = Command::new(&program).arg("--version").stdin(Stdio::null()).output().ok()?;
    version.status.success().then_some(program)
}

pub(crate) struct Server {
    process: Child,
    input: BufWriter<ChildStdin>,
    messages: Receiver<Message>,
    asked: i32,
}

impl Server {
    /// Starts the program on a project and waits until it has read everything.
    pub(crate) fn start(program: &Path, project: &Path, target: &Path) -> Self {
        let mut process = Command::new(program)
            .current_dir(project)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("rust-analyzer starts");
        let input = BufWriter::new(process.stdin.take().expect("its input is piped"));
        let mut output = BufReader::new(process.stdout.take().expect("its output is piped"));
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            while let Ok(Some(message)) = Message::read(&mut output) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let mut server = Self { process, input, messages, asked: 0 };
        server.ask("initialize", greeting(project, target));
        server.tell("initialized", json!({}));
        server.wait_until_quiet();
        server
    }

    /// Sends a request and gives its result.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Value {
        // What is asked while a change is still being read is refused, and asked again.
        for _ in 0..20 {
            self.asked += 1;
            let id = RequestId::from(self.asked);
            self.send(Request { id: id.clone(), method: method.to_owned(), params: params.clone() }.into());
            let response = self.until(ANSWER, |message| match message {
                Message::Response(response) if response.id == id => Some(response),
                _ => None,
            });
            match (response.result, response.error) {
                (_, Some(error)) if error.message.contains("content modified") || error.message.contains("cancel") => {}
                (_, Some(error)) => panic!("{method}: {}", error.message),
                (result, None) => return result.unwrap_or(Value::Null),
            }
        }
        panic!("{method} is never answered");
    }

    pub(crate) fn tell(&mut self, method: &str, params: Value) {
        self.send(Notification { method: method.to_owned(), params }.into());
    }

    fn send(&mut self, message: Message) {
        message.write(&mut self.input).expect("rust-analyzer listens");
    }

    fn wait_until_quiet(&mut self) {
        let status = self.until(LOADING, |message| match message {
            Message::Notification(status) if status.method == "experimental/serverStatus" => {
                (status.params["quiescent"] == true).then_some(status.params)
            }
            _ => None,
        });
        assert_ne!(status["health"], "error", "rust-analyzer cannot read the project: {status}");
    }

    /// Reads messages until one is what is looked for; what the program asks is answered on the way.
    fn until<T>(&mut self, limit: Duration, mut wanted: impl FnMut(Message) -> Option<T>) -> T {
        let end = Instant::now() + limit;
        loop {
            let message = match self.messages.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(message) => message,
                Err(RecvTimeoutError::Timeout) => panic!("rust-analyzer does not answer within {limit:?}"),
                Err(RecvTimeoutError::Disconnected) => panic!("rust-analyzer has ended"),
            };
            if let Message::Request(request) = &message {
                let settings = request.params["items"].as_array().map(|items| vec![Value::Null; items.len()]);
                self.send(Response::new_ok(request.id.clone(), settings).into());
                continue;
            }
            if let Some(found) = wanted(message) {
                return found;
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Names that are not imported are not offered: a step is to be found because it is in scope.
fn greeting(project: &Path, target: &Path) -> Value {
    json!({
        "processId": std::process::id(),
        "rootUri": uri(project),
        "capabilities": {
            "experimental": { "serverStatusNotification": true },
            "general": { "positionEncodings": ["utf-8"] },
            "textDocument": {
                "completion": { "completionItem": { "snippetSupport": true } },
                "hover": { "contentFormat": ["markdown"] },
                "rename": { "prepareSupport": true },
                "diagnostic": {},
            },
            "workspace": { "workspaceEdit": { "documentChanges": false } },
        },
        "initializationOptions": {
            "cargo": {
                "extraEnv": { "CARGO_TARGET_DIR": target },
                "buildScripts": { "enable": true },
            },
            "procMacro": { "enable": true },
            "checkOnSave": false,
            "cachePriming": { "enable": false },
            "completion": { "autoimport": { "enable": false } },
        },
    })
}

pub(crate) fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}
