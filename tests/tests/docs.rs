//! What the pages say, held against what there is. Their Rust blocks are run as tests too, by `tests/src/lib.rs`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[allow(dead_code, reason = "only its graph is looked at here")]
#[path = "behaviour/content.rs"]
mod content;

use flow_runtime::Definition;

const PAGES: &[&str] = &[
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/guide.md",
    "docs/runs.md",
    "docs/errors.md",
    "docs/deploying.md",
    "docs/durability.md",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The code blocks of a page, with what stands behind the fence.
fn blocks(page: &str) -> Vec<(String, String)> {
    let (text, mut blocks) = (read(page), Vec::new());
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let block: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push((language.to_owned(), block.join("\n")));
        }
    }
    blocks
}

fn first(page: &str, language: &str) -> String {
    let found = blocks(page).into_iter().find(|(known, _)| known == language);
    found.unwrap_or_else(|| panic!("{page} has no block of {language}")).1
}

/// One line for any amount of space, so that indentation makes no difference.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_workflow_of_the_readme_is_the_one_that_runs() {
    let workflow = first("README.md", "rust,ignore");
    for file in ["examples/content/workflow.rs", "tests/tests/behaviour/content.rs"] {
        let source = read(file).replace("pub(crate) Content<", "pub Content<");
        assert!(source.contains(&workflow), "{file} has another workflow than README.md");
    }
}

#[test]
fn the_error_of_the_readme_is_what_the_compiler_says() {
    assert_eq!(first("README.md", "text"), read("tests/ui/arguments/wrong_type.stderr").trim_end());
}

#[test]
fn the_drawing_of_the_readme_is_the_graph() {
    assert_eq!(first("README.md", "mermaid"), content::Content::GRAPH.to_mermaid().trim_end());
    // Written anew with `BLESS=1`.
    let (file, svg) = (root().join("docs/content.svg"), content::Content::GRAPH.to_svg() + "\n");
    if std::env::var_os("BLESS").is_some() {
        fs::write(file, &svg).unwrap();
    }
    assert!(read("docs/content.svg") == svg, "docs/content.svg is not the drawing of the workflow");
}

/// The page of a workflow shows its drawing, with what stands in it.
#[test]
fn rustdoc_shows_the_drawing() {
    let target = std::env::current_exe().unwrap().ancestors().nth(3).unwrap().to_owned();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["doc", "--no-deps", "--package", "renamed", "--quiet", "--offline"];
    let built = Command::new(cargo).args(arguments).current_dir(root()).env("CARGO_TARGET_DIR", &target).status().unwrap();
    assert!(built.success());
    let page = fs::read_to_string(target.join("doc/renamed/enum.Purchase.html")).unwrap();
    let drawing = page.split("<svg").find(|svg| svg.contains("flow-way")).and_then(|svg| svg.split("</svg>").next());
    let drawing = drawing.expect("the page has the drawing");
    assert!(drawing.contains(">start</text>") && drawing.contains("flow-step"), "{drawing}");
}

#[test]
fn the_readme_sets_up_with_two_commands() {
    let commands = first("README.md", "sh");
    assert_eq!(commands.lines().collect::<Vec<_>>(), ["cargo run --example content", "cargo test --workspace"]);
    let last = read(".ci/run").trim_end().lines().last().unwrap().to_owned();
    assert_eq!(Some(last.as_str()), commands.lines().last(), "the last command of .ci/run is that of the README");
}

#[test]
fn the_readme_lists_each_example() {
    let (readme, manifest) = (read("README.md"), read("examples/Cargo.toml"));
    let examples = manifest.split("[[example]]").skip(1).filter_map(|part| part.split('"').nth(1));
    for example in examples {
        assert!(readme.contains(&format!("| `cargo run --example {example}` |")), "README.md does not list `{example}`");
    }
}

#[test]
fn the_pages_name_the_version_of_rust() {
    let manifest = read("Cargo.toml");
    let version = manifest.split("rust-version = \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    assert!(read("README.md").contains(&format!("Rust {version} or newer")));
}

#[test]
fn every_rust_block_is_compiled_or_held_against_a_file() {
    let expansion = squeezed(&read("flow-macros/expansions/hello.rs").replace("::flow_runtime::__private::", ""));
    let source = squeezed(&read("flow-macros/src/workflow.rs"));
    for (language, block) in blocks("ARCHITECTURE.md").iter().filter(|(language, _)| language.starts_with("rust")) {
        assert_eq!(language, "rust,ignore", "ARCHITECTURE.md shows generated code");
        for part in block.split("// ..") {
            let part = squeezed(part);
            assert!(expansion.contains(&part) || source.contains(&part), "not in the expansion or its source:\n{part}");
        }
    }
    for page in ["README.md", "docs/guide.md", "docs/runs.md", "docs/deploying.md", "docs/durability.md"] {
        let unchecked = blocks(page).iter().filter(|(language, _)| language.contains("ignore")).count();
        assert_eq!(unchecked, usize::from(page == "README.md"), "{page} has a block that nobody runs");
    }
}

#[test]
fn links_and_paths_lead_somewhere() {
    for page in PAGES {
        let (text, folder) = (read(page), root().join(page).parent().unwrap().to_owned());
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap();
            let lead = link.starts_with("https://") || file.is_empty() || folder.join(file).exists();
            assert!(lead, "{page} links to {link}");
        }
        let crates = ["flow-macros/", "flow-runtime/", "examples/", "tests/", "docs/", ".ci/"];
        for path in text.split('`').skip(1).step_by(2).filter(|code| crates.iter().any(|name| code.starts_with(name))) {
            let lead = path.contains(['*', ' ', '<']) || root().join(path).exists();
            assert!(lead, "{page} names {path}");
        }
    }
}

#[test]
fn the_map_of_the_code_is_complete() {
    let map = read("ARCHITECTURE.md");
    for krate in ["flow-macros", "flow-runtime"] {
        for entry in fs::read_dir(root().join(krate).join("src")).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let known = map.contains(&format!("`{name}`")) || map.contains(&format!("`{name}/`"));
            assert!(known || name == "docs", "ARCHITECTURE.md does not tell what {krate}/src/{name} is for");
        }
    }
}

#[test]
fn the_architecture_is_short() {
    assert!(read("ARCHITECTURE.md").lines().count() < 300);
}
