//! The places that are asked, in groups.

/// What must be offered where `$0` stands.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
    pub(crate) offered: &'static [&'static str],
}

const fn case(name: &'static str, text: &'static str, offered: &'static [&'static str]) -> Case {
    Case { name, text, offered }
}

/// Bodies of a workflow from a `Brief`, called `brief`, to a `Draft`.
pub(crate) const BODIES: &[Case] = &[
    // After a dot.
    case("dot, last in the body", "let found = research(&brief).await?;\n found.$0", &["notes", "pages", "complexity"]),
    case("dot, the input", "brief.$0", &["topic", "words"]),
    case(
        "dot before a semicolon",
        "let found = research(&brief).await?;\n let n = found.$0;\n compose(&found).await",
        &["notes", "pages"],
    ),
    case(
        "dot before a next statement",
        "let found = research(&brief).await?;\n found.$0\n let draft = compose(&found).await?;\n Ok(draft)",
        &["notes", "pages"],
    ),
    case(
        "dot before a next expression",
        "let found = research(&brief).await?;\n let n = found.$0\n compose(&found).await",
        &["notes", "pages"],
    ),
    case("dot, a name begun", "let found = research(&brief).await?;\n let n = found.no$0;\n compose(&found).await", &["notes"]),
    case(
        "dot, a name begun, no semicolon",
        "let found = research(&brief).await?;\n let n = found.no$0\n let draft = compose(&found).await?;\n Ok(draft)",
        &["notes"],
    ),
    case(
        "dot after a resume",
        "let draft = compose(&research(&brief).await?).await?;\n let decision = review(&draft).await?;\n let q = decision.$0\n Ok(draft)",
        &["approved", "remarks"],
    ),
    case(
        "dot after a resume, semicolon",
        "let draft = compose(&research(&brief).await?).await?;\n let decision = review(&draft).await?;\n let q = decision.$0;\n Ok(draft)",
        &["approved", "remarks"],
    ),
    case(
        "dot after a workflow",
        "let found = research(&brief).await?;\n let draft = compose(&found).await?;\n let polished = Polish(draft).await?;\n let b = polished.$0;\n Ok(polished)",
        &["body"],
    ),
    case("dot after an await", "let body = research(&brief).await?.$0;\n Ok(Draft { body })", &["notes", "pages"]),
    case("dot after an await, no semicolon", "let n = research(&brief).await?.$0\n Ok(Draft { body })", &["notes", "pages"]),
    case("dot after a call, `await`", "let found = research(&brief).$0;\n compose(&found).await", &["await"]),
    case("dot after a call, `await`, last", "let found = research(&brief).await?;\n compose(&found).$0", &["await"]),
    case(
        "dot, a method of the user's",
        "let found = research(&brief).await?;\n let page = found.pages[0].clone();\n let s = page.$0;\n compose(&found).await",
        &["summary", "title"],
    ),
    case(
        "dot, a method of std's",
        "let topic: String = brief.topic.clone();\n let t = topic.tri$0;\n Ok(Draft { body: topic })",
        &["trim"],
    ),
    case(
        "dot, two deep",
        "let found = research(&brief).await?;\n let n = found.pages.$0;\n compose(&found).await",
        &["len", "iter"],
    ),
    case(
        "dot in a condition",
        "let found = research(&brief).await?;\n if found.$0 { }\n compose(&found).await",
        &["notes", "pages"],
    ),
    case(
        "dot in a condition, no block",
        "let found = research(&brief).await?;\n if found.$0\n compose(&found).await",
        &["notes", "pages"],
    ),
    case(
        "dot after a retry of the same name",
        "let mut draft = compose(&research(&brief).await?).await?;\n draft = revise(&draft, \"x\").await?;\n draft.$0\n Ok(draft)",
        &["body"],
    ),
    case(
        "dot after a label",
        "let draft = compose(&research(&brief).await?).await?;\n let decision = #[at(second)] review(&draft).await?;\n decision.$0;\n Ok(draft)",
        &["approved"],
    ),
    // A step's name.
    case("a step, first in the body", "let found = resea$0;\n compose(&found).await", &["research"]),
    case("a step, no semicolon", "let found = resea$0\n compose(&found).await", &["research"]),
    case("a step, alone in the body", "resea$0", &["research"]),
    case("a step, before `.await`", "let found = resea$0.await?;\n compose(&found).await", &["research"]),
    case("a step, before its arguments", "let found = resea$0(&brief).await?;\n compose(&found).await", &["research"]),
    case("a step, second statement", "let found = research(&brief).await?;\n let draft = comp$0\n Ok(draft)", &["compose"]),
    case(
        "a suspension",
        "let draft = compose(&research(&brief).await?).await?;\n let decision = rev$0;\n Ok(draft)",
        &["review", "revise"],
    ),
    case("a workflow", "let draft = compose(&research(&brief).await?).await?;\n Pol$0", &["Polish"]),
    case("a step by a path", "let found = self::rese$0;\n compose(&found).await", &["research"]),
    case(
        "a step after `=` of an assignment",
        "let mut draft = compose(&research(&brief).await?).await?;\n draft = rev$0\n Ok(draft)",
        &["revise"],
    ),
    case(
        "a step after a label",
        "let draft = compose(&research(&brief).await?).await?;\n let decision = #[at(second)] rev$0;\n Ok(draft)",
        &["review"],
    ),
    // Inside of arguments.
    case("a binding, arguments unfinished", "let found = research(&brief).await?;\n let draft = compose(&fou$0", &["found"]),
    case(
        "a binding, no `.await` yet",
        "let found = research(&brief).await?;\n let draft = compose(&fou$0);\n Ok(draft)",
        &["found"],
    ),
    case(
        "a binding, whole call",
        "let found = research(&brief).await?;\n let draft = compose(&fou$0).await?;\n Ok(draft)",
        &["found"],
    ),
    case(
        "a binding, nothing typed",
        "let found = research(&brief).await?;\n let draft = compose($0).await?;\n Ok(draft)",
        &["found", "brief"],
    ),
    case(
        "a binding, `&` typed",
        "let found = research(&brief).await?;\n let draft = compose(&$0).await?;\n Ok(draft)",
        &["found"],
    ),
    case(
        "a binding, second argument",
        "let draft = compose(&research(&brief).await?).await?;\n let remarks = String::new();\n revise(&draft, &rem$0).await",
        &["remarks"],
    ),
    case(
        "a field in an argument",
        "let draft = compose(&research(&brief).await?).await?;\n let decision = review(&draft).await?;\n revise(&draft, &decision.$0).await",
        &["remarks"],
    ),
    case(
        "a field in an argument, unfinished",
        "let draft = compose(&research(&brief).await?).await?;\n let decision = review(&draft).await?;\n let d = revise(&draft, &decision.$0)\n Ok(d)",
        &["remarks"],
    ),
    case(
        "a field in a macro's argument",
        "let found = research(&brief).await?;\n let text = format!(\"{}\", found.$0);\n compose(&found).await",
        &["pages"],
    ),
    // Structs, fields, variants.
    case("a field of a literal", "let found = research(&brief).await?;\n Ok(Draft { $0 })", &["body"]),
    case(
        "a field of a literal, a name begun",
        "let found = research(&brief).await?;\n let page = Page { address: String::new(), ti$0 };\n compose(&found).await",
        &["title"],
    ),
    case(
        "a field of a pattern",
        "let Research { no$0 } = research(&brief).await?;\n Ok(Draft { body: String::new() })",
        &["notes"],
    ),
    case("a type after a colon", "let found: Rese$0 = research(&brief).await?;\n compose(&found).await", &["Research"]),
    case(
        "a variant in a match",
        "let found = research(&brief).await?;\n match found.complexity {\n Complexity::$0 => {}\n }\n compose(&found).await",
        &["Low", "High"],
    ),
    case(
        "a variant in a match, no arrow",
        "let found = research(&brief).await?;\n match found.complexity {\n Complexity::$0\n }\n compose(&found).await",
        &["Low", "High"],
    ),
    case(
        "a variant, second arm",
        "let found = research(&brief).await?;\n let draft = match found.complexity {\n Complexity::Low => compose(&found).await?,\n Complexity::$0\n };\n Ok(draft)",
        &["High"],
    ),
    case(
        "a variant, by the type that is expected",
        "let found = research(&brief).await?;\n match found.complexity {\n $0\n }\n compose(&found).await",
        &["Complexity::Low", "Complexity::High"],
    ),
    case(
        "a step in a match arm",
        "let found = research(&brief).await?;\n let draft = match found.complexity {\n Complexity::Low => comp$0\n Complexity::High => compose(&found).await?,\n };\n Ok(draft)",
        &["compose"],
    ),
    case(
        "a dot in a match arm",
        "let found = research(&brief).await?;\n let n = match found.complexity {\n Complexity::Low => found.$0,\n Complexity::High => found.pages.len(),\n };\n compose(&found).await",
        &["pages"],
    ),
    // Blocks.
    case(
        "a field in `while`",
        "let mut draft = compose(&research(&brief).await?).await?;\n let mut decision = review(&draft).await?;\n while !decision.$0 {\n draft = revise(&draft, &decision.remarks).await?;\n }\n Ok(draft)",
        &["approved"],
    ),
    case(
        "a field in the body of `while`",
        "let mut draft = compose(&research(&brief).await?).await?;\n let mut decision = review(&draft).await?;\n while !decision.approved {\n draft = revise(&draft, &decision.$0).await?;\n }\n Ok(draft)",
        &["remarks"],
    ),
    case(
        "a statement in the body of `while`",
        "let draft = compose(&research(&brief).await?).await?;\n let mut decision = review(&draft).await?;\n while !decision.approved {\n dec$0\n }\n Ok(draft)",
        &["decision"],
    ),
    case(
        "a dot in the body of `loop`",
        "let draft = compose(&research(&brief).await?).await?;\n loop {\n let decision = review(&draft).await?;\n decision.$0\n }",
        &["approved"],
    ),
    case(
        "a dot behind `if let`",
        "let found = research(&brief).await?;\n if let Some(notes) = &found.$0 { }\n compose(&found).await",
        &["notes"],
    ),
    case(
        "a binding of `if let`",
        "let found = research(&brief).await?;\n if let Some(notes) = &found.notes {\n notes.$0\n }\n compose(&found).await",
        &["len", "trim"],
    ),
    case(
        "a dot in `if let` on a step",
        "if let Ok(found) = research(&brief).await {\n found.$0\n }\n Ok(Draft { body: String::new() })",
        &["pages"],
    ),
    case(
        "a dot in a plain `for`",
        "let found = research(&brief).await?;\n for page in &found.pages {\n page.$0\n }\n compose(&found).await",
        &["title", "summary"],
    ),
    case(
        "a dot in a `for` that awaits",
        "let found = research(&brief).await?;\n for page in &found.pages {\n let page = fetch(page).await?;\n page.$0;\n }\n compose(&found).await",
        &["title", "summary"],
    ),
    case(
        "a dot in `let .. else`",
        "let found = research(&brief).await?;\n let Some(notes) = found.$0 else { return Ok(Draft { body: String::new() }) };\n compose(&found).await",
        &["notes"],
    ),
    case(
        "a dot in a closure",
        "let found = research(&brief).await?;\n let n = found.pages.iter().map(|page| page.$0).count();\n compose(&found).await",
        &["title"],
    ),
    case(
        "a name in `return Ok(..)`",
        "let draft = compose(&research(&brief).await?).await?;\n if brief.words == 0 { return Ok(dra$0) }\n Ok(draft)",
        &["draft"],
    ),
    case("a name in the tail", "let draft = compose(&research(&brief).await?).await?;\n Ok(dra$0)", &["draft"]),
    // Joins.
    case("a step in `join!`", "let (a, b) = join!(resea$0, research(&brief));\n compose(&b?).await", &["research"]),
    case("a step in `try_join!`, last", "let (a, b) = try_join!(research(&brief), resea$0)?;\n compose(&a).await", &["research"]),
    case(
        "a binding in `try_join!`",
        "let found = research(&brief).await?;\n let (a, b) = try_join!(compose(&fou$0), compose(&found))?;\n Ok(a)",
        &["found"],
    ),
    case(
        "a binding in `try_join!`, second arm, unfinished",
        "let found = research(&brief).await?;\n let (a, b) = try_join!(compose(&found), compose(&fou$0\n Ok(a)",
        &["found"],
    ),
    case(
        "a dot in an argument in `try_join!`",
        "let found = research(&brief).await?;\n let (a, b) = try_join!(compose(&found), fetch(&found.$0))?;\n Ok(a)",
        &["pages"],
    ),
    case(
        "a dot on what `try_join!` gives",
        "let found = research(&brief).await?;\n let (draft, page) = try_join!(compose(&found), fetch(&found.pages[0]))?;\n page.$0\n Ok(draft)",
        &["title"],
    ),
    case(
        "a dot on what `try_join!` gives, semicolon",
        "let found = research(&brief).await?;\n let (draft, page) = try_join!(compose(&found), fetch(&found.pages[0]))?;\n let n = draft.$0;\n Ok(draft)",
        &["body"],
    ),
    case(
        "a dot on what `join!` gives",
        "let found = research(&brief).await?;\n let (draft, page) = join!(compose(&found), fetch(&found.pages[0]));\n let page = page?;\n page.$0\n draft",
        &["title"],
    ),
    case(
        "a dot in an `async` arm",
        "let found = research(&brief).await?;\n let (a, b) = try_join!(async { let draft = compose(&found).await?; draft.$0 }, compose(&found))?;\n Ok(b)",
        &["body"],
    ),
    case(
        "a dot in an `async` arm, semicolon",
        "let found = research(&brief).await?;\n let (a, b) = try_join!(async { let draft = compose(&found).await?; let b = draft.$0; Ok(draft) }, compose(&found))?;\n Ok(b)",
        &["body"],
    ),
    case(
        "a step in an `async` arm",
        "let found = research(&brief).await?;\n let (a, b) = try_join!(async { let draft = comp$0 }, compose(&found))?;\n Ok(b)",
        &["compose"],
    ),
    case(
        "a binding in an `async` arm",
        "let found = research(&brief).await?;\n let (a, b) = try_join!(#[at(first)] async { let draft = compose(&fou$0).await?; Ok(draft) }, compose(&found))?;\n Ok(b)",
        &["found"],
    ),
    case(
        "a dot on what an `async` arm gives",
        "let found = research(&brief).await?;\n let (a, b) = try_join!(async { let draft = compose(&found).await?; Ok(draft.body) }, compose(&found))?;\n a.$0;\n Ok(b)",
        &["len", "trim"],
    ),
    // Arms of which there are many, or of which one wins.
    case(
        "a binding in `join_all!`",
        "let found = research(&brief).await?;\n let pages = join_all!(&fou$0, |page| fetch(page));\n compose(&found).await",
        &["found"],
    ),
    case(
        "a field in `try_join_all!`, unfinished",
        "let found = research(&brief).await?;\n let pages = try_join_all!(&found.$0\n compose(&found).await",
        &["pages"],
    ),
    case(
        "a step in `try_join_all!`",
        "let found = research(&brief).await?;\n let pages = try_join_all!(&found.pages, |page| fet$0)?;\n compose(&found).await",
        &["fetch"],
    ),
    case(
        "the item in `try_join_all!`",
        "let found = research(&brief).await?;\n let pages = try_join_all!(&found.pages, |page| fetch(pa$0), limit = 4)?;\n compose(&found).await",
        &["page"],
    ),
    case(
        "a dot on the item in `try_join_all!`",
        "let found = research(&brief).await?;\n let pages = try_join_all!(&found.pages, |page| async { page.$0 })?;\n compose(&found).await",
        &["title", "summary"],
    ),
    case(
        "a binding in the limit of `join_all!`",
        "let found = research(&brief).await?;\n let pages = join_all!(&found.pages, |page| fetch(page), limit = bri$0);\n compose(&found).await",
        &["brief"],
    ),
    case(
        "a dot on what `try_join_all!` gives",
        "let found = research(&brief).await?;\n let pages = try_join_all!(&found.pages, |page| fetch(page))?;\n pages[0].$0;\n compose(&found).await",
        &["title", "summary"],
    ),
    case(
        "a step in `select!`",
        "let draft = compose(&research(&brief).await?).await?;\n select! {\n seen = rev$0\n }\n Ok(draft)",
        &["review"],
    ),
    case(
        "a binding in `select!`",
        "let draft = compose(&research(&brief).await?).await?;\n let won = select! {\n seen = review(&dra$0) => seen?.approved,\n other = revise(&draft, \"x\") => true,\n };\n Ok(draft)",
        &["draft"],
    ),
    case(
        "a dot in a handler of `select!`",
        "let draft = compose(&research(&brief).await?).await?;\n let won = select! {\n seen = review(&draft) => seen?.$0,\n other = revise(&draft, \"x\") => true,\n };\n Ok(draft)",
        &["approved", "remarks"],
    ),
    case(
        "a dot in a block of `select!`",
        "let draft = compose(&research(&brief).await?).await?;\n let won = select! {\n seen = review(&draft) => { let seen = seen?; seen.$0 }\n other = revise(&draft, \"x\") => true,\n };\n Ok(draft)",
        &["approved", "remarks"],
    ),
    case(
        "a variant before a next call",
        "let found = research(&brief).await?;\n let kind = Complexity::$0\n compose(&found).await",
        &["Low", "High"],
    ),
];

/// Whole items.
pub(crate) const ITEMS: &[Case] = &[
    case(
        "an option of `#[step]`",
        "#[step(retr$0)]\npub async fn more(page: &Page) -> Result<Page, LlmError> { Ok(page.clone()) }",
        &["retries"],
    ),
    case(
        "an option of `#[step]`, nothing typed",
        "#[step($0)]\npub async fn more(page: &Page) -> Result<Page, LlmError> { Ok(page.clone()) }",
        &["retries", "timeout", "backoff"],
    ),
    case(
        "an option of `#[step]`, a second one",
        "#[step(retries = 3, ti$0)]\npub async fn more(page: &Page) -> Result<Page, LlmError> { Ok(page.clone()) }",
        &["timeout"],
    ),
    case(
        "a name in `#[step(retry_if = ..)]`",
        "fn busy(_: &LlmError) -> bool { true }\n#[step(retries = 3, retry_if = bus$0)]\npub async fn more(page: &Page) -> Result<Page, LlmError> { Ok(page.clone()) }",
        &["busy"],
    ),
    case(
        "an option of `#[workflow]`",
        "workflow! {\n    #[workflow(mig$0)]\n    Typed<Brief -> Brief>(brief) { Ok(brief) }\n}",
        &["migrate"],
    ),
    case(
        "a function in `#[workflow(migrate = ..)]`",
        "fn from_older(_: &mut flow_runtime::migrate::StoredState) -> Result<(), flow_runtime::Error> { Ok(()) }\nworkflow! {\n    #[workflow(id = \"typed\", migrate = from_$0)]\n    Typed<Brief -> Brief>(brief) { Ok(brief) }\n}",
        &["from_older"],
    ),
    case("an option of `#[suspend]`", "#[suspend(res$0)]\npub fn more(page: &Page) -> Page { page.clone() }", &["resume"]),
    case(
        "a second option of `#[suspend]`",
        "#[suspend(resume = Decision, dead$0)]\npub fn more(page: &Page) -> Page { page.clone() }",
        &["deadline"],
    ),
    case(
        "a type in `#[suspend(resume = ..)]`",
        "#[suspend(resume = Deci$0)]\npub fn more(page: &Page) -> Page { page.clone() }",
        &["Decision"],
    ),
    case(
        "a dot in the body of a step",
        "#[step]\npub async fn more(page: &Page) -> Result<Page, LlmError> { page.$0 }",
        &["title", "summary"],
    ),
    case(
        "a dot in the body of a step, semicolon",
        "#[step]\npub async fn more(page: &Page) -> Result<Page, LlmError> { let t = page.$0; Ok(page.clone()) }",
        &["title", "summary"],
    ),
    case(
        "the input's type in a header",
        "workflow! {\n    Typed<Bri$0 -> Draft>(brief) { Ok(Draft { body: brief.topic }) }\n}",
        &["Brief"],
    ),
    case(
        "the output's type in a header",
        "workflow! {\n    Typed<Brief -> Dra$0>(brief) { Ok(Draft { body: brief.topic }) }\n}",
        &["Draft"],
    ),
];

/// What is known not to be met, and why.
pub(crate) const MISSED: &[(&str, &str)] = &[];
