//! What the steps compute, the same in both worlds, and what the bodies compute between them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Debug, thiserror::Error)]
#[error("{0} is refused")]
pub struct Refused(pub u32);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pair {
    pub left: u32,
    pub right: Option<String>,
    pub kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub enum Kind {
    Even(u32),
    Odd,
}

/// The input of the nested workflow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Job {
    pub site: u32,
    pub n: u32,
}

/// What the suspensions show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Question {
    pub site: u32,
    pub about: String,
}

/// Mixes two numbers, and stays small.
pub fn mix(x: u32, y: u32) -> u32 {
    (x % 1000 * 31 + y % 1000 * 17 + 5) % 101
}

/// A plain function that may fail.
pub fn check(n: u32) -> Result<u32, Refused> {
    if n % 7 == 6 { Err(Refused(n)) } else { Ok(n % 50) }
}

pub fn number(site: u32, n: u32) -> u32 {
    (n % 1000 * 7 + site * 3 + 1) % 41
}

pub fn pair(site: u32, n: u32) -> Pair {
    let n = number(site, n);
    let kind = if n.is_multiple_of(2) { Kind::Even(n) } else { Kind::Odd };
    Pair { left: n % 13, right: (!n.is_multiple_of(3)).then(|| format!("r{n}")), kind }
}

pub fn list(site: u32, n: u32) -> Vec<u32> {
    (0..number(site, n) % 4).map(|i| mix(n, i)).collect()
}

pub fn answer(site: u32, about: &str) -> u32 {
    mix(site, about.len() as u32 + about.bytes().map(u32::from).sum::<u32>())
}
