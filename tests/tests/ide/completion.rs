//! What is offered while somebody types: one case a place, the body broken there more often than not.

mod cases;

use serde_json::{Value, json};

use crate::project::{File, STEPS};
use crate::server::Server;
use cases::{BODIES, Case, ITEMS, MISSED};

/// Asks in every case; gives what went otherwise than it is known to go.
pub(crate) fn wrong(server: &mut Server, file: &mut File) -> Vec<String> {
    let only = std::env::var("FLOW_EDITOR_CASE").unwrap_or_default();
    let mut wrong = Vec::new();
    let (mut met, mut asked) = (0, 0);
    let bodies = BODIES
        .iter()
        .map(|case| (case, format!("workflow! {{\n    Typed<Brief -> Draft>(brief) {{\n        {}\n    }}\n}}", case.text)));
    let items = ITEMS.iter().map(|case| (case, case.text.to_owned()));
    for (case, text) in bodies.chain(items).filter(|(case, _)| case.name.contains(&only)) {
        let labels = offered(server, file, &text);
        let missing: Vec<_> = case.offered.iter().filter(|name| !labels.iter().any(|label| label == *name)).collect();
        let known = MISSED.iter().find(|(name, _)| *name == case.name);
        asked += 1;
        met += usize::from(missing.is_empty());
        let mark = if missing.is_empty() { "met " } else { "MISS" };
        println!("{mark} {:<58} {}", case.name, case.offered.join(" "));
        match (missing.is_empty(), known) {
            (false, None) => wrong.push(told(case, &missing, &labels)),
            (true, Some(_)) => wrong.push(format!("{}: is met now; take it off the list of misses", case.name)),
            (true, None) | (false, Some(_)) => {}
        }
    }
    println!("completion: {met} of {asked} met");
    wrong
}

fn told(case: &Case, missing: &[&&str], labels: &[String]) -> String {
    let some: Vec<_> = labels.iter().take(12).map(String::as_str).collect();
    format!("{}: {missing:?} is not offered in `{}`, but {} others: {}", case.name, case.text, labels.len(), some.join(" "))
}

/// The names that are offered at the mark.
fn offered(server: &mut Server, file: &mut File, text: &str) -> Vec<String> {
    let whole = format!("{STEPS}\n{text}\n");
    let cursor = whole.find("$0").expect("a case has a mark");
    file.write(server, &whole.replace("$0", ""));
    let answer = file.ask_at(server, "textDocument/completion", cursor, json!({}));
    let items = answer["items"].as_array().or(answer.as_array()).cloned().unwrap_or_default();
    items.iter().map(name).collect()
}

/// `trim` of `trim()`, `research` of `research(…)`.
fn name(item: &Value) -> String {
    let label = item["label"].as_str().unwrap_or_default();
    let name: String = label.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | ':')).collect();
    name
}
