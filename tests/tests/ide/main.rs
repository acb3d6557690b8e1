//! What an editor knows inside of `workflow!`: rust-analyzer is started on a small project and asked.
//!
//! Skipped, loudly, where there is no rust-analyzer.

mod completion;
mod project;
mod reading;
mod server;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use project::File;
use server::Server;

/// One server at a time: each takes all the cores there are.
static RUNNING: Mutex<()> = Mutex::new(());

fn program() -> Option<PathBuf> {
    let program = server::program();
    if program.is_none() {
        // Not `eprintln!`, which nobody sees of a test that passes.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: there is no rust-analyzer. `cargo install ra_ap_rust-analyzer --version 0.0.326 --locked`, \
             `rustup component add rust-src`, and name the program in FLOW_RUST_ANALYZER."
        );
    }
    program
}

/// One server for all questions, since it takes long to start.
#[test]
fn an_editor_knows_what_is_in_a_workflow() {
    let Some(program) = program() else { return };
    let _running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    let project = project::write();
    let mut server = Server::start(&program, &project, &project.join("target"));
    let mut file = File::open(&mut server, &project.join("src/lib.rs"), project::STEPS);
    let wrong = [reading::wrong(&mut server, &mut file), completion::wrong(&mut server, &mut file)].concat();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// In this workspace, with what is built of it.
#[test]
fn an_editor_finds_nothing_wrong_in_the_examples() {
    let Some(program) = program() else { return };
    let _running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests are in the workspace");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it lies in the target folder");
    let mut server = Server::start(&program, workspace, target);
    for example in ["content/workflow.rs", "hello.rs", "nested.rs", "approvals.rs"] {
        let path = workspace.join("examples").join(example);
        let text = std::fs::read_to_string(&path).expect("the example is there");
        let file = File::open(&mut server, &path, &text);
        let diagnostics = file.diagnostics(&mut server);
        assert!(diagnostics.is_empty(), "{example}: {diagnostics:#?}");
    }
}
