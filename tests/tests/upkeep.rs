//! The commands of the example `content` that look after its runs: before a deploy, on a full disk, and to try again.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use tests::program;

fn content(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(program::content());
    command.arg("--db").arg(folder.join("runs.db")).args(args).stdin(Stdio::null());
    command.env_remove("OPENAI_API_KEY").env_remove("OPENAI_BASE_URL").output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn a_deploy_is_told_of_runs_that_could_not_go_on() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        assert!(content(folder.path(), &[]).status.success());
    }
    let fits = content(folder.path(), &["check"]);
    assert!(fits.status.success() && fits.stdout.is_empty(), "{fits:?}");

    // As a program would leave it that called the workflow otherwise.
    let store = rusqlite::Connection::open(folder.path().join("runs.db")).unwrap();
    store.execute_batch("UPDATE runs SET workflow = 'article'; UPDATE frames SET path = 'article'").unwrap();
    let stranded = content(folder.path(), &["check"]);
    assert_eq!(stranded.status.code(), Some(1), "{stranded:?}");
    let told = text(&stranded.stdout);
    assert!(told.starts_with("article  editor_review  2 runs, the oldest is ") && told.lines().count() == 2, "{told}");
    assert!(told.contains("the workflow `article` is not registered here"), "{told}");
    let row = store.query_row("SELECT count(*) FROM runs WHERE status = 'suspended' AND owner IS NULL", [], |row| row.get(0));
    assert_eq!(row, Ok(2), "nothing was touched");
}

#[test]
fn what_is_over_is_deleted_when_it_is_old() {
    let folder = tempfile::tempdir().unwrap();
    assert!(content(folder.path(), &["--yes"]).status.success());
    assert!(content(folder.path(), &[]).status.success());
    let prune = |days| text(&content(folder.path(), &["prune", "--days", days]).stderr).to_owned();
    assert_eq!(prune("1"), "deleted 0 runs\n");
    assert_eq!(prune("0"), "deleted 1 run\n");
    let left = content(folder.path(), &["runs"]);
    assert!(text(&left.stdout).lines().count() == 1 && text(&left.stdout).contains("suspended"), "{left:?}");
}

#[test]
fn a_run_is_forked_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let first = content(folder.path(), &["--yes"]);
    assert!(first.status.success());
    let runs = content(folder.path(), &["runs"]);
    let run = text(&runs.stdout).split_whitespace().next().unwrap();
    let fork = content(folder.path(), &["fork", run, "editor_review#0", "--yes"]);
    assert!(fork.status.success(), "{fork:?}");
    assert_eq!(text(&fork.stdout), text(&first.stdout), "the same article, from the review on");
    assert!(!text(&fork.stderr).contains("research"), "{fork:?}");
    let nowhere = content(folder.path(), &["fork", run, "editor_review#9"]);
    assert!(!nowhere.status.success() && text(&nowhere.stderr).contains("was never at `editor_review#9`"), "{nowhere:?}");
}
