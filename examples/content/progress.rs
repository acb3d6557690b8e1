//! What is going on while a run is followed: a live display on a terminal, a line for each step elsewhere.

use std::collections::HashMap;
use std::io::IsTerminal;
use std::time::{Duration, SystemTime};

use flow_runtime::event::{Event, Fact};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::cli::one_line;
use crate::place::{self, Open};

/// How much is shown of an error that is not the last: a server may answer with a whole page.
const ERROR: usize = 160;

/// Shows the events of a run as they come.
#[derive(Debug)]
pub struct Progress {
    live: Option<MultiProgress>,
    open: Open,
    working: HashMap<String, Working>,
    next: u64,
}

/// A step that is being executed.
#[derive(Debug)]
struct Working {
    since: SystemTime,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Goes on behind the events that there are, which are not shown.
    pub fn after(events: &[Event]) -> Self {
        let live = std::io::stderr().is_terminal().then(MultiProgress::new);
        let mut progress = Self { live, open: Open::default(), working: HashMap::new(), next: 0 };
        for event in events {
            progress.open.take(&event.fact);
            progress.next = event.seq + 1;
        }
        if let Some(last) = events.last().filter(|last| !matches!(last.fact, Fact::RunFailed { .. })) {
            progress.go_on(last.time);
        }
        progress
    }

    /// The number of the first event that has not been shown.
    pub fn next(&self) -> u64 {
        self.next
    }

    /// Shows one more event.
    pub fn show(&mut self, event: &Event) {
        if event.seq < self.next {
            return;
        }
        self.next = event.seq + 1;
        self.open.take(&event.fact);
        match &event.fact {
            Fact::StepStarted { path } => self.begin(path, event.time),
            Fact::StepCompleted { path } => {
                if let Some(Working { since, .. }) = self.end(path) {
                    let took = event.time.duration_since(since).unwrap_or_default().as_secs_f64();
                    self.line(&format!("  done   {} ({took:.1} s)", place::name(path)));
                }
            }
            Fact::StepRetried { path, attempt, error } => {
                let error: String = one_line(error).chars().take(ERROR).collect();
                self.line(&format!("  again  {}, attempt {} failed: {error}", place::name(path), attempt + 1));
            }
            Fact::StepFailed { path, .. } => {
                self.end(path);
                self.line(&format!("  failed {}", place::name(path)));
            }
            Fact::RunRetried | Fact::RunRecovered => self.go_on(event.time),
            Fact::StepSuspended { path } => self.line(&format!("  waits  {}", place::name(path))),
            _ => {}
        }
    }

    /// What was being executed is executed again.
    fn go_on(&mut self, since: SystemTime) {
        self.open.steps().iter().for_each(|path| self.begin(path, since));
    }

    fn begin(&mut self, path: &str, since: SystemTime) {
        self.end(path);
        let bar = self.live.as_ref().map(|live| {
            let bar = live.add(ProgressBar::new_spinner());
            if let Ok(style) = ProgressStyle::with_template("  {spinner} {msg} {elapsed}") {
                bar.set_style(style);
            }
            bar.set_message(place::name(path));
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        self.working.insert(path.to_owned(), Working { since, bar });
    }

    fn end(&mut self, path: &str) -> Option<Working> {
        let working = self.working.remove(path)?;
        if let Some(bar) = &working.bar {
            bar.finish_and_clear();
        }
        Some(working)
    }

    /// Takes the live display away, so that something else can be printed.
    pub fn clear(&mut self) {
        let paths: Vec<String> = self.working.keys().cloned().collect();
        for path in paths {
            self.end(&path);
        }
    }

    fn line(&self, text: &str) {
        match &self.live {
            Some(live) => live.suspend(|| eprintln!("{text}")),
            None => eprintln!("{text}"),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}
