//! How far right everything stands: each item moves towards what it is joined with, as far as its neighbours let it.

use crate::group::Item;

const ROUNDS: usize = 24;

/// The anchor of each item.
pub(crate) fn place(items: &[Item], rows: &[Vec<usize>], links: &[(usize, usize)]) -> Vec<f64> {
    let mut x = vec![0.0; items.len()];
    for row in rows {
        let mut right = 0.0;
        for item in row {
            x[*item] = right + items[*item].left;
            right = x[*item] + items[*item].right + gap(items, *item, *item);
        }
    }
    let mut joined = vec![(Vec::new(), Vec::new()); items.len()];
    for (upper, lower) in links {
        joined[*lower].0.push(*upper);
        joined[*upper].1.push(*lower);
    }
    for round in 0..ROUNDS {
        let down = round % 2 == 0;
        // At the end both sides pull.
        let both = round + 4 >= ROUNDS;
        let order: Vec<usize> = if down { (0..rows.len()).collect() } else { (0..rows.len()).rev().collect() };
        for rank in order {
            let wanted: Vec<(f64, f64)> = rows[rank]
                .iter()
                .map(|item| {
                    let (up, low) = &joined[*item];
                    let pulls = up.iter().filter(|_| down || both).chain(low.iter().filter(|_| !down || both));
                    wanted(items, &x, *item, pulls)
                })
                .collect();
            settle(items, &rows[rank], &wanted, &mut x);
        }
    }
    straighten(items, rows, &joined, &mut x);
    x
}

/// What leads nowhere else stands right above what nothing else leads to.
fn straighten(items: &[Item], rows: &[Vec<usize>], joined: &[(Vec<usize>, Vec<usize>)], x: &mut [f64]) {
    for row in rows.iter().rev() {
        let wanted: Vec<(f64, f64)> = row
            .iter()
            .map(|item| match joined[*item].1.as_slice() {
                [below] if joined[*below].0.len() == 1 => (x[*below], 1.0),
                _ => (x[*item], 4.0),
            })
            .collect();
        settle(items, row, &wanted, x);
    }
}

/// Where an item wants to be, and how much.
fn wanted<'i>(items: &[Item], x: &[f64], item: usize, pulls: impl Iterator<Item = &'i usize>) -> (f64, f64) {
    let (mut sum, mut weight) = (0.0, 0.0);
    for other in pulls {
        // An edge over several ranks is to be straight.
        let pull = if items[*other].is_point() && items[item].is_point() { 8.0 } else { 1.0 };
        sum += x[*other] * pull;
        weight += pull;
    }
    if weight == 0.0 { (x[item], 0.01) } else { (sum / weight, weight) }
}

fn gap(items: &[Item], a: usize, b: usize) -> f64 {
    if items[a].is_point() || items[b].is_point() { 14.0 } else { 28.0 }
}

/// The positions nearest to those wanted that keep the order and the gaps: isotonic regression by pooling neighbours.
fn settle(items: &[Item], row: &[usize], wanted: &[(f64, f64)], x: &mut [f64]) {
    let mut offset = 0.0;
    let mut offsets = Vec::with_capacity(row.len());
    for (at, item) in row.iter().enumerate() {
        if at > 0 {
            let before = row[at - 1];
            offset += items[before].right + gap(items, before, *item) + items[*item].left;
        }
        offsets.push(offset);
    }
    // Each pool: the mean, its weight, and how many items are in it.
    let mut pools: Vec<(f64, f64, usize)> = Vec::new();
    for ((want, weight), offset) in wanted.iter().zip(&offsets) {
        pools.push((want - offset, *weight, 1));
        while let [.., (left, _, _), (right, _, _)] = pools.as_slice()
            && left > right
        {
            let (b, a) = (pools.pop().unwrap_or_default(), pools.pop().unwrap_or_default());
            let weight = a.1 + b.1;
            pools.push(((a.0 * a.1 + b.0 * b.1) / weight, weight, a.2 + b.2));
        }
    }
    let means = pools.iter().flat_map(|(mean, _, count)| std::iter::repeat_n(*mean, *count));
    for ((item, offset), mean) in row.iter().zip(&offsets).zip(means) {
        x[*item] = mean + offset;
    }
}
