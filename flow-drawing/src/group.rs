//! The nodes of one frame, or those outside of all: laid out for themselves, inner frames first.

use crate::order::order;
use crate::place::place;
use crate::rank::{back, ranks};
use crate::route::Routes;
use crate::text::{SIZE, SMALL, shown, width};
use crate::{Layout, Node, Picture, Rect, Shape, Way};

/// What stands in a rank: a node, a label, or a point of an edge that goes on.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// How far it reaches from its anchor.
    pub(crate) left: f64,
    pub(crate) right: f64,
    pub(crate) height: f64,
    pub(crate) rank: usize,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Node,
    Label,
    Point,
}

impl Item {
    pub(crate) fn is_point(&self) -> bool {
        self.kind == Kind::Point
    }

    pub(crate) fn is_label(&self) -> bool {
        self.kind == Kind::Label
    }
}

/// A group, from its own upper left.
pub(crate) struct Group {
    pub(crate) width: f64,
    pub(crate) height: f64,
    boxes: Vec<(usize, Rect)>,
    ways: Vec<(usize, Way)>,
}

pub(crate) const LABEL: f64 = 16.0;
const MARGIN: f64 = 12.0;
const TITLE: f64 = 22.0;

pub(crate) fn whole(picture: &Picture) -> Layout {
    let group = Grouping { picture }.lay(None, 0);
    let mut layout = Layout {
        width: group.width,
        height: group.height,
        boxes: vec![Rect::default(); picture.nodes.len()],
        ways: vec![Way::default(); picture.edges.len()],
    };
    group.boxes.into_iter().for_each(|(node, rect)| layout.boxes[node] = rect);
    group.ways.into_iter().for_each(|(edge, way)| layout.ways[edge] = way);
    layout
}

struct Grouping<'p> {
    picture: &'p Picture,
}

impl Grouping<'_> {
    fn parent(&self, node: usize) -> Option<usize> {
        let parent = self.picture.nodes[node].parent?;
        // A frame is named before what stands in it or after, but never by itself.
        (parent < self.picture.nodes.len() && parent != node).then_some(parent)
    }

    fn depth(&self, node: usize) -> usize {
        let mut depth = 0;
        let mut at = node;
        while let Some(parent) = self.parent(at).filter(|_| depth <= self.picture.nodes.len()) {
            (depth, at) = (depth + 1, parent);
        }
        depth
    }

    /// The ends of an edge among the nodes of one frame.
    fn lifted(&self, from: usize, to: usize) -> Option<(usize, usize)> {
        let count = self.picture.nodes.len();
        let (mut a, mut b) = ((from < count).then_some(from)?, (to < count).then_some(to)?);
        while self.parent(a) != self.parent(b) {
            if self.depth(a) >= self.depth(b) { a = self.parent(a)? } else { b = self.parent(b)? }
        }
        Some((a, b))
    }

    fn lay(&self, frame: Option<usize>, depth: usize) -> Group {
        let members: Vec<usize> = (0..self.picture.nodes.len()).filter(|node| self.parent(*node) == frame).collect();
        let inner: Vec<Option<Group>> = members.iter().map(|node| self.inner(*node, depth)).collect();
        let sizes: Vec<(f64, f64)> =
            members.iter().zip(&inner).map(|(node, inner)| size(&self.picture.nodes[*node], inner.as_ref())).collect();
        let at = |node: usize| members.iter().position(|known| *known == node);
        let edges: Vec<(usize, (usize, usize))> = self
            .picture
            .edges
            .iter()
            .enumerate()
            .filter_map(|(index, edge)| {
                let (from, to) = self.lifted(edge.from, edge.to)?;
                Some((index, (at(from)?, at(to)?)))
            })
            .collect();
        let mut group = self.arranged(&members, &sizes, &edges);
        for (member, inner) in inner.into_iter().enumerate() {
            if let Some(inner) = inner {
                group.take_in(member, inner);
            }
        }
        group
    }

    fn inner(&self, node: usize, depth: usize) -> Option<Group> {
        let is_frame = (0..self.picture.nodes.len()).any(|child| self.parent(child) == Some(node));
        (is_frame && depth < self.picture.nodes.len()).then(|| self.lay(Some(node), depth + 1))
    }

    fn arranged(&self, members: &[usize], sizes: &[(f64, f64)], edges: &[(usize, (usize, usize))]) -> Group {
        let ends: Vec<(usize, usize)> = edges.iter().map(|(_, ends)| *ends).collect();
        let back = back(members.len(), &ends);
        let mut rank = ranks(members.len(), &ends, &back);
        let last = rank.iter().copied().max().unwrap_or(0);
        for (member, node) in members.iter().enumerate() {
            if self.picture.nodes[*node].shape == Shape::Done && !ends.iter().any(|(from, _)| *from == member) {
                rank[member] = last.max(1);
            }
        }
        let mut items: Vec<Item> = sizes
            .iter()
            .zip(&rank)
            // Labels stand between the nodes, in ranks of their own.
            .map(|((w, h), rank)| Item { left: w / 2.0, right: w / 2.0, height: *h, rank: rank * 2, kind: Kind::Node })
            .collect();
        let mut links = Vec::new();
        let chains: Vec<Vec<usize>> = edges
            .iter()
            .zip(&back)
            .map(|((edge, ends), back)| {
                let label = width(&shown(&self.picture.edges[*edge].label), SMALL);
                if *back { Vec::new() } else { chain(&mut items, &mut links, *ends, label) }
            })
            .collect();
        let rows = order(&items, &links);
        let x = place(&items, &rows, &links);
        let routes = Routes { picture: self.picture, items: &items, rows: &rows, x, edges, back: &back, chains: &chains };
        let (boxes, ways, width, height) = routes.drawn(members.len());
        let boxes = members.iter().copied().zip(boxes).collect();
        Group { width, height, boxes, ways }
    }
}

/// The items that an edge goes through, its ends included.
fn chain(items: &mut Vec<Item>, links: &mut Vec<(usize, usize)>, (from, to): (usize, usize), label: f64) -> Vec<usize> {
    let mut chain = vec![from];
    for rank in items[from].rank + 1..items[to].rank {
        let labelled = label > 0.0 && chain.len() == 1;
        let (right, height, kind) = if labelled { (label + 10.0, LABEL, Kind::Label) } else { (4.0, 0.0, Kind::Point) };
        items.push(Item { left: 4.0, right, height, rank, kind });
        chain.push(items.len() - 1);
    }
    chain.push(to);
    links.extend(chain.windows(2).map(|pair| (pair[0], pair[1])));
    chain
}

/// How large a node is.
fn size(node: &Node, inner: Option<&Group>) -> (f64, f64) {
    let label = width(&shown(&node.label), SIZE);
    if let Some(inner) = inner {
        return (inner.width.max(label + 24.0), inner.height + TITLE);
    }
    let text = label.max(width(&shown(&node.note), SMALL));
    let line = if node.note.is_empty() { 32.0 } else { 44.0 };
    match node.shape {
        Shape::Start | Shape::Done => (text + 28.0, 26.0),
        Shape::Branch => (text + 44.0, 34.0),
        _ => ((text + 36.0).max(64.0), line),
    }
}

impl Group {
    /// Puts the content of a frame where the frame stands.
    fn take_in(&mut self, member: usize, inner: Self) {
        let frame = self.boxes[member].1;
        let (dx, dy) = (frame.x + (frame.width - inner.width) / 2.0, frame.y + TITLE);
        let moved = |rect: Rect| Rect { x: rect.x + dx, y: rect.y + dy, ..rect };
        self.boxes.extend(inner.boxes.into_iter().map(|(node, rect)| (node, moved(rect))));
        self.ways.extend(inner.ways.into_iter().map(|(edge, way)| {
            let points = way.points.into_iter().map(|(x, y)| (x + dx, y + dy)).collect();
            (edge, Way { points, label: way.label.map(moved), back: way.back })
        }));
    }
}

/// The space around a group.
pub(crate) const fn margin() -> f64 {
    MARGIN
}
