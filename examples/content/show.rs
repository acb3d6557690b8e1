//! The commands that only look: the store is opened for reading, and nothing is driven or claimed.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use flow_runtime::event::{Event, Fact};
use flow_runtime::snapshot::{Frame, StoredFrame};
use flow_runtime::store::{History, RunFilter, RunRow, Sqlite, SuspensionRow, WaitsFor};
use flow_runtime::workflow::State;
use flow_runtime::{Definition, Error, RunId};
use serde_json::Value;

use crate::cli::{Format, one_line};
use crate::place::Open;
use crate::run::{failed, how_to_answer};
use crate::types::{Article, Brief};
use crate::workflow::{Content, ContentState};

/// How much of long texts and lists is shown.
const TEXT: usize = 100;
const ITEMS: usize = 3;

/// A store that is only looked at.
pub struct Look(Sqlite);

impl Look {
    /// Opens a store for a command that needs runs to be there.
    pub fn open(db: &Path) -> Result<Self, Error> {
        // An empty file is left by a process that was killed before it began.
        if std::fs::metadata(db).map_or(true, |file| file.is_file() && file.len() == 0) {
            return Err(Error::new(format!("there are no runs yet: no database at `{}`", db.display())));
        }
        Ok(Self(Sqlite::open_existing(db)?))
    }

    pub async fn row(&self, id: RunId) -> Result<RunRow, Error> {
        self.0.run(id).await?.ok_or_else(|| Error::new(format!("there is no run `{id}`")))
    }

    /// What has happened in a run.
    pub async fn events(&self, id: RunId) -> Result<Vec<Event>, Error> {
        self.row(id).await?;
        self.0.events(id, 0).await
    }

    /// Where the machines of a run stand.
    async fn frames(&self, id: RunId) -> Result<Vec<(String, Frame)>, Error> {
        let stored = self.0.frames(id).await?;
        let values: HashMap<_, _> = self.0.values(id).await?.into_iter().collect();
        let read = |(path, bytes): (String, Vec<u8>)| {
            let frame = StoredFrame::from_bytes(&bytes)?.resolve(|value| values.get(&value).cloned())?;
            Ok((path, frame))
        };
        stored.into_iter().map(read).collect()
    }
}

/// Lists the runs.
pub async fn runs(db: &Path) -> Result<ExitCode, Error> {
    let runs = Look::open(db)?.0.runs(RunFilter::default()).await?;
    if runs.is_empty() {
        eprintln!("there are no runs yet in `{}`", db.display());
    }
    let mut out = String::new();
    for row in runs {
        let topic = row.input.decode::<Brief>().map_or_else(|_| row.workflow.clone(), |brief| brief.topic);
        writeln!(out, "{}  {:9}  {:>12}  {}", row.run, row.status.as_str(), age(row.started), one_line(&topic))?;
    }
    print(&out)
}

/// Prints the workflow.
pub fn graph(format: Format) -> Result<ExitCode, Error> {
    print(&match format {
        Format::Mermaid => Content::GRAPH.to_mermaid(),
        Format::Svg => Content::GRAPH.to_svg() + "\n",
        Format::Dot => Content::GRAPH.to_dot(),
        Format::Json => Content::GRAPH.to_json() + "\n",
    })
}

/// Shows one run.
pub async fn run(db: &Path, id: RunId, full: bool) -> Result<ExitCode, Error> {
    let look = Look::open(db)?;
    let row = look.row(id).await?;
    let (events, open) = (look.events(id).await?, look.0.suspensions(id).await?);
    let frames = look.frames(id).await?;
    let mut out = String::new();
    head(&mut out, db, &row)?;
    state(&mut out, &frames, full)?;
    history(&mut out, &events, row.started)?;
    waits(&mut out, db, &row, &open)?;
    drawing(&mut out, &events)?;
    if let Some(article) = row.output.map(|output| output.decode::<Article>()).transpose()? {
        writeln!(out, "\n## Article\n\n{}", article.to_markdown())?;
    }
    print(&out)
}

fn head(out: &mut String, db: &Path, row: &RunRow) -> Result<(), Error> {
    writeln!(out, "run      {} in `{}`\nstatus   {}", row.run, db.display(), row.status)?;
    writeln!(out, "started  {}\nchanged  {}", age(row.started), age(row.changed))?;
    if let Ok(brief) = row.input.decode::<Brief>() {
        writeln!(out, "topic    {}\naudience {}", one_line(&brief.topic), one_line(&brief.audience))?;
        for source in brief.sources {
            writeln!(out, "source   {}, {} characters", source.name, source.text.chars().count())?;
        }
    }
    if let Some(error) = &row.error {
        writeln!(out, "error    {}", one_line(&failed(db, row.run, error).to_string()))?;
    }
    Ok(())
}

/// The workflow's own frame as the generated enum; the arms of a join as they are stored.
fn state(out: &mut String, frames: &[(String, Frame)], full: bool) -> Result<(), Error> {
    writeln!(out, "\n## State\n")?;
    for (path, frame) in frames {
        let mut json = match path == Content::GRAPH.workflow {
            true => serde_json::to_value(ContentState::from_frame(frame)?)?,
            false => serde_json::to_value(frame)?,
        };
        if !full {
            shorten(&mut json);
        }
        writeln!(out, "{path}: {json:#}")?;
    }
    if frames.is_empty() {
        writeln!(out, "none: the run has ended")?;
    } else if !full {
        writeln!(out, "(long texts and lists are cut; `--full` shows them whole)")?;
    }
    Ok(())
}

fn shorten(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some((end, _)) = text.char_indices().nth(TEXT) {
                text.truncate(end);
                text.push('…');
            }
        }
        Value::Array(items) => {
            let more = items.len().saturating_sub(ITEMS);
            items.truncate(ITEMS);
            items.iter_mut().for_each(shorten);
            if more > 0 {
                items.push(format!("… {more} more").into());
            }
        }
        Value::Object(fields) => fields.values_mut().for_each(shorten),
        _ => {}
    }
}

fn history(out: &mut String, events: &[Event], started: SystemTime) -> Result<(), Error> {
    writeln!(out, "\n## Events\n")?;
    for event in events {
        let after = event.time.duration_since(started).unwrap_or_default().as_secs_f64();
        let line =
            format!("{:>4}  {after:>9.3} s  {:14}  {}", event.seq, event.fact.name(), event.fact.path().unwrap_or_default());
        let why = match &event.fact {
            Fact::StepRetried { error, .. } | Fact::StepFailed { error, .. } => one_line(error),
            Fact::RunFailed { error } => one_line(&error.to_string()),
            Fact::RunForked { of, at } => format!("of {of} at {at}"),
            _ => String::new(),
        };
        writeln!(out, "{}", format!("{line} {why}").trim_end())?;
    }
    Ok(())
}

fn waits(out: &mut String, db: &Path, row: &RunRow, open: &[SuspensionRow]) -> Result<(), Error> {
    writeln!(out, "\n## Open suspensions\n")?;
    for suspension in open {
        let address = suspension.address();
        match &suspension.waits_for {
            WaitsFor::Time { due } => writeln!(out, "waiting at `{address}` for another {} s", left(*due))?,
            WaitsFor::Signal { name } => writeln!(out, "waiting at `{address}` for the signal `{name}`")?,
            WaitsFor::Answer => write!(out, "{}", how_to_answer(db, row.run, address))?,
            WaitsFor::AnswerUntil { due } => {
                write!(out, "{}", how_to_answer(db, row.run, address))?;
                writeln!(out, "within {} s", left(*due))?;
            }
        }
    }
    if open.is_empty() {
        writeln!(out, "none")?;
    }
    Ok(())
}

fn left(due: SystemTime) -> u64 {
    due.duration_since(SystemTime::now()).unwrap_or_default().as_secs()
}

fn drawing(out: &mut String, events: &[Event]) -> Result<(), Error> {
    let mut open = Open::default();
    events.iter().for_each(|event| open.take(&event.fact));
    let places = open.places();
    let places: Vec<&str> = places.iter().map(String::as_str).collect();
    writeln!(out, "\n## Graph\n\n```mermaid\n{}```", Content::GRAPH.to_mermaid_at(&places))?;
    Ok(())
}

fn age(time: SystemTime) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let seconds = SystemTime::now().duration_since(time).unwrap_or(Duration::ZERO).as_secs();
    let unit = UNITS.iter().find(|(length, _)| seconds >= 2 * length).unwrap_or(&(1, "s"));
    format!("{} {} ago", seconds / unit.0, unit.1)
}

/// Prints to stdout. A reader that has seen enough and gone is no error.
pub fn print(text: &str) -> Result<ExitCode, Error> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Error::new(format!("cannot write: {error}"))),
        _ => Ok(ExitCode::SUCCESS),
    }
}
