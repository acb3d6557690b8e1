//! Whatever it is given, a macro answers with tokens: an expansion or an error, never a panic.

use proc_macro2::TokenStream;
use proptest::prelude::*;

/// What bodies are made of, and some that does not belong there.
const WORDS: &[&str] = &[
    "let",
    "mut",
    "x",
    "y",
    "n",
    "=",
    ";",
    ";",
    "a(x).await?",
    "b(&y).await",
    "if",
    "else",
    "{",
    "}",
    "{",
    "}",
    "(",
    ")",
    "match",
    "=>",
    "_",
    "Some(x)",
    "while",
    "loop",
    "'out:",
    "break",
    "break 'out",
    "continue",
    "return",
    "Ok(x)",
    "Err(e)",
    "try_join!(a(x), b(y))?",
    "join!",
    "async { a(1).await }",
    "#[at(second)]",
    "#[at]",
    "&",
    "&&",
    "1",
    "\"{x}\"",
    "|x| x",
    "for",
    "in",
    "..",
    ",",
    ".",
    "?",
    "await",
    "fn f() {}",
    "let _g = x;",
    "n += 1;",
    "x = a(1).await?;",
    "let (x, y) = try_join!(a(1), b(2))?;",
    "<",
    ">",
    "->",
    "::",
    "!",
    "todo!()",
    "join_all!(&x, |y| b(y))",
    "try_join_all!(&x, |y| #[at(arm)] async { b(y).await }, limit = 2)?",
    "try_join_all!",
    "select!",
    "select! { x = a(1) => x?, _ = b(2) => 3 }",
    "limit = 0",
    "biased;",
    "for x in &y",
    "for (n, x) in y.iter().enumerate()",
    "0..n",
    "'out: for x in y { c(x).await?; continue 'out; }",
    "loop { n += 1; }",
    "#[at(again)]",
];

/// A body that is right, in pieces; dropping or doubling pieces breaks it in every way.
const PIECES: &[&str] = &[
    "let x = a(n).await?;",
    "let (l, r) = try_join!(b(&x), #[at(arm)] async { let z = c(x).await?; Ok(z) })?;",
    "let mut y: u32 = match l { 1 => d(r).await?, _ => 7 };",
    "while y < 10 { if y == 3 { continue; } y = e(y).await?; if y > 8 { break; } }",
    "let z: u32 = loop { let q = f(y).await?; if q > 2 { break q; } };",
    "if let Some(w) = &x.more { #[at(again)] a(w).await?; log(w); }",
    "let Some(v) = x.other else { return Ok(0) };",
    "let x = format!(\"{y} {}\", v);",
    "Ok(z)",
    "for w in &x.list { if w.off { continue; } #[at(each)] a(w).await?; y += 1; }",
    "'out: for (i, w) in x.list.iter().enumerate() { for k in 0..i { if k == y { break 'out; } d(w).await?; } }",
    "let many = try_join_all!(&x.list, |w| #[at(item)] async { let q = b(w).await?; #[at(more)] c(q).await }, limit = 4)?;",
    "let all: Vec<u32> = join_all!(0..y, |w| f(w)).into_iter().flatten().collect();",
    "let first: u32 = select! { got = a(y) => got?, _ = e(y) => { if y > 3 { return Ok(1); } 2 }, };",
    "loop { y += 1; println!(\"{y}\"); }",
];

fn soup() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(WORDS), 0..40).prop_map(|words| words.join(" "))
}

fn mutated() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..14).prop_map(|pieces| pieces.join("\n"))
}

/// Text that is no tokens at all, an unclosed brace for instance, never reaches a macro.
fn expands(text: &str, expand: impl FnOnce(TokenStream) -> TokenStream) {
    if let Ok(tokens) = text.parse() {
        expand(tokens);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_body_of_token_soup(body in soup()) {
        let body = format!("W<u32 -> u32>(n) {{ {body} }}");
        expands(&body, crate::workflow::expand);
        expands(&body, crate::workflow::in_editor);
    }

    #[test]
    fn a_mutated_body(body in mutated()) {
        let body = format!("pub W<Input -> u32>(mut n) {{ {body} }}");
        expands(&body, crate::workflow::expand);
        expands(&body, crate::workflow::in_editor);
    }

    #[test]
    fn a_header_of_token_soup(header in soup()) {
        expands(&header, crate::workflow::expand);
    }

    #[test]
    fn attributes_of_token_soup(options in soup(), item in soup()) {
        if let Ok(options) = options.parse::<TokenStream>() {
            expands(&item, |item| crate::node::step::expand(options.clone(), item));
            expands(&item, |item| crate::node::step::in_editor(options.clone(), item));
            expands(&format!("async fn s({item}) {{}}"), |item| crate::node::suspend::expand(options, item));
        }
        expands(&item, crate::node::provide::expand);
    }
}
