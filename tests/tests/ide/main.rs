//! What an editor knows inside of `workflow!`: rust-analyzer is started on a small project and asked.
//!
//! Skipped, loudly, where there is no rust-analyzer.

mod completion;
mod project;
mod reading;
mod server;

use project::File;
use server::Server;

/// One server for all questions, since it takes long to start.
#[test]
fn an_editor_knows_what_is_in_a_workflow() {
    let Some(program) = server::program() else {
        eprintln!(
            "SKIPPED: there is no rust-analyzer. `cargo install ra_ap_rust-analyzer --version 0.0.326 --locked`, \
             `rustup component add rust-src`, and name the program in FLOW_RUST_ANALYZER."
        );
        return;
    };
    let project = project::write();
    let mut server = Server::start(&program, &project);
    let mut file = File::open(&mut server, &project.join("src/lib.rs"), project::STEPS);
    let wrong = [reading::wrong(&mut server, &mut file), completion::wrong(&mut server, &mut file)].concat();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
