//! The names of a body as it is a workflow: steps, suspensions and a nested workflow.

use std::convert::Infallible;

pub use flow_runtime::Error;
use flow_runtime::{StepContext, step, suspend, workflow};

pub use crate::log::t;
use crate::work::Question;
pub use crate::work::{Job, Kind, Pair, Refused, check, mix};
use crate::{log, work};

macro_rules! note {
    ($cx:ident $site:ident $name:literal $($arg:expr),*) => {
        log::call($site, format!("{}{:?}", $name, ($(&$arg,)*)), Some($cx.path()))
    };
}

#[step]
pub async fn a(site: u32, n: u32, #[context] cx: &StepContext) -> Result<u32, Infallible> {
    note!(cx site "a" n);
    Ok(work::number(site, n))
}

#[step]
pub async fn b(site: u32, n: u32, #[context] cx: &StepContext) -> Result<u32, Infallible> {
    note!(cx site "b" n);
    Ok(work::number(site, n) + 1)
}

#[step]
pub async fn risky(site: u32, n: u32, #[context] cx: &StepContext) -> Result<u32, Refused> {
    note!(cx site "risky" n);
    check(n)
}

#[step]
pub async fn test(site: u32, n: u32, #[context] cx: &StepContext) -> Result<bool, Infallible> {
    note!(cx site "test" n);
    Ok(work::number(site, n).is_multiple_of(2))
}

#[step]
pub async fn pair(site: u32, n: u32, #[context] cx: &StepContext) -> Result<Pair, Infallible> {
    note!(cx site "pair" n);
    Ok(work::pair(site, n))
}

#[step]
pub async fn list(site: u32, n: u32, #[context] cx: &StepContext) -> Result<Vec<u32>, Infallible> {
    note!(cx site "list" n);
    Ok(work::list(site, n))
}

#[step]
pub async fn name(site: u32, n: u32, #[context] cx: &StepContext) -> Result<String, Infallible> {
    note!(cx site "name" n);
    Ok(format!("n{}", work::number(site, n)))
}

#[step]
pub async fn measure(site: u32, text: &str, more: &[u32], #[context] cx: &StepContext) -> Result<u32, Infallible> {
    note!(cx site "measure" text, more);
    Ok(work::answer(site, text) + more.len() as u32)
}

#[step]
pub async fn upper(site: u32, text: String, #[context] cx: &StepContext) -> Result<String, Infallible> {
    note!(cx site "upper" text);
    Ok(text.to_uppercase())
}

/// Asks for a number. The log tells of it when it is answered.
#[suspend(resume = u32)]
pub fn ask(site: u32, about: &str) -> Question {
    Question { site, about: about.to_owned() }
}

#[suspend(resume = bool)]
pub fn approve(site: u32, n: u32) -> Question {
    Question { site, about: n.to_string() }
}

/// What nobody answers.
#[suspend(resume = u32)]
pub fn never(site: u32, n: u32) -> Question {
    Question { site, about: n.to_string() }
}

workflow! {
    /// The workflow in workflows: a step, a suspension, an early return.
    pub Inner<Job -> u32>(job) {
        let x = a(job.site, job.n).await?;
        if approve(job.site, x).await? {
            return Ok(x);
        }
        Ok(mix(b(job.site, x).await?, job.n))
    }
}
