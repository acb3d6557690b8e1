//! Bodies of any number of nodes, each as a workflow and as the async fn it reads like.

use std::fmt::Write as _;

/// What a body is made of.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// One node after the other.
    Linear,
    /// Ten nodes at a time: a step, a join, a branch, two loops, suspensions and an arm for each item.
    Mixed,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Mixed => "mixed",
        }
    }
}

/// As a workflow: header and body, what `workflow!` is given.
pub(crate) fn workflow(kind: Kind, nodes: usize, name: &str) -> String {
    format!("pub {name}<String -> String>(brief) {{\n{}}}\n", body(kind, nodes, true))
}

/// As an async fn.
pub(crate) fn plain(kind: Kind, nodes: usize, name: &str) -> String {
    let body = body(kind, nodes, false);
    format!("pub async fn {name}(brief: String) -> Result<String, flow_runtime::Error> {{\n{body}}}\n")
}

fn body(kind: Kind, nodes: usize, labels: bool) -> String {
    let at = |name: &str, n: usize| if labels { format!("#[at({name}_{n})] ") } else { String::new() };
    let mut text = String::new();
    match kind {
        Kind::Linear => (0..nodes).for_each(|n| linear(&mut text, n, &at)),
        Kind::Mixed => {
            text.push_str("let mut words: u32 = 0;\n");
            (0..nodes / 10).for_each(|n| mixed(&mut text, n, &at, labels));
        }
    }
    let last = match kind {
        Kind::Linear => format!("Ok(text_{})\n", nodes - 1),
        Kind::Mixed => "Ok(format!(\"{brief}: {words} words\"))\n".to_owned(),
    };
    text + &last
}

fn linear(text: &mut String, n: usize, at: &impl Fn(&str, usize) -> String) {
    let before = if n == 0 { "brief".to_owned() } else { format!("text_{}", n - 1) };
    writeln!(text, "let text_{n} = {}polish(&{before}).await?;", at("polish", n)).expect("a string takes it");
}

fn mixed(text: &mut String, n: usize, at: &impl Fn(&str, usize) -> String, labels: bool) {
    let at = |name: &str| at(name, n);
    let pages = if labels {
        format!("{}try_join_all!(&seo_{n}.links, |link| fetch(link), limit = 4)?", at("fetch"))
    } else {
        // Collected first: rustc does not prove that a future is `Send` which holds a stream over a closure that borrows.
        let arms = format!("seo_{n}.links.iter().map(|link| fetch(link)).collect::<Vec<_>>()");
        format!("stream::iter({arms}).buffered(4).try_collect::<Vec<u32>>().await?")
    };
    write!(
        text,
        "let research_{n} = {}research(&brief).await?;
        let (outline_{n}, seo_{n}) = {}try_join!({}outline(&research_{n}), {}seo(&research_{n}))?;
        let mut draft_{n} = if research_{n}.deep {{
            {}draft_deep(&outline_{n}, &seo_{n}).await?
        }} else {{
            {}draft_simple(&outline_{n}).await?
        }};
        let mut decision_{n} = {}review(&draft_{n}).await?;
        while !decision_{n}.approved {{
            draft_{n} = {}revise(&draft_{n}, &decision_{n}.notes).await?;
            decision_{n} = {}review(&draft_{n}).await?;
        }}
        for source in &outline_{n}.sources {{
            if !{}check(source).await? {{
                continue;
            }}
            words += 1;
        }}
        let pages_{n} = {pages};
        words += pages_{n}.iter().sum::<u32>() + draft_{n}.words;
        ",
        at("research"),
        at("join"),
        at("outline"),
        at("seo"),
        at("deep"),
        at("simple"),
        at("review"),
        at("revise"),
        at("again"),
        at("check"),
    )
    .expect("a string takes it");
}
