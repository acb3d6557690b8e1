//! A content team: a model researches a brief, outlines, drafts and looks for search terms; an editor approves the
//! draft or says what to change, as often as it takes; the article comes out as Markdown.
//!
//! ```sh
//! cargo run --example content                                  # a brief and its source come with the example
//! cargo run --example content -- --topic Bread --audience children --length short --source bread.md
//! cargo run --example content -- --yes                         # approves every draft
//! cargo run --example content -- runs                          # what there is
//! cargo run --example content -- show RUN                      # one run: status, state, events, graph
//! cargo run --example content -- resume RUN editor_review#0 --approve
//! cargo run --example content -- resume RUN editor_review#0 --change "shorter, please"
//! cargo run --example content -- retry RUN                     # goes on after a failure, or after a kill
//! cargo run --example content -- cancel RUN
//! cargo run --example content -- fork RUN editor_review#0      # a new run from there; the old one stays
//! cargo run --example content -- check                         # before a deploy: which runs this program cannot go on with
//! cargo run --example content -- prune --days 30               # deletes runs that are over
//! cargo run --example content -- graph                         # the workflow as Mermaid; `--format svg` for a picture
//! ```
//!
//! With `OPENAI_API_KEY` or `OPENAI_BASE_URL` set (and `OPENAI_MODEL`, if you like) a real model writes; with neither,
//! articles are put together from the sentences of the sources. Runs are kept in `content.db` in the current folder,
//! or where `--db FILE` says. The article goes to stdout, everything else to stderr, except what `runs`, `show` and
//! `graph` are asked for.
//!
//! On a terminal the editor is asked at a prompt. Otherwise the program ends while the run waits, and prints the
//! command that goes on. Kill it at any moment: `retry RUN` goes on from the last step that had its result.
//!
//! | file | what it shows |
//! |---|---|
//! | `workflow.rs` | the workflow and its steps |
//! | `run.rs` | starting, following, resuming, retrying and forking a run |
//! | `show.rs` | looking at a store without driving anything |
//! | `upkeep.rs` | asking before a deploy whether all runs can go on; deleting old ones |
//! | `progress.rs` | following the events of a run |
//! | `model/` | the steps' work: a server that speaks the chat completions protocol, or none |
//!
//! # Hooks for tests
//! With `CONTENT_EFFECTS=FILE` each execution of a step appends the line `start KEY` to the file before it works, and
//! `end KEY` once it has its result (a failed attempt has no `end`); the key is the step's idempotency key. With
//! `CONTENT_STEP_DELAY_MS=N` it sleeps that long after `start`; `N,seo=M` says so for one step in particular.
#![allow(unreachable_pub, reason = "an example is a program; `pub` says what a module offers to the rest of it")]

mod cli;
mod hooks;
mod model;
mod place;
mod progress;
mod prompt;
mod run;
mod show;
#[cfg(test)]
mod states;
mod types;
mod upkeep;
mod workflow;

use std::process::ExitCode;

use flow_runtime::Error;

use crate::cli::{Cli, Command};
use crate::prompt::Reviewer;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = match Cli::read() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    match obey(cli).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {}", cli::one_line(&error.to_string()));
            ExitCode::FAILURE
        }
    }
}

async fn obey(cli: Cli) -> Result<ExitCode, Error> {
    let Cli { db, yes, command, new } = cli;
    let reviewer = Reviewer::new(yes);
    match command {
        None => run::start(&db, new, reviewer).await,
        Some(Command::Resume { run, address, answer }) => run::resume(&db, run, &address, answer.into(), reviewer).await,
        Some(Command::Retry { run }) => run::retry(&db, run, reviewer).await,
        Some(Command::Cancel { run }) => run::cancel(&db, run).await,
        Some(Command::Runs) => show::runs(&db).await,
        Some(Command::Show { run, full }) => show::run(&db, run, full).await,
        Some(Command::Fork { run, place }) => run::fork(&db, run, &place, reviewer).await,
        Some(Command::Check) => upkeep::check(&db).await,
        Some(Command::Prune { days, failed }) => upkeep::prune(&db, days, failed).await,
        Some(Command::Graph { format }) => show::graph(format),
    }
}
