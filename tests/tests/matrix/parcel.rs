//! A workflow with one of everything, and the file into which its steps write what they do. The file lies outside of the
//! store: it stands for the world, and is the judge.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use flow_runtime::{Error, Provide, StepContext, StepError, signal, sleep, step, suspend, workflow};

/// Where steps leave their mark.
pub(crate) struct Effects(File);

#[derive(Provide)]
pub(crate) struct App {
    effects: Effects,
}

impl App {
    pub(crate) fn new(effects: &Path) -> Self {
        let file = OpenOptions::new().create(true).append(true).open(effects).expect("the effects can be written");
        Self { effects: Effects(file) }
    }
}

impl Effects {
    /// One line, one write: what two processes append does not mix.
    fn leave(&self, unit: &str, cx: &StepContext) {
        let line = format!("{} {} {} {unit}\n", std::process::id(), cx.attempt(), cx.idempotency_key());
        (&self.0).write_all(line.as_bytes()).expect("the effects can be written");
    }
}

/// Does one unit of work. The unit is named by the workflow's own data, so that two visits of a place have two names,
/// whatever their keys are.
#[step]
async fn work(unit: &str, value: u64, #[resource] effects: &Effects, #[context] cx: &StepContext) -> Result<u64, Error> {
    effects.leave(unit, cx);
    tokio::time::sleep(Duration::from_millis(2)).await;
    Ok(value * 3 + unit.len() as u64)
}

/// Fails once.
#[step(retries = 2, backoff = "1ms..1ms")]
async fn stutter(unit: &str, #[resource] effects: &Effects, #[context] cx: &StepContext) -> Result<u64, StepError> {
    effects.leave(unit, cx);
    if cx.attempt() == 0 { Err(StepError::retryable("not yet")) } else { Ok(7) }
}

/// Large enough for a row of its own.
#[step]
async fn letter(unit: &str, #[resource] effects: &Effects, #[context] cx: &StepContext) -> Result<String, Error> {
    effects.leave(unit, cx);
    Ok("dear ".repeat(4_000))
}

#[suspend(resume = u64)]
pub(crate) fn approval(sum: u64) -> u64 {
    sum
}

workflow! {
    pub(crate) Inner<u64 -> u64>(value) {
        let weighed = work("weighed", value).await?;
        let approved = approval(weighed).await?;
        #[at(sealed)] work("sealed", approved).await
    }
}

workflow! {
    /// Branch, loop, a join of three in it, ten arms, a nested workflow, a timer, two signals and two suspensions.
    pub(crate) Parcel<u64 -> String>(n) {
        let letter = letter("letter").await?;
        let opened = work("opened", n).await?;
        let mut sum: u64 = if opened.is_multiple_of(2) {
            #[at(even)] work("even", opened).await?
        } else {
            #[at(odd)] work("odd", opened).await?
        };
        for turn in 0..2_u64 {
            sum += #[at(turn)] work(&format!("turn-{turn}"), sum).await?;
            let (left, middle, right) = try_join!(
                #[at(left)] work(&format!("left-{turn}"), sum),
                #[at(middle)] work(&format!("middle-{turn}"), sum),
                #[at(right)] work(&format!("right-{turn}"), turn),
            )?;
            sum = left + middle + right;
        }
        let pages = try_join_all!(0..10_u64, |page| #[at(page)] work(&format!("page-{page}"), page), limit = 4)?;
        sum += approval(sum).await?;
        let nested = Inner(sum).await?;
        sum += stutter("stutter").await?;
        sleep(Duration::from_millis(5)).await?;
        let address = signal::<String>("address").await?;
        let paid = #[at(paid)] signal::<u64>("payment").await?;
        let closed = #[at(closed)] work("closed", paid).await?;
        Ok(format!("{sum} {nested} {closed} {address} {pages:?} {}", letter.len()))
    }
}
