//! `docs/errors.md` is made of the doc comments of the rules and of what the compiler says about the programs of
//! `tests/ui`. Write it with `BLESS=1 cargo test -p tests --test errors`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

const HEAD: &str = "# Errors

<!-- Made by tests/tests/errors.rs from the doc comments of the rules. -->

Each kind of mistake that the compiler finds in a workflow: the rule, what breaks it (✗), what to write (✓), and how the
errors begin. The programs that break a rule, each beside the words of the compiler, are in the folder of its name.
What a workflow may say is in the [guide](guide.md).
";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The rules of the doc comments, by name, in the order of the files.
fn rules() -> BTreeMap<String, Vec<String>> {
    let mut rules: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for krate in ["flow-macros/src", "flow-runtime/src"] {
        for file in files(&root().join(krate), "rs") {
            let mut rule: Option<(String, String)> = None;
            for line in fs::read_to_string(&file).unwrap().lines().chain([""]) {
                let comment = line.trim_start().strip_prefix("///").or_else(|| line.trim_start().strip_prefix("//!"));
                let text = comment.map(|text| text.strip_prefix(' ').unwrap_or(text));
                let named = text.and_then(|text| text.strip_prefix("Rule `")?.split_once("`: "));
                if let Some((name, first)) = named {
                    rule = Some((name.to_owned(), format!("{}\n", capital(first))));
                    continue;
                }
                let Some((_, said)) = &mut rule else { continue };
                let Some(text) = text else {
                    rule = None;
                    continue;
                };
                writeln!(said, "{text}").unwrap();
                if text == "```" {
                    let (name, said) = rule.take().unwrap();
                    rules.entry(name).or_default().push(said);
                }
            }
        }
    }
    rules
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// The folders of failing programs.
fn folders() -> BTreeSet<String> {
    let entries = fs::read_dir(root().join("tests/ui")).unwrap().map(|entry| entry.unwrap().path());
    let folders = entries.filter(|path| path.is_dir() && !path.ends_with("pass"));
    folders.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
}

/// How the errors of a folder begin.
fn messages(folder: &str) -> BTreeSet<String> {
    let words = files(&root().join("tests/ui").join(folder), "stderr").into_iter();
    let words: Vec<_> = words.map(|path| fs::read_to_string(path).unwrap()).collect();
    words.iter().flat_map(|words| words.lines()).filter(|line| line.starts_with("error")).map(ToOwned::to_owned).collect()
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    for (name, said) in rules() {
        write!(page, "\n## `{name}`\n\n{}\n", said.join("\n")).unwrap();
        write!(page, "What is said, in [`tests/ui/{name}/`](../tests/ui/{name}):\n\n```text\n").unwrap();
        messages(&name).iter().for_each(|message| writeln!(page, "{message}").unwrap());
        page.push_str("```\n");
    }
    page
}

#[test]
fn each_rule_has_programs_that_break_it_and_each_folder_is_a_rule() {
    assert_eq!(rules().into_keys().collect::<BTreeSet<_>>(), folders());
    for folder in folders() {
        assert!(!messages(&folder).is_empty(), "nothing in tests/ui/{folder} is refused");
    }
}

/// A rule shows what breaks it and what to write. Where there are several mistakes, each is mended by its own rule.
#[test]
fn each_rule_has_an_example_and_what_to_write() {
    for (name, said) in rules() {
        let all = said.concat();
        assert!(all.contains('✗'), "rule `{name}` has no example that breaks it");
        assert!(all.contains('✓') || name == "several", "rule `{name}` does not show what to write");
    }
}

#[test]
fn the_page_of_errors_is_fresh() {
    let (file, page) = (root().join("docs/errors.md"), page());
    if std::env::var_os("BLESS").is_some() {
        fs::write(&file, &page).unwrap();
    }
    let known = fs::read_to_string(&file).unwrap_or_default();
    let differs = known.lines().zip(page.lines()).position(|(known, new)| known != new).map(|line| line + 1);
    assert!(known == page, "docs/errors.md is not what the rules say, first in line {differs:?}: run with BLESS=1");
}
