//! Where a run stands, told from its events.

use flow_runtime::event::Fact;

/// The places that have been entered and not been left, oldest first.
#[derive(Debug, Default)]
pub struct Open {
    steps: Vec<String>,
    waits: Vec<String>,
}

impl Open {
    /// Takes one more event in.
    pub fn take(&mut self, fact: &Fact) {
        match fact {
            Fact::StepStarted { path } => self.steps.push(path.clone()),
            Fact::StepSuspended { path } => self.waits.push(path.clone()),
            Fact::StepCompleted { path } => {
                self.steps.retain(|open| open != path);
                self.waits.retain(|open| open != path);
            }
            _ => {}
        }
    }

    /// The steps among them, by their paths.
    pub fn steps(&self) -> Vec<String> {
        self.steps.clone()
    }

    /// All of them, as the graph names them.
    pub fn places(&self) -> Vec<String> {
        self.steps.iter().chain(&self.waits).map(|path| place(path)).collect()
    }
}

/// `outline_seo/seo` of `content/outline_seo#0/seo#0`.
fn place(path: &str) -> String {
    let segments = path.split('/').skip(1).map(|segment| segment.split('#').next().unwrap_or(segment));
    segments.collect::<Vec<_>>().join("/")
}

/// What people call the place: `seo`, and `revise, round 2` of `content/revise#1`.
pub fn name(path: &str) -> String {
    let last = path.rsplit('/').next().unwrap_or(path);
    match last.split_once('#') {
        Some((name, "0")) => name.to_owned(),
        Some((name, visit)) => format!("{name}, round {}", visit.parse().unwrap_or(0) + 1),
        None => last.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_names_for_people_and_for_the_graph() {
        assert_eq!(place("content/outline_seo#0/seo#0"), "outline_seo/seo");
        assert_eq!(name("content/outline_seo#0/seo#0"), "seo");
        assert_eq!(name("content/revise#1"), "revise, round 2");
    }
}
