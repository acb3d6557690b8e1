//! Whether two logs tell the same. Arms of a join take turns, so only what stands in one arm, or around it, has an
//! order.

use crate::Body;
use crate::log::Line;

/// The lines of a machine and of those around it. Where there is one for each item, they are sorted: items take turns.
pub(crate) fn chain<'l>(body: &Body, machine: u32, log: impl IntoIterator<Item = &'l Line>) -> Vec<&'l Line> {
    let around = around(body, machine);
    let mut lines: Vec<_> = log.into_iter().filter(|line| around.contains(&body.sites[line.site as usize])).collect();
    if is_many(body, machine) {
        lines.sort_by(|one, two| (one.site, &one.text).cmp(&(two.site, &two.text)));
    }
    lines
}

/// Whether there is one for each item of a machine, or of one around it.
pub(crate) fn is_many(body: &Body, machine: u32) -> bool {
    around(body, machine).into_iter().any(|machine| body.machines[machine as usize].2)
}

/// Whether a failing sibling may cut a machine off, or one around it.
pub(crate) fn lossy(body: &Body, machine: u32) -> bool {
    around(body, machine).into_iter().any(|machine| body.machines[machine as usize].1)
}

fn around(body: &Body, machine: u32) -> Vec<u32> {
    let mut machines = vec![machine];
    while let Some(&last) = machines.last().filter(|last| **last != 0) {
        machines.push(body.machines[last as usize].0);
    }
    machines
}

pub(crate) fn machines(body: &Body) -> std::ops::Range<u32> {
    0..body.machines.len() as u32
}

/// The lines are there, in this order, with others between.
pub(crate) fn is_within(some: &[&Line], all: &[&Line]) -> bool {
    let mut all = all.iter();
    some.iter().all(|line| all.any(|known| known == line))
}

pub(crate) fn is_end_of(some: &[&Line], all: &[&Line]) -> bool {
    all.ends_with(some)
}

/// Only the calls of nodes.
pub(crate) fn calls(lines: Vec<&Line>) -> Vec<&Line> {
    lines.into_iter().filter(|line| line.call).collect()
}
