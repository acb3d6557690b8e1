//! Which edges lead back, and how far down each node stands.

/// Edges to where a walk in the order of the nodes has come from.
pub(crate) fn back(nodes: usize, edges: &[(usize, usize)]) -> Vec<bool> {
    let mut out = vec![Vec::new(); nodes];
    for (index, (from, _)) in edges.iter().enumerate() {
        out[*from].push(index);
    }
    let (mut back, mut seen, mut open) = (vec![false; edges.len()], vec![false; nodes], vec![false; nodes]);
    for start in 0..nodes {
        let mut walk = if seen[start] { Vec::new() } else { vec![(start, 0)] };
        while let Some((node, next)) = walk.pop() {
            (seen[node], open[node]) = (true, true);
            let Some(edge) = out[node].get(next) else {
                open[node] = false;
                continue;
            };
            walk.push((node, next + 1));
            let to = edges[*edge].1;
            back[*edge] = open[to];
            if !seen[to] {
                walk.push((to, 0));
            }
        }
    }
    back
}

/// The longest way to each node over the edges that do not lead back.
pub(crate) fn ranks(nodes: usize, edges: &[(usize, usize)], back: &[bool]) -> Vec<usize> {
    let forward: Vec<_> = edges.iter().zip(back).filter(|(_, back)| !**back).map(|(edge, _)| *edge).collect();
    let (mut rank, mut waits) = (vec![0; nodes], vec![0; nodes]);
    forward.iter().for_each(|(_, to)| waits[*to] += 1);
    let mut ready: Vec<usize> = (0..nodes).filter(|node| waits[*node] == 0).collect();
    while let Some(node) = ready.pop() {
        for (_, to) in forward.iter().filter(|(from, _)| *from == node) {
            rank[*to] = rank[*to].max(rank[node] + 1);
            waits[*to] -= 1;
            if waits[*to] == 0 {
                ready.push(*to);
            }
        }
    }
    rank
}
