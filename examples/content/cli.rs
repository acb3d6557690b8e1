//! The command line: what is said, and what is printed to be typed next.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use flow_runtime::{Error, RunId};

use crate::types::{Brief, Decision, Length, Source};

/// The text that comes with the example, and what it is about.
const SHIPPED: (&str, &str) = ("source.md", include_str!("source.md"));
const TOPIC: &str = "Electricity from the tide";
const AUDIENCE: &str = "curious readers without a technical background";

/// Researches a brief and turns it into an approved article.
#[derive(Debug, Parser)]
#[command(name = "content", version)]
pub struct Cli {
    /// The file that keeps the runs.
    #[arg(long, global = true, value_name = "FILE", default_value = "content.db")]
    pub db: PathBuf,
    /// Approves every draft at once.
    #[arg(long, global = true)]
    pub yes: bool,
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub new: New,
}

/// What to do with runs that there are. Without a command a new run is started.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Lists the runs, newest first.
    Runs,
    /// Shows one run: status, state, events, what it waits for, and where it stands in the graph.
    Show {
        run: RunId,
        /// Shows long texts and lists of the state whole.
        #[arg(long)]
        full: bool,
    },
    /// Answers a review, and follows the run.
    Resume {
        run: RunId,
        /// Which review, as `show` names it: `editor_review#0`.
        #[arg(value_parser = text)]
        address: String,
        #[command(flatten)]
        answer: Answer,
    },
    /// Goes on with a run that failed or whose process was killed, and follows it.
    Retry { run: RunId },
    /// Ends a run for good.
    Cancel { run: RunId },
    /// Begins a new run where another one was, and follows it.
    Fork {
        run: RunId,
        /// Which place, as `show` names it: `editor_review#0`.
        #[arg(value_parser = text)]
        place: String,
    },
    /// Lists the runs that this program cannot go on with, and fails if there is one: for a deploy.
    Check,
    /// Deletes the runs that are completed or cancelled and have not changed for so long.
    Prune {
        #[arg(long, default_value_t = 30)]
        days: u32,
        /// Failed runs too: they can be retried no more.
        #[arg(long)]
        failed: bool,
    },
    /// Prints the drawing of the workflow.
    Graph {
        /// For Markdown, for a browser, for Graphviz, or for another program.
        #[arg(long, value_enum, default_value_t = Format::Mermaid)]
        format: Format,
    },
}

/// How a drawing is written.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum Format {
    Mermaid,
    Svg,
    Dot,
    Json,
}

/// A new run.
#[derive(Debug, Args)]
pub struct New {
    /// What the article is about.
    #[arg(long, value_parser = text)]
    pub topic: Option<String>,
    /// Whom it is for.
    #[arg(long, value_parser = text)]
    pub audience: Option<String>,
    #[arg(long, value_enum)]
    pub length: Option<Length>,
    /// A text to draw on; may be given several times.
    #[arg(long = "source", value_name = "FILE", requires = "topic")]
    pub sources: Vec<PathBuf>,
}

/// What an editor says.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Answer {
    /// The draft is fine.
    #[arg(long)]
    pub approve: bool,
    /// What should be different.
    #[arg(long, value_name = "NOTES", value_parser = text)]
    pub change: Option<String>,
}

impl From<Answer> for Decision {
    fn from(answer: Answer) -> Self {
        Self { approved: answer.approve, notes: answer.change.unwrap_or_default() }
    }
}

impl ValueEnum for Length {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Short, Self::Medium, Self::Long]
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        let (name, help) = match self {
            Self::Short => ("short", "two sections"),
            Self::Medium => ("medium", "three sections"),
            Self::Long => ("long", "five sections"),
        };
        Some(clap::builder::PossibleValue::new(name).help(help))
    }
}

fn text(value: &str) -> Result<String, String> {
    let text = value.trim();
    if text.is_empty() { Err("it is empty".to_owned()) } else { Ok(text.to_owned()) }
}

impl Cli {
    /// Reads the command line; what is wrong with it is said in one line.
    pub fn read() -> Result<Self, ExitCode> {
        let cli = Self::try_parse().and_then(Self::checked);
        cli.map_err(|error| {
            if error.use_stderr() {
                eprintln!("{}; see `--help`", brief(&error.render().to_string()));
            } else {
                let _ = error.print();
            }
            ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
        })
    }

    fn checked(self) -> Result<Self, clap::Error> {
        let New { topic, audience, length, sources } = &self.new;
        let new = topic.is_some() || audience.is_some() || length.is_some() || !sources.is_empty();
        if self.command.is_some() && new {
            let message = "the options of a new run do not go with a command";
            return Err(Self::command().error(clap::error::ErrorKind::ArgumentConflict, message));
        }
        Ok(self)
    }
}

impl New {
    /// The brief, with the sources read. Without a topic it is the one that comes with the example.
    pub fn brief(self) -> Result<Brief, Error> {
        let sources = match &self.topic {
            Some(_) => self.sources.iter().map(|path| source(path)).collect::<Result<_, _>>()?,
            None => vec![Source { name: SHIPPED.0.to_owned(), text: SHIPPED.1.to_owned() }],
        };
        let topic = self.topic.unwrap_or_else(|| TOPIC.to_owned());
        let audience = self.audience.unwrap_or_else(|| AUDIENCE.to_owned());
        Ok(Brief { topic, audience, length: self.length.unwrap_or_default(), sources })
    }
}

fn source(path: &Path) -> Result<Source, Error> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| Error::new(format!("cannot read the source `{name}`: {error}")))?;
    if text.trim().is_empty() {
        return Err(Error::new(format!("the source `{name}` is empty")));
    }
    Ok(Source { name, text })
}

/// The command that does something with these runs next, ready to be typed.
pub fn command(db: &Path, rest: &str) -> String {
    let program = match std::env::var_os("CARGO") {
        Some(_) => "cargo run --example content --".to_owned(),
        None => std::env::args().next().map_or_else(|| "content".to_owned(), |program| quoted(&program)),
    };
    let db = if db == Path::new("content.db") { String::new() } else { format!(" --db {}", quoted(&db.display().to_string())) };
    format!("{program} {rest}{db}")
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+=:,@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

/// What a message says, in one line.
pub fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An error of the command line without the usage below it.
fn brief(message: &str) -> String {
    let parts = message.split("\n\n").map(one_line);
    let said = parts.take_while(|part| !part.starts_with("Usage:") && !part.starts_with("For more information"));
    said.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn mistakes_are_told_in_one_line() {
        let told = |args: &[&str]| {
            let error = Cli::try_parse_from(args).and_then(Cli::checked).unwrap_err();
            brief(&error.render().to_string())
        };
        assert_eq!(told(&["content", "--topic", " "]), "error: invalid value ' ' for '--topic <TOPIC>': it is empty");
        assert_eq!(told(&["content", "show", "x"]), "error: invalid value 'x' for '<RUN>': `x` is not the id of a run");
        assert_eq!(told(&["content", "--topic", "x", "runs"]), "error: the options of a new run do not go with a command");
    }

    #[test]
    fn what_is_printed_can_be_typed() {
        assert_eq!(quoted("a/b-1.db"), "a/b-1.db");
        assert_eq!(quoted("it's a file"), r"'it'\''s a file'");
    }
}
