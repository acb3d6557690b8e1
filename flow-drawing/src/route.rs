//! Where the ranks stand one below the other, and the ways of the edges.

use crate::group::{Item, LABEL, margin};
use crate::text::{SMALL, shown, width};
use crate::{Picture, Rect, Way};

/// Between two ranks.
const GAP: f64 = 20.0;
/// Between two edges that lead back.
const LANE: f64 = 14.0;

/// All that is known before the ways are drawn.
pub(crate) struct Routes<'r> {
    pub(crate) picture: &'r Picture,
    pub(crate) items: &'r [Item],
    pub(crate) rows: &'r [Vec<usize>],
    /// The anchors.
    pub(crate) x: Vec<f64>,
    pub(crate) edges: &'r [(usize, (usize, usize))],
    pub(crate) back: &'r [bool],
    pub(crate) chains: &'r [Vec<usize>],
}

/// The top and the height of a rank.
type Band = (f64, f64);

type Drawn = (Vec<Rect>, Vec<(usize, Way)>, f64, f64);

impl Routes<'_> {
    /// The boxes of the nodes, the ways, and how large all of it is.
    pub(crate) fn drawn(mut self, nodes: usize) -> Drawn {
        let loops = self.back.iter().any(|back| *back);
        let room = margin() + if loops { LANE } else { 0.0 };
        let left = self.items.iter().zip(&self.x).map(|(item, x)| x - item.left).fold(f64::INFINITY, f64::min);
        let left = if left.is_finite() { left } else { 0.0 };
        self.x.iter_mut().for_each(|x| *x += margin() - left);
        let bands = self.bands(room);
        let bottom = bands.last().map_or(0.0, |(top, height)| top + height);
        let boxes: Vec<Rect> = (0..nodes).map(|node| self.rect(node, &bands)).collect();
        let mut right = self.items.iter().zip(&self.x).map(|(item, x)| x + item.right).fold(0.0, f64::max);
        let mut ways = Vec::new();
        let mut lanes: Vec<Lane> = Vec::new();
        for at in self.inner_first() {
            let way = if self.back[at] {
                let way = self.around(at, &boxes, &bands, &mut lanes);
                right = lanes.last().map_or(right, |lane| right.max(lane.reach));
                way
            } else {
                self.down(at, &boxes, &bands)
            };
            ways.push((self.edges[at].0, way));
        }
        (boxes, ways, right + margin(), bottom + room)
    }

    /// The edges, those of inner loops before those around them.
    fn inner_first(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.edges.len()).collect();
        let span = |at: usize| {
            let (from, to) = self.edges[at].1;
            self.items[from].rank.saturating_sub(self.items[to].rank)
        };
        order.sort_by_key(|at| span(*at));
        order
    }

    fn bands(&self, room: f64) -> Vec<Band> {
        let mut top = room;
        let mut bands: Vec<Band> = Vec::new();
        for (rank, row) in self.rows.iter().enumerate() {
            let height = row.iter().map(|item| self.items[*item].height).fold(0.0, f64::max);
            // A rank for labels without one takes no room.
            let empty = rank % 2 == 1 && height == 0.0;
            if rank > 0 && !empty {
                top += if rank % 2 == 1 { 16.0 } else { GAP };
            } else if empty {
                top += 8.0;
            }
            bands.push((top, height));
            top += height;
        }
        bands
    }

    fn rect(&self, node: usize, bands: &[Band]) -> Rect {
        let item = &self.items[node];
        let (top, height) = bands[item.rank];
        let y = top + (height - item.height) / 2.0;
        Rect { x: self.x[node] - item.left, y, width: item.left + item.right, height: item.height }
    }

    /// Where an edge leaves its node: beside the others that do, in the order of where they go.
    fn port(&self, at: usize, rect: Rect) -> f64 {
        let from = self.edges[at].1.0;
        let mut leaving: Vec<usize> = (0..self.edges.len()).filter(|edge| self.edges[*edge].1.0 == from).collect();
        let next = |edge: usize| if self.back[edge] { f64::INFINITY } else { self.x[self.chains[edge][1]] };
        leaving.sort_by(|a, b| next(*a).total_cmp(&next(*b)));
        let index = leaving.iter().position(|edge| *edge == at).unwrap_or(0) as f64;
        let count = leaving.len() as f64;
        let step = (rect.width / (count + 1.0)).min(26.0);
        rect.x + rect.width / 2.0 + (index - (count - 1.0) / 2.0) * step
    }

    fn down(&self, at: usize, boxes: &[Rect], bands: &[Band]) -> Way {
        let (from, to) = self.edges[at].1;
        let (start, end) = (boxes[from], boxes[to]);
        let x = self.port(at, start);
        let (top, height) = bands[self.items[from].rank];
        let mut points = vec![(x, start.y + start.height), (x, top + height)];
        let mut label = None;
        for item in &self.chains[at][1..self.chains[at].len() - 1] {
            let ((top, height), x) = (bands[self.items[*item].rank], self.x[*item]);
            // Nothing else stands in a rank without height: the way need not go through its point.
            if height == 0.0 {
                continue;
            }
            points.extend([(x, top), (x, top + height)]);
            if self.items[*item].is_label() {
                let width = self.items[*item].right - 10.0;
                label = Some(Rect { x: x + 5.0, y: top + (height - LABEL) / 2.0, width, height: LABEL });
            }
        }
        let x = end.x + end.width / 2.0;
        points.extend([(x, bands[self.items[to].rank].0), (x, end.y)]);
        points.dedup();
        Way { points, label, back: false }
    }

    /// An edge that leads back: out below its node, up along the side, and in above the other.
    fn around(&self, at: usize, boxes: &[Rect], bands: &[Band], lanes: &mut Vec<Lane>) -> Way {
        let (edge, (from, to)) = self.edges[at];
        let (upper, lower) = (self.items[to].rank, self.items[from].rank);
        // Beside the labels above and below too: the way turns there.
        let beside = self.rows[upper.saturating_sub(1)..=(lower + 1).min(self.rows.len() - 1)].iter().flatten();
        let side = beside.map(|item| self.x[*item] + self.items[*item].right).fold(0.0, f64::max);
        let taken = lanes.iter().filter(|lane| lane.upper <= lower + 1 && upper <= lane.lower + 1);
        let x = taken.map(|lane| lane.reach).fold(side, f64::max) + LANE;
        let text = width(&shown(&self.picture.edges[edge].label), SMALL);
        let reach = if text > 0.0 { x + text + 10.0 } else { x };
        lanes.push(Lane { upper, lower, reach });
        let turn = 4.0 + 3.0 * (lanes.len() % 3) as f64;
        let (start, end) = (boxes[from], boxes[to]);
        let (out, into) = (self.port(at, start), end.x + end.width * 0.75);
        let (below, above) = (bands[lower].0 + bands[lower].1 + turn, bands[upper].0 - turn);
        let points = vec![(out, start.y + start.height), (out, below), (x, below), (x, above), (into, above), (into, end.y)];
        let label = (text > 0.0).then(|| Rect { x: x + 5.0, y: (above + below - LABEL) / 2.0, width: text, height: LABEL });
        Way { points, label, back: true }
    }
}

/// The upright part of an edge that leads back.
struct Lane {
    upper: usize,
    lower: usize,
    /// How far right it and its label reach.
    reach: f64,
}
