//! What the compiler says about each kind of mistake, pinned word for word.

use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn mistakes_are_told_as_they_should_be() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
    for folder in folders() {
        cases.compile_fail(format!("ui/{folder}/*.rs"));
    }
}

/// The first line of each program says how many errors there are, so that a second one does not slip in unnoticed.
#[test]
fn one_mistake_is_one_error() {
    for program in folders().iter().flat_map(|folder| programs(folder)) {
        let source = fs::read_to_string(&program).unwrap();
        let stderr = fs::read_to_string(program.with_extension("stderr")).unwrap_or_default();
        let errors = stderr.lines().filter(|line| line.starts_with("error:") || line.starts_with("error[")).count();
        let promised = source.strip_prefix("// errors: ").and_then(|rest| rest.split([',', '\n']).next()).map(str::parse);
        assert_eq!(promised, Some(Ok(errors)), "errors in {}:\n{stderr}", program.display());
    }
}

#[test]
fn no_message_names_what_only_the_macros_know() {
    for program in folders().iter().flat_map(|folder| programs(folder)) {
        let stderr = fs::read_to_string(program.with_extension("stderr")).unwrap_or_default();
        let inner =
            stderr.lines().find(|line| line.contains("Cx<") || line.contains("originates in the") || words(line).any(is_ours));
        assert_eq!(inner, None, "in {}", program.display());
    }
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric() && c != '_')
}

fn is_ours(word: &str) -> bool {
    word.starts_with("__") && word.contains(char::is_alphabetic)
}

fn ui() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("ui")
}

/// The folders of failing programs, one for each rule.
fn folders() -> Vec<String> {
    let entries = fs::read_dir(ui()).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<_> = entries.filter(|path| path.is_dir() && !path.ends_with("pass")).collect();
    folders.sort();
    folders.iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
}

fn programs(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(ui().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let mut programs: Vec<_> = entries.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect();
    programs.sort();
    programs
}
