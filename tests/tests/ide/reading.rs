//! What an editor says of a workflow that is whole: types, documentation, where a name leads, and no mistakes.

use serde_json::{Value, json};

use crate::project::{File, STEPS, offset, position};
use crate::server::Server;

/// A workflow that has everything that may be asked about.
const WHOLE: &str = "
workflow! {
    /// Researches a brief.
    pub Article<Brief -> Draft>(brief) {
        let found = research(&brief).await?;
        let (draft, page) = try_join!(compose(&found), fetch(&found.pages[0]))?;
        let (first, second) = join!(#[at(once)] fetch(&page), #[at(twice)] async {
            let again = fetch(&page).await?;
            Ok(again.title)
        });
        let title: String = first?.title + &second?;
        let pages = try_join_all!(&found.pages, |page| fetch(page), limit = 4)?;
        let polished = Polish(draft.clone()).await?;
        let mut decision = #[at(last)] review(&polished).await?;
        while !decision.approved {
            let remarks = &decision.remarks;
            let draft = revise(&polished, remarks).await?;
            decision = #[at(again)] review(&draft).await?;
        }
        let body: String = match found.complexity {
            Complexity::Low => title,
            Complexity::High => format!(\"{} {}\", polished.body, pages.len()),
        };
        let chosen = select! {
            draft = compose(&found) => draft?,
            seen = review(&polished) => Draft { body: seen?.remarks },
        };
        Ok(Draft { body: body + &chosen.body })
    }
}
";

/// Gives what is not as it should be.
pub(crate) fn wrong(server: &mut Server, file: &mut File) -> Vec<String> {
    file.write(server, &format!("{STEPS}{WHOLE}"));
    let mut answers = Answers { server, file, wrong: Vec::new(), asked: 0 };
    answers.hovers();
    answers.ways();
    answers.renames();
    answers.hints();
    answers.diagnostics();
    println!("reading: {} of {} met", answers.asked - answers.wrong.len(), answers.asked);
    answers.wrong
}

struct Answers<'t> {
    server: &'t mut Server,
    file: &'t mut File,
    wrong: Vec<String>,
    asked: usize,
}

impl Answers<'_> {
    fn expect(&mut self, what: &str, met: bool, answer: &dyn std::fmt::Debug) {
        self.asked += 1;
        if !met {
            println!("MISS {what}");
            self.wrong.push(format!("{what}: {answer:#?}"));
        }
    }

    /// Where `$0` stands: `let $0found = research`.
    fn place(&self, marked: &str) -> usize {
        let (before, after) = marked.split_once("$0").expect("a question has a mark");
        let text = format!("{before}{after}");
        self.file.text.find(&text).unwrap_or_else(|| panic!("`{text}` stands in the file")) + before.len()
    }

    fn ask(&mut self, method: &str, marked: &str, params: Value) -> Value {
        let at = self.place(marked);
        self.file.ask_at(self.server, method, at, params)
    }

    /// The answer holds one signature, and nothing but what the user wrote.
    fn hover(&mut self, marked: &str, says: &[&str], not: &[&str]) {
        let answer = self.ask("textDocument/hover", marked, json!({}));
        let text = answer["contents"]["value"].as_str().unwrap_or_default().to_owned();
        let met = text.matches("```rust").count() <= 2
            && says.iter().all(|part| text.contains(part))
            && !not.iter().any(|part| text.contains(part));
        self.expect(&format!("hover on `{marked}`"), met, &text);
    }

    fn hovers(&mut self) {
        let noise = ["enum", "trait", "__", "struct Here", "keyword"];
        self.hover("let $0found = research", &["found: Research"], &noise);
        self.hover("let ($0draft, page)", &["draft: Draft"], &noise);
        self.hover("let (draft, $0page)", &["page: Page"], &noise);
        self.hover("($0first, second) = join", &["first: Result<Page"], &noise);
        self.hover("(first, $0second) = join", &["second: Result<String"], &noise);
        self.hover("let $0again = fetch", &["again: Page"], &noise);
        self.hover("let $0pages = try_join_all", &["pages: Vec<Page"], &noise);
        self.hover("let $0polished =", &["polished: Draft"], &noise);
        self.hover("let mut $0decision = #[at(last)] review(&polished)", &["decision: Decision"], &noise);
        self.hover("let $0remarks =", &["remarks: &String"], &noise);
        self.hover("let $0chosen =", &["chosen: Draft"], &noise);
        self.hover("$0brief) {\n        let found", &["brief: Brief"], &noise);
        self.hover(
            "found = $0research(&brief)",
            &["pub async fn research(brief: &Brief, llm: &Llm) -> Result<Research, LlmError>", "Finds what is known"],
            &noise,
        );
        self.hover("try_join!($0compose(&found)", &["async fn compose(", "Writes along the findings"], &noise);
        self.hover("|page| $0fetch(page)", &["async fn fetch(", "Reads one page"], &noise);
        self.hover("polished = $0Polish(draft", &["async fn Polish(", "Writes a draft until"], &noise);
        self.hover("decision = #[at(last)] $0review(&polished)", &["fn review(", "An editor approves"], &noise);
        self.hover("draft = $0compose(&found) =>", &["async fn compose("], &noise);
        self.hover("pub async fn $0research(", &["async fn research(", "Finds what is known"], &noise);
        self.hover("pub $0Article<", &["async fn Article(brief: Brief)", "Researches a brief"], &noise);
        self.hover("decision.$0approved {\n            let", &["approved: bool"], &noise);
        self.hover("$0Complexity::Low =>", &["pub enum Complexity"], &["__"]);
    }

    /// Where a name leads, as the line with the name in brackets.
    fn leads(&mut self, method: &str, marked: &str, expected: &[&str]) {
        let answer = self.ask(method, marked, json!({ "context": { "includeDeclaration": false } }));
        let found: Vec<_> = answer.as_array().into_iter().flatten().map(|place| self.file.shown(place)).collect();
        let first = if method.ends_with("references") { found.len() == expected.len() } else { !found.is_empty() };
        let met = first && expected.iter().all(|line| found.iter().any(|found| found.starts_with(line)));
        self.expect(&format!("{method} of `{marked}`"), met, &found);
    }

    fn ways(&mut self) {
        let definition = "textDocument/definition";
        for (call, function) in [
            ("found = $0research(&brief)", "pub async fn [research]("),
            ("try_join!($0compose(&found)", "pub async fn [compose]("),
            ("again = $0fetch(&page)", "pub async fn [fetch]("),
            ("|page| $0fetch(page)", "pub async fn [fetch]("),
            ("decision = #[at(last)] $0review(&polished)", "pub fn [review]("),
            ("#[at(again)] $0review(&draft).await?;\n        }\n        let", "pub fn [review]("),
            ("polished = $0Polish(draft", "pub [Polish]<"),
            ("research(&$0brief).await?;\n        let (", "pub Article<Brief -> Draft>([brief])"),
            ("compose(&$0found), fetch", "let [found] ="),
            ("polished.$0body, pages", "pub [body]: String"),
        ] {
            self.leads(definition, call, &[function]);
        }
        let references = "textDocument/references";
        self.leads(references, "found = $0research(&brief)", &["let found = [research](&brief)"]);
        self.leads(references, "pub async fn $0research(", &["let found = [research](&brief)"]);
        self.leads(
            references,
            "pub fn $0review(",
            &[
                "let mut decision = [review](&draft)",
                "decision = #[at(again)] [review](&draft)",
                "let mut decision = #[at(last)] [review](&polished)",
                "decision = #[at(again)] [review](&draft)",
                "seen = [review](&polished)",
            ],
        );
        self.leads(
            references,
            "let $0polished =",
            &[
                "let mut decision = #[at(last)] review(&[polished])",
                "let draft = revise(&[polished]",
                "Complexity::High => format!(\"{} {}\", [polished].body",
                "seen = review(&[polished])",
            ],
        );
    }

    /// Renames, and gives the lines that changed.
    fn renamed(&mut self, marked: &str, expected: &[&str]) {
        let answer = self.ask("textDocument/rename", marked, json!({ "newName": "renamed" }));
        let files = answer["documentChanges"].as_array().into_iter().flatten();
        let mut edits: Vec<_> = files.flat_map(|file| file["edits"].as_array().into_iter().flatten()).collect();
        edits.sort_by_key(|edit| std::cmp::Reverse(offset(&self.file.text, &edit["range"]["start"])));
        let mut text = self.file.text.clone();
        for edit in &edits {
            let (start, end) = (offset(&text, &edit["range"]["start"]), offset(&text, &edit["range"]["end"]));
            text.replace_range(start..end, edit["newText"].as_str().unwrap_or_default());
        }
        let lines: Vec<_> = text.lines().filter(|line| line.contains("renamed")).map(str::trim).collect();
        let met = lines.len() == expected.len() && lines.iter().zip(expected).all(|(line, expected)| line.contains(expected));
        self.expect(&format!("rename of `{marked}`"), met, &lines);
    }

    fn renames(&mut self) {
        self.renamed("found = $0research(&brief)", &["pub async fn renamed(", "let found = renamed(&brief)"]);
        self.renamed(
            "pub async fn $0compose(",
            &["pub async fn renamed(", "try_join!(renamed(&found)", "draft = renamed(&found) =>"],
        );
        self.renamed(
            "pub fn $0review(",
            &[
                "pub fn renamed(",
                "decision = renamed(&draft)",
                "#[at(again)] renamed(&draft)",
                "#[at(last)] renamed(&polished)",
                "#[at(again)] renamed(&draft)",
                "seen = renamed(&polished)",
            ],
        );
        self.renamed("polished = $0Polish(draft", &["pub renamed<Draft -> Draft>", "polished = renamed(draft"]);
        self.renamed(
            "let $0polished =",
            &["let renamed = Polish", "review(&renamed)", "revise(&renamed, remarks)", "renamed.body", "seen = review(&renamed)"],
        );
        self.renamed(
            "let mut $0decision = #[at(last)] review(&polished)",
            &["let mut renamed = #[at(last)]", "while !renamed.approved", "&renamed.remarks", "renamed = #[at(again)]"],
        );
        self.renamed(
            "pub $0remarks: String",
            &["pub renamed: String", "&decision.renamed)", "&decision.renamed;", "seen?.renamed"],
        );
    }

    /// In the body of a step. Inside of `workflow!` there are none: rust-analyzer gives no hints in macros called with `!`.
    fn hints(&mut self) {
        let whole = json!({ "start": { "line": 0, "character": 0 }, "end": position(&self.file.text, self.file.text.len()) });
        let answer = self.file.ask(self.server, "textDocument/inlayHint", json!({ "range": whole }));
        let hints: Vec<_> = answer.as_array().into_iter().flatten().map(|hint| self.hint(hint)).collect();
        self.expect("hint in a step", hints.iter().any(|hint| hint == "let first: Option<&Page>"), &hints);
        let inner = hints.iter().find(|hint| hint.contains("__"));
        self.expect("no hint of our own names", inner.is_none(), &inner);
    }

    fn hint(&self, hint: &Value) -> String {
        let at = offset(&self.file.text, &hint["position"]);
        let parts = hint["label"].as_array().into_iter().flatten();
        let label: String = parts.filter_map(|part| part["value"].as_str()).collect();
        let line = self.file.text[..at].rsplit('\n').next().unwrap_or_default().trim_start();
        format!("{line}{label}")
    }

    fn diagnostics(&mut self) {
        let items = self.file.diagnostics(self.server);
        self.expect("no diagnostics", items.is_empty(), &items);
    }
}
