//! The commands that drive runs: start, resume, retry, cancel.

use std::path::Path;
use std::pin::pin;
use std::process::ExitCode;
use std::time::Duration;

use flow_runtime::event::Event;
use flow_runtime::store::Sqlite;
use flow_runtime::{Error, Outcome, Pending, Run, RunId, RunStatus, Runtime};
use futures::StreamExt;

use crate::cli::{self, New};
use crate::model::Model;
use crate::progress::Progress;
use crate::prompt::Reviewer;
use crate::show::{self, Look};
use crate::types::{Article, Decision};
use crate::workflow::{Content, Desk, editor_review};

/// How long the runs of a process that was killed stay its own.
const LEASE: Duration = Duration::from_secs(2);

/// What a shell expects of a program that was stopped with Ctrl-C.
const INTERRUPTED: u8 = 130;

/// Starts a run and follows it.
pub async fn start(db: &Path, new: New, reviewer: Reviewer) -> Result<ExitCode, Error> {
    let brief = new.brief()?;
    let session = Session::open(db, reviewer).await?;
    if brief.sources.is_empty() && matches!(session.runtime.app().model, Model::Offline) {
        eprintln!("note: there is no `--source`, so the text that comes with the example has to do");
    }
    let run = session.runtime.start::<Content>(brief).await.map_err(|error| match error.is_too_large() {
        true => Error::new(format!("the sources are too long to be kept with the run: {error}")),
        false => error,
    })?;
    session.conclude(&run, &[]).await
}

/// Answers a review and follows the run.
pub async fn resume(db: &Path, id: RunId, address: &str, decision: Decision, reviewer: Reviewer) -> Result<ExitCode, Error> {
    let before = Look::open(db)?.events(id).await?;
    let session = Session::open(db, reviewer).await?;
    let run = session.runtime.run::<Content>(id).await?;
    if let Err(error) = session.runtime.resume(id, address, serde_json::to_value(decision)?).await {
        let refused = if error.is_already_resumed() { session.answered(&run, &error).await? } else { error };
        session.runtime.shutdown().await?;
        return Err(refused);
    }
    session.conclude(&run, &before).await
}

/// Goes on with a run: one that failed is tried again, one whose process was killed is taken over.
pub async fn retry(db: &Path, id: RunId, reviewer: Reviewer) -> Result<ExitCode, Error> {
    let look = Look::open(db)?;
    let (before, status) = (look.events(id).await?, look.row(id).await?.status);
    let session = Session::open(db, reviewer).await?;
    let run = session.runtime.run::<Content>(id).await?;
    match status {
        RunStatus::Failed => session.runtime.retry(id).await?,
        RunStatus::Running => eprintln!("run {id} is running: it goes on here as soon as no other process has it"),
        RunStatus::Suspended | RunStatus::Completed | RunStatus::Cancelled => {}
    }
    session.conclude(&run, &before).await
}

/// Begins a new run where another one was, and follows it.
pub async fn fork(db: &Path, of: RunId, place: &str, reviewer: Reviewer) -> Result<ExitCode, Error> {
    Look::open(db)?;
    let session = Session::open(db, reviewer).await?;
    match session.runtime.fork::<Content>(of, place).await {
        Ok(run) => session.conclude(&run, &[]).await,
        Err(error) => {
            session.runtime.shutdown().await?;
            Err(error)
        }
    }
}

/// Ends a run for good. No workflow is registered, so this process takes no run up.
pub async fn cancel(db: &Path, id: RunId) -> Result<ExitCode, Error> {
    Look::open(db)?;
    let runtime = Runtime::builder(()).store(Sqlite::open(db)?).build().await?;
    let cancelled = runtime.cancel(id).await;
    runtime.shutdown().await?;
    cancelled?;
    eprintln!("run {id} is cancelled");
    Ok(ExitCode::SUCCESS)
}

/// A runtime on the store, and who reviews.
struct Session<'a> {
    db: &'a Path,
    runtime: Runtime<Desk>,
    reviewer: Reviewer,
}

impl<'a> Session<'a> {
    async fn open(db: &'a Path, reviewer: Reviewer) -> Result<Self, Error> {
        let model = Model::from_env()?;
        let store = Sqlite::open(db)?;
        let builder = Runtime::builder(Desk { model }).store(store).register::<Content>();
        let runtime = builder.lease(LEASE).linger(Duration::ZERO).checkpoints(true).build().await?;
        Ok(Self { db, runtime, reviewer })
    }

    /// Follows a run until it has ended, waits for somebody elsewhere, or Ctrl-C is pressed.
    async fn conclude(self, run: &Run<Content>, before: &[Event]) -> Result<ExitCode, Error> {
        eprintln!("{}\nrun {} in `{}`", self.runtime.app().model.describe(), run.id(), self.db.display());
        let end = tokio::select! {
            end = self.follow(run, Progress::after(before)) => Some(end),
            _ = tokio::signal::ctrl_c() => None,
        };
        self.runtime.shutdown().await?;
        match end {
            Some(end) => self.report(run, end?),
            None => self.interrupted(run).await,
        }
    }

    /// Shows what goes on, and asks for reviews.
    async fn follow(&self, run: &Run<Content>, mut progress: Progress) -> Result<Outcome<Article>, Error> {
        loop {
            let outcome = watch(run, &mut progress).await?;
            for event in self.runtime.history().events(run.id(), progress.next()).await? {
                progress.show(&event);
            }
            progress.clear();
            let Outcome::Suspended(pending) = &outcome else { return Ok(outcome) };
            let review = pending.one::<editor_review>()?;
            let Some(decision) = self.reviewer.decide(&review.payload()?).await? else { return Ok(outcome) };
            review.resume(decision).await?;
        }
    }

    fn report(&self, run: &Run<Content>, outcome: Outcome<Article>) -> Result<ExitCode, Error> {
        match outcome {
            Outcome::Completed(article) => return show::print(&article.to_markdown()),
            Outcome::Suspended(pending) => self.ask_elsewhere(&pending, run),
            Outcome::Failed(error) => return Err(failed(self.db, run.id(), &error)),
            Outcome::Cancelled => return Err(Error::new(format!("run `{}` was cancelled", run.id()))),
        }
        Ok(ExitCode::SUCCESS)
    }

    fn ask_elsewhere(&self, pending: &Pending, run: &Run<Content>) {
        for open in pending {
            eprint!("{}", how_to_answer(self.db, run.id(), open.address()));
        }
    }

    /// Says how to go on with a run whose review was answered before, by a process that was killed for instance.
    async fn answered(&self, run: &Run<Content>, error: &Error) -> Result<Error, Error> {
        Ok(match run.status().await? {
            RunStatus::Running | RunStatus::Failed => {
                let retry = cli::command(self.db, &format!("retry {}", run.id()));
                Error::new(format!("{error}; to go on with the run: {retry}"))
            }
            _ => Error::new(error),
        })
    }

    async fn interrupted(&self, run: &Run<Content>) -> Result<ExitCode, Error> {
        let pending = run.pending().await?;
        eprintln!("\nstopped; nothing that was finished is lost");
        match run.status().await? {
            RunStatus::Completed | RunStatus::Cancelled => {}
            RunStatus::Suspended => self.ask_elsewhere(&pending, run),
            RunStatus::Running | RunStatus::Failed => {
                eprintln!("go on with:\n    {}", cli::command(self.db, &format!("retry {}", run.id())));
            }
        }
        Ok(ExitCode::from(INTERRUPTED))
    }
}

/// Shows the events of a run until it rests.
async fn watch(run: &Run<Content>, progress: &mut Progress) -> Result<Outcome<Article>, Error> {
    let mut events = pin!(run.events(progress.next()).fuse());
    let mut outcome = pin!(run.outcome());
    loop {
        tokio::select! {
            biased;
            outcome = &mut outcome => return outcome,
            Some(event) = events.next() => progress.show(&event?),
        }
    }
}

/// The commands that answer a review.
pub fn how_to_answer(db: &Path, run: RunId, address: &str) -> String {
    let approve = cli::command(db, &format!("resume {run} {address} --approve"));
    let change = cli::command(db, &format!("resume {run} {address} --change \"what to change\""));
    format!("waiting for a review at `{address}`; go on with one of\n    {approve}\n    {change}\n")
}

/// Why a run failed, and how to try again.
pub fn failed(db: &Path, run: RunId, error: &Error) -> Error {
    let place = error.path().map(|path| format!("`{}` failed: ", crate::place::name(path))).unwrap_or_default();
    Error::new(format!("{place}{error}; to try again: {}", cli::command(db, &format!("retry {run}"))))
}
