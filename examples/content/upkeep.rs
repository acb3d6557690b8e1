//! The commands that keep a store fit: before a deploy, and as it fills.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use flow_runtime::store::Sqlite;
use flow_runtime::{Error, Runtime};

use crate::cli::one_line;
use crate::model::Model;
use crate::show::{self, Look};
use crate::workflow::{Content, Desk};

/// Lists the runs that this program cannot go on with; with one the exit code is 1, so that a deploy stops there. Nothing is
/// driven or changed.
pub async fn check(db: &Path) -> Result<ExitCode, Error> {
    Look::open(db)?;
    let program = Runtime::builder(Desk { model: Model::Offline }).store(Sqlite::open_existing(db)?).register::<Content>();
    let found = program.check().await?;
    let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for run in &found {
        groups.entry((&run.workflow, &run.place, one_line(&run.reason.to_string()))).or_default().push(run.run);
    }
    let mut out = String::new();
    for ((workflow, place, reason), runs) in &groups {
        writeln!(out, "{workflow}  {place}  {}, the oldest is {}\n    {reason}", counted(runs.len() as u64), runs[0])?;
    }
    if found.is_empty() {
        eprintln!("this program can go on with every run in `{}`", db.display());
        return Ok(ExitCode::SUCCESS);
    }
    show::print(&out)?;
    Ok(ExitCode::FAILURE)
}

/// Deletes runs that are over. No workflow is registered, so this process takes no run up.
pub async fn prune(db: &Path, days: u32, failed: bool) -> Result<ExitCode, Error> {
    Look::open(db)?;
    let runtime = Runtime::builder(()).store(Sqlite::open(db)?).build().await?;
    let older_than = Duration::from_hours(24 * u64::from(days));
    let pruned = if failed { runtime.prune_failed(older_than).await } else { runtime.prune(older_than).await };
    runtime.shutdown().await?;
    eprintln!("deleted {}", counted(pruned?));
    Ok(ExitCode::SUCCESS)
}

fn counted(runs: u64) -> String {
    if runs == 1 { "1 run".to_owned() } else { format!("{runs} runs") }
}
