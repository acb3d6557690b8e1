//! Asks the editor, where there is one at a terminal.

use std::io::{self, BufRead, IsTerminal, Write};

use flow_runtime::Error;
use tokio::sync::oneshot;

use crate::types::{Decision, ReviewRequest};

/// Who reviews drafts.
#[derive(Clone, Copy, Debug)]
pub enum Reviewer {
    /// Approves everything.
    Yes,
    /// Somebody at this terminal.
    Terminal,
    /// Somebody who will answer with a command.
    Elsewhere,
}

impl Reviewer {
    pub fn new(yes: bool) -> Self {
        let terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
        match (yes, terminal) {
            (true, _) => Self::Yes,
            (false, true) => Self::Terminal,
            (false, false) => Self::Elsewhere,
        }
    }

    /// What the reviewer says; nothing if that is left for later.
    pub async fn decide(self, request: &ReviewRequest) -> Result<Option<Decision>, Error> {
        let draft = &request.draft;
        match self {
            Self::Yes => return Ok(Some(Decision { approved: true, notes: String::new() })),
            Self::Terminal | Self::Elsewhere => eprintln!("\n{}", draft.to_markdown()),
        }
        if !draft.changes.is_empty() {
            eprintln!("Changes: {}\n", draft.changes);
        }
        match self {
            Self::Terminal => ask().await,
            _ => Ok(None),
        }
    }
}

async fn ask() -> Result<Option<Decision>, Error> {
    // A thread of its own, since nothing can end the reading of a line: the program may end without it.
    let (say, said) = oneshot::channel();
    std::thread::spawn(move || say.send(conversation()));
    Ok(said.await??)
}

fn conversation() -> io::Result<Option<Decision>> {
    let question = "Approve this draft? `y` approves, `q` leaves it for later, anything else says what to change: ";
    loop {
        let Some(line) = line(question)? else { return Ok(None) };
        let decision = match line.to_lowercase().as_str() {
            "" => continue,
            "y" | "yes" | "ok" | "approve" => Decision { approved: true, notes: String::new() },
            "q" | "quit" | "exit" | "later" => return Ok(None),
            "n" | "no" => match self::line("What should be different? ")? {
                None => return Ok(None),
                Some(notes) if notes.is_empty() => continue,
                Some(notes) => Decision { approved: false, notes },
            },
            _ => Decision { approved: false, notes: line },
        };
        return Ok(Some(decision));
    }
}

/// A line from the terminal; none at the end of the input.
fn line(question: &str) -> io::Result<Option<String>> {
    let mut stderr = io::stderr();
    write!(stderr, "{question}")?;
    stderr.flush()?;
    let mut line = String::new();
    if io::stdin().lock().read_line(&mut line)? == 0 {
        eprintln!();
        return Ok(None);
    }
    Ok(Some(line.trim().to_owned()))
}
