//! What of a record is sealed, and what of a row is opened. A new record or fact must be judged here, or it does not compile.

use serde_json::Value;

use super::keys::{Keys, Place};
use crate::encoded::Encoded;
use crate::error::Error;
use crate::event::Fact;
use crate::run::RunId;
use crate::store::{
    Checkpoint, End, Forked, FrameBytes, FrameRow, InboxRow, KeptBack, NewRun, Opening, Record, RunRow, SuspensionRow,
    Transition, ValueId, ValueWrite, WaitsFor,
};

const INPUT: &str = "input";
const OUTPUT: &str = "output";
const ERROR: &str = "error";
const FRAME: &str = "frame";
const VALUE: &str = "value";
const SHOWN: &str = "payload";
const ANSWER: &str = "answer";
const SIGNAL: &str = "signal";

fn at<'p>(run: RunId, what: &'static str, name: &'p str) -> Place<'p> {
    Place { run, what, name }
}

impl Keys {
    pub(super) fn seal_record(&self, record: Record) -> Result<Record, Error> {
        Ok(match record {
            Record::Start(new) => Record::Start(Box::new(self.seal_start(*new)?)),
            Record::Transition(transition) => Record::Transition(Box::new(self.seal_transition(*transition)?)),
            Record::Note { run, epoch, facts, now } => Record::Note { run, epoch, facts: self.seal_facts(run, facts)?, now },
            Record::Resume { run, path, payload, request, now } => {
                let payload = self.seal_json(at(run, ANSWER, &path), &payload)?;
                Record::Resume { run, path, payload, request, now }
            }
            Record::Signal { run, name, payload, request, now } => {
                let payload = self.seal_json(at(run, SIGNAL, ""), &payload)?;
                Record::Signal { run, name, payload, request, now }
            }
            Record::Lease { .. }
            | Record::Release { .. }
            | Record::Claim { .. }
            | Record::ClaimAny { .. }
            | Record::Park { .. }
            | Record::Fire { .. }
            | Record::Cancel { .. }
            | Record::Retry { .. }
            | Record::Prune { .. } => record,
        })
    }

    fn seal_start(&self, new: NewRun) -> Result<NewRun, Error> {
        let run = new.run;
        let forked = |forked: Box<Forked>| {
            let Forked { of, at, arms, opens } = *forked;
            let arms = arms.into_iter().map(|arm| self.seal_frame(run, arm)).collect::<Result<_, _>>()?;
            let opens = opens.into_iter().map(|opening| self.seal_opening(run, opening)).collect::<Result<_, _>>()?;
            Ok::<_, Error>(Box::new(Forked { of, at, arms, opens }))
        };
        Ok(NewRun {
            input: self.seal_value(at(run, INPUT, ""), &new.input)?,
            frame: self.seal_frame(run, new.frame)?,
            forked: new.forked.map(forked).transpose()?,
            ..new
        })
    }

    fn seal_opening(&self, run: RunId, opening: Opening) -> Result<Opening, Error> {
        let payload = self.seal_json(at(run, SHOWN, &opening.path), &opening.payload)?;
        Ok(Opening { payload, ..opening })
    }

    fn seal_transition(&self, transition: Transition) -> Result<Transition, Error> {
        let run = transition.run;
        let end = |end| {
            Ok::<_, Error>(match end {
                End::Completed(output) => End::Completed(self.seal_value(at(run, OUTPUT, ""), &output)?),
                End::Failed(error) => End::Failed(self.seal_error(run, &error)?),
            })
        };
        let frames = transition.kept_back.frames.into_iter().map(|frame| self.seal_frame(run, frame));
        let kept_back = KeptBack { frames: frames.collect::<Result<_, _>>()?, left: transition.kept_back.left };
        Ok(Transition {
            kept_back,
            frame: transition.frame.map(|frame| self.seal_frame(run, frame)).transpose()?,
            opens: transition.opens.map(|opening| self.seal_opening(run, opening)).transpose()?,
            end: transition.end.map(end).transpose()?,
            facts: self.seal_facts(run, transition.facts)?,
            ..transition
        })
    }

    fn seal_frame(&self, run: RunId, mut frame: FrameRow) -> Result<FrameRow, Error> {
        frame.bytes = self.seal(at(run, FRAME, &frame.path), &frame.bytes)?;
        for ValueWrite { id, value } in &mut frame.values {
            *value = self.seal_value(at(run, VALUE, &id.to_string()), value)?;
        }
        Ok(frame)
    }

    pub(super) fn open_frames(&self, run: RunId, frames: FrameBytes) -> Result<FrameBytes, Error> {
        let open = |(path, bytes): (String, Vec<u8>)| {
            let opened = self.open(at(run, FRAME, &path), &bytes).map_err(|error| error.at(&path))?;
            Ok((path, opened))
        };
        frames.into_iter().map(open).collect()
    }

    pub(super) fn open_checkpoint(&self, run: RunId, kept: Checkpoint) -> Result<Checkpoint, Error> {
        let open = |(id, value): (ValueId, Encoded)| Ok::<_, Error>((id, self.open_value(run, id, &value)?));
        let values = kept.values.into_iter().map(open).collect::<Result<_, _>>()?;
        let frame = kept.frame.map(|bytes| self.open(at(run, FRAME, &kept.path), &bytes)).transpose()?;
        Ok(Checkpoint { frame, values, ..kept })
    }

    fn seal_value(&self, place: Place<'_>, value: &Encoded) -> Result<Encoded, Error> {
        Ok(Encoded::from_bytes(self.seal(place, value.as_bytes())?))
    }

    fn open_encoded(&self, place: Place<'_>, value: &Encoded) -> Result<Encoded, Error> {
        Ok(Encoded::from_bytes(self.open(place, value.as_bytes())?))
    }

    pub(super) fn open_value(&self, run: RunId, id: ValueId, value: &Encoded) -> Result<Encoded, Error> {
        self.open_encoded(at(run, VALUE, &id.to_string()), value)
    }

    pub(super) fn open_run(&self, row: RunRow) -> Result<RunRow, Error> {
        let run = row.run;
        Ok(RunRow {
            input: self.open_encoded(at(run, INPUT, ""), &row.input)?,
            output: row.output.map(|output| self.open_encoded(at(run, OUTPUT, ""), &output)).transpose()?,
            error: row.error.map(|error| self.open_error(run, &error)).transpose()?,
            ..row
        })
    }

    fn seal_json(&self, place: Place<'_>, payload: &Value) -> Result<Value, Error> {
        Ok(Value::String(self.seal_text(place, payload.to_string().as_bytes())?))
    }

    fn open_json(&self, place: Place<'_>, payload: &Value) -> Result<Value, Error> {
        let opened = self.open_text(place, payload.as_str().unwrap_or_default())?;
        serde_json::from_slice(&opened).map_err(|error| place.error(format_args!("is no JSON: {error}")))
    }

    pub(super) fn open_suspension(&self, run: RunId, row: SuspensionRow) -> Result<SuspensionRow, Error> {
        Ok(SuspensionRow { payload: self.open_json(at(run, SHOWN, &row.path), &row.payload)?, ..row })
    }

    /// An answer, or what a signal brought: it was sealed before anybody knew to which place it would be given.
    pub(super) fn open_answer(&self, run: RunId, row: InboxRow) -> Result<InboxRow, Error> {
        // The store itself writes this one, when a time has come.
        if row.payload == WaitsFor::fired() {
            return Ok(row);
        }
        let answer = self.open_json(at(run, ANSWER, &row.path), &row.payload);
        let payload = answer.or_else(|error| self.open_json(at(run, SIGNAL, ""), &row.payload).map_err(|_| error))?;
        Ok(InboxRow { payload, ..row })
    }

    fn seal_facts(&self, run: RunId, mut facts: Vec<Fact>) -> Result<Vec<Fact>, Error> {
        facts.iter_mut().try_for_each(|fact| self.seal_fact(run, fact))?;
        Ok(facts)
    }

    fn seal_fact(&self, run: RunId, fact: &mut Fact) -> Result<(), Error> {
        match words(fact) {
            Words::None => {}
            Words::Text(path, text) => *text = self.seal_text(at(run, ERROR, path), text.as_bytes())?,
            Words::Error(error) => *error = self.seal_error(run, error)?,
        }
        Ok(())
    }

    pub(super) fn open_fact(&self, run: RunId, fact: &mut Fact) -> Result<(), Error> {
        match words(fact) {
            Words::None => {}
            Words::Text(path, text) => {
                let opened = self.open_text(at(run, ERROR, path), text)?;
                *text = String::from_utf8_lossy(&opened).into_owned();
            }
            Words::Error(error) => *error = self.open_error(run, error)?,
        }
        Ok(())
    }

    fn seal_error(&self, run: RunId, error: &Error) -> Result<Error, Error> {
        let words = serde_json::to_vec(&error.words())?;
        let sealed = self.seal_text(at(run, ERROR, error.path().unwrap_or_default()), &words)?;
        Ok(error.clone().with_words((sealed, Vec::new())))
    }

    fn open_error(&self, run: RunId, error: &Error) -> Result<Error, Error> {
        let place = at(run, ERROR, error.path().unwrap_or_default());
        let words = self.open_text(place, error.words().0)?;
        Ok(error.clone().with_words(serde_json::from_slice(&words)?))
    }
}

/// What of a fact came out of somebody's code.
enum Words<'f> {
    None,
    /// An error of this place.
    Text(&'f str, &'f mut String),
    Error(&'f mut Error),
}

fn words(fact: &mut Fact) -> Words<'_> {
    match fact {
        Fact::StepRetried { path, error, .. } | Fact::StepFailed { path, error, .. } => Words::Text(path, error),
        Fact::RunFailed { error } => Words::Error(error),
        Fact::RunStarted
        | Fact::StepStarted { .. }
        | Fact::StepCached { .. }
        | Fact::StepCompleted { .. }
        | Fact::StepSuspended { .. }
        | Fact::TimerSet { .. }
        | Fact::TimerFired { .. }
        | Fact::SignalReceived { .. }
        | Fact::RunSuspended
        | Fact::RunResumed { .. }
        | Fact::RunRetried
        | Fact::RunRecovered
        | Fact::RunForked { .. }
        | Fact::RunCompleted
        | Fact::RunCancelled => Words::None,
    }
}
