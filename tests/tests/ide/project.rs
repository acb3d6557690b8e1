//! A small project as a user has it, and the one file in it that is being edited.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::server::{Server, uri};

/// The steps and types above the workflow that is edited.
pub(crate) const STEPS: &str = include_str!("project/steps.rs");

/// Writes the project. It lies in the target folder, so that what it has built stays warm.
pub(crate) fn write() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ide");
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests are in the workspace");
    let runtime = workspace.join("flow-runtime");
    fs::create_dir_all(folder.join("src")).unwrap();
    let manifest = include_str!("project/Cargo.toml.txt").replace("{runtime}", &runtime.display().to_string());
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    for name in ["Cargo.lock", "rust-toolchain.toml"] {
        fs::copy(workspace.join(name), folder.join(name)).unwrap();
    }
    fs::write(folder.join("src/lib.rs"), STEPS).unwrap();
    folder
}

/// An open file.
pub(crate) struct File {
    uri: String,
    version: i32,
    pub(crate) text: String,
}

impl File {
    pub(crate) fn open(server: &mut Server, path: &Path, text: &str) -> Self {
        let uri = uri(path);
        let document = json!({ "uri": uri, "languageId": "rust", "version": 0, "text": text });
        server.tell("textDocument/didOpen", json!({ "textDocument": document }));
        Self { uri, version: 0, text: text.to_owned() }
    }

    pub(crate) fn write(&mut self, server: &mut Server, text: &str) {
        self.version += 1;
        text.clone_into(&mut self.text);
        let document = json!({ "uri": self.uri, "version": self.version });
        server.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": [{ "text": text }] }));
    }

    /// Asks about the whole file.
    pub(crate) fn ask(&self, server: &mut Server, method: &str, mut params: Value) -> Value {
        params["textDocument"] = json!({ "uri": self.uri });
        server.ask(method, params)
    }

    /// Asks about one place in it.
    pub(crate) fn ask_at(&self, server: &mut Server, method: &str, offset: usize, mut params: Value) -> Value {
        params["position"] = position(&self.text, offset);
        self.ask(server, method, params)
    }

    /// What is wrong in the file, each with its line.
    pub(crate) fn diagnostics(&self, server: &mut Server) -> Vec<String> {
        let answer = self.ask(server, "textDocument/diagnostic", json!({}));
        let items = answer["items"].as_array().unwrap_or_else(|| panic!("a list of diagnostics: {answer}"));
        items.iter().map(|item| format!("{}: {}", self.shown(item), item["message"])).collect()
    }

    /// The line of a place, its name in brackets: `let [found] = research(&brief).await?;`.
    pub(crate) fn shown(&self, place: &Value) -> String {
        if place["uri"].as_str().is_some_and(|uri| uri != self.uri) {
            return place["uri"].to_string();
        }
        let (start, end) = (offset(&self.text, &place["range"]["start"]), offset(&self.text, &place["range"]["end"]));
        let line = self.text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let rest = self.text[end..].split('\n').next().unwrap_or_default();
        format!("{}[{}]{rest}", self.text[line..start].trim_start(), &self.text[start..end])
    }
}

pub(crate) fn position(text: &str, offset: usize) -> Value {
    let before = &text[..offset];
    let line = before.matches('\n').count();
    json!({ "line": line, "character": offset - before.rfind('\n').map_or(0, |newline| newline + 1) })
}

pub(crate) fn offset(text: &str, position: &Value) -> usize {
    let number = |key: &str| usize::try_from(position[key].as_u64().expect("a position has numbers")).unwrap();
    let line: usize = text.split_inclusive('\n').take(number("line")).map(str::len).sum();
    line + number("character")
}
