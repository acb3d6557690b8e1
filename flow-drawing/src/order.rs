//! Who stands beside whom: the order within each rank, with few crossings.

use crate::group::Item;

const SWEEPS: usize = 12;

/// The items of each rank in their order. `links` join items of neighbouring ranks, upper first.
pub(crate) fn order(items: &[Item], links: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let count = items.iter().map(|item| item.rank + 1).max().unwrap_or(0);
    let mut rows = vec![Vec::new(); count];
    items.iter().enumerate().for_each(|(index, item)| rows[item.rank].push(index));
    let (mut best, mut fewest) = (rows.clone(), usize::MAX);
    for sweep in 0..SWEEPS {
        let down = sweep % 2 == 0;
        let ranks: Vec<usize> = if down { (1..count).collect() } else { (0..count.saturating_sub(1)).rev().collect() };
        for rank in ranks {
            sort(&mut rows, rank, if down { rank - 1 } else { rank + 1 }, links, down);
        }
        let crossings = crossings(&rows, links, items.len());
        if crossings < fewest {
            (best, fewest) = (rows.clone(), crossings);
        }
    }
    best
}

/// Sorts a row by the middle of what its items are joined with in another.
fn sort(rows: &mut [Vec<usize>], rank: usize, other: usize, links: &[(usize, usize)], down: bool) {
    let at = |item: usize| rows[other].iter().position(|known| *known == item);
    let middle = |item: usize, now: usize| {
        let joined = links.iter().filter_map(|(upper, lower)| match down {
            true if *lower == item => at(*upper),
            false if *upper == item => at(*lower),
            _ => None,
        });
        let (sum, count) = joined.fold((0, 0), |(sum, count), at| (sum + at, count + 1));
        if count == 0 { now as f64 } else { sum as f64 / f64::from(count) }
    };
    let mut keyed: Vec<(f64, usize)> = rows[rank].iter().enumerate().map(|(now, item)| (middle(*item, now), *item)).collect();
    keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
    rows[rank] = keyed.into_iter().map(|(_, item)| item).collect();
}

fn crossings(rows: &[Vec<usize>], links: &[(usize, usize)], items: usize) -> usize {
    let mut at = vec![(0, 0); items];
    for (rank, row) in rows.iter().enumerate() {
        row.iter().enumerate().for_each(|(index, item)| at[*item] = (rank, index));
    }
    let mut by_rank = vec![Vec::new(); rows.len()];
    for (upper, lower) in links {
        by_rank[at[*upper].0].push((at[*upper].1, at[*lower].1));
    }
    let crossed = |links: &Vec<(usize, usize)>| {
        let pairs = links.iter().enumerate().flat_map(|(index, a)| links[index + 1..].iter().map(move |b| (a, b)));
        pairs.filter(|(a, b)| (a.0 < b.0 && a.1 > b.1) || (a.0 > b.0 && a.1 < b.1)).count()
    };
    by_rank.iter().map(crossed).sum()
}
