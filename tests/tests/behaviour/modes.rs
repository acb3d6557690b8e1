//! Everything here, on each store, driven in each way.

use std::io::{Read, Seek};
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, thread};

use flow_runtime::testing::PostgresServer;

/// These set up stores of their own, or are about one.
const OF_THEIR_OWN: [&str; 9] =
    ["modes::", "faults::", "restarts::", "lock::", "migrate::", "in_sqlite", "in_postgres", "processes", "never_lost"];

/// How long the tests of one mode may take; it is half a minute on a slow machine.
const AT_MOST: Duration = Duration::from_secs(240);

#[test]
fn each_store_and_each_way_of_driving() {
    let folder = tempfile::tempdir().unwrap();
    let files = folder.path().to_str().unwrap();
    let (mut run, mut failed) = (0_usize, Vec::new());
    // Says so, where there is no PostgreSQL.
    let stores = if PostgresServer::shared().is_some() { vec!["memory", files, "postgres"] } else { vec!["memory", files] };
    for store in &stores {
        for driven in ["through", "restored", "parked"] {
            let (all, text) = behaviour(store, driven);
            let count = passed(&text);
            println!("{} {driven}: {count} tests passed", if *store == files { "sqlite" } else { store });
            run += count;
            if !all {
                failed.push(format!("FLOW_STORE={store} FLOW_DRIVEN={driven}\n{text}"));
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(run > 3 * 100 * stores.len(), "a mode with nothing in it proves nothing: {run} tests");
}

/// Whether all of it passed, and what it printed. One that hangs is ended, having said which tests were running.
fn behaviour(store: &str, driven: &str) -> (bool, String) {
    let mut command = Command::new(env::current_exe().unwrap());
    for name in OF_THEIR_OWN {
        command.args(["--skip", name]);
    }
    let mut printed = tempfile::tempfile().unwrap();
    let mut tests =
        command.env("FLOW_STORE", store).env("FLOW_DRIVEN", driven).stdout(printed.try_clone().unwrap()).spawn().unwrap();
    let begun = Instant::now();
    while tests.try_wait().unwrap().is_none() {
        if begun.elapsed() > AT_MOST {
            tests.kill().unwrap();
        }
        thread::sleep(Duration::from_millis(50));
    }
    let mut text = String::new();
    printed.rewind().unwrap();
    printed.read_to_string(&mut text).unwrap();
    (tests.wait().unwrap().success(), text)
}

/// From the last line of a test program.
fn passed(text: &str) -> usize {
    let line = text.lines().find_map(|line| line.strip_prefix("test result: "));
    let count = line.and_then(|line| line.split(". ").nth(1)).and_then(|rest| rest.split(' ').next());
    count.and_then(|count| count.parse().ok()).unwrap_or_default()
}
