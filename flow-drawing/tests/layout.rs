//! What holds of every picture.

use flow_drawing::{Edge, Layout, Node, Picture, Rect, Shape, layout, svg};
use proptest::prelude::*;

const SHAPES: [Shape; 6] = [Shape::Step, Shape::Suspend, Shape::Wait, Shape::Workflow, Shape::Branch, Shape::Done];

/// Any graph: nodes in frames in frames, edges anywhere, any text.
fn pictures() -> impl Strategy<Value = Picture> {
    let text = prop_oneof![Just(String::new()), "[a-z_]{1,12}", ".{0,60}", Just("<&\"> ünï 漢字".to_owned())];
    let nodes = prop::collection::vec((text.clone(), "[a-z]{0,8}", 0..9_usize, any::<prop::sample::Index>()), 1..22);
    (nodes, prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), text), 0..34)).prop_map(
        |(nodes, edges)| {
            let mut made: Vec<Node> = Vec::new();
            for (label, note, shape, parent) in nodes {
                let frames: Vec<usize> = (0..made.len()).filter(|node| made[*node].shape == Shape::Frame).collect();
                let parent = (!frames.is_empty() && shape % 2 == 0).then(|| frames[parent.index(frames.len())]);
                let shape = SHAPES.get(shape).copied().unwrap_or(Shape::Frame);
                made.push(Node { label, note, shape, parent });
            }
            let count = made.len();
            let edge = |(from, to, label): (prop::sample::Index, prop::sample::Index, String)| Edge {
                from: from.index(count),
                to: to.index(count),
                label,
            };
            Picture { nodes: made, edges: edges.into_iter().map(edge).collect() }
        },
    )
}

fn overlap(a: Rect, b: Rect) -> bool {
    const TOUCH: f64 = 0.01;
    a.x + a.width > b.x + TOUCH && b.x + b.width > a.x + TOUCH && a.y + a.height > b.y + TOUCH && b.y + b.height > a.y + TOUCH
}

fn inside(outer: Rect, inner: Rect) -> bool {
    inner.x >= outer.x - 0.01
        && inner.y >= outer.y - 0.01
        && inner.x + inner.width <= outer.x + outer.width + 0.01
        && inner.y + inner.height <= outer.y + outer.height + 0.01
}

fn on_border(rect: Rect, (x, y): (f64, f64)) -> bool {
    let across = x >= rect.x - 0.01 && x <= rect.x + rect.width + 0.01;
    across && ((y - rect.y).abs() < 0.01 || (y - rect.y - rect.height).abs() < 0.01)
}

fn is_within(picture: &Picture, node: usize, frame: usize) -> bool {
    picture.nodes[node].parent.is_some_and(|parent| parent == frame || is_within(picture, parent, frame))
}

/// The ends of an edge where they stand side by side.
fn ends(picture: &Picture, edge: &Edge) -> (usize, usize) {
    let above = |node: usize| std::iter::successors(Some(node), |node| picture.nodes[*node].parent);
    for a in above(edge.from) {
        if let Some(b) = above(edge.to).find(|b| picture.nodes[*b].parent == picture.nodes[a].parent) {
            return (a, b);
        }
    }
    unreachable!("the outermost nodes stand side by side")
}

fn check(picture: &Picture, layout: &Layout) {
    let whole = Rect { x: 0.0, y: 0.0, width: layout.width, height: layout.height };
    for (a, first) in layout.boxes.iter().enumerate() {
        assert!(inside(whole, *first), "box {a} {first:?} leaves {whole:?}");
        for (b, second) in layout.boxes.iter().enumerate().skip(a + 1) {
            if is_within(picture, b, a) {
                assert!(inside(*first, *second), "{b} leaves its frame {a}");
            } else if !is_within(picture, a, b) {
                assert!(!overlap(*first, *second), "boxes {a} and {b}: {first:?} {second:?}");
            }
        }
    }
    let labels: Vec<Rect> = layout.ways.iter().filter_map(|way| way.label).collect();
    for (at, label) in labels.iter().enumerate() {
        assert!(inside(whole, *label), "label {label:?} leaves {whole:?}");
        assert!(labels[at + 1..].iter().all(|other| !overlap(*label, *other)), "labels: {label:?} in {labels:?}");
        for (node, found) in picture.nodes.iter().zip(&layout.boxes) {
            assert!(node.shape == Shape::Frame || !overlap(*label, *found), "label {label:?} over {node:?} {found:?}");
        }
    }
    for (edge, way) in picture.edges.iter().zip(&layout.ways) {
        let (from, to) = ends(picture, edge);
        assert!(on_border(layout.boxes[from], way.points[0]), "{edge:?} begins off {from}");
        assert!(on_border(layout.boxes[to], way.points[way.points.len() - 1]), "{edge:?} ends off {to}");
        assert_eq!(edge.label.is_empty(), way.label.is_none(), "{edge:?}");
        for (x, y) in &way.points {
            assert!(inside(whole, Rect { x: *x, y: *y, ..Rect::default() }), "{edge:?} leaves the picture");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn nothing_overlaps_and_every_edge_ends_on_its_nodes(picture in pictures()) {
        let found = layout(&picture);
        check(&picture, &found);
        prop_assert_eq!(found, layout(&picture));
    }

    #[test]
    fn every_text_is_escaped(picture in pictures()) {
        let svg = svg(&picture);
        let texts = svg.split("<text").skip(1).map(|rest| rest.split_once('>').unwrap().1.split_once("</text>").unwrap().0);
        for text in texts {
            prop_assert!(!text.contains(['<', '>', '"']), "{}", text);
        }
        prop_assert_eq!(svg.matches("<g>").count(), picture.nodes.len());
        prop_assert!(!svg.contains('\n'));
    }
}

/// A whole page of nodes is laid out while a macro waits for it.
#[test]
fn a_long_chain_stands_straight() {
    let nodes = (0..60).map(|n| Node { label: format!("n{n}"), note: String::new(), shape: Shape::Step, parent: None }).collect();
    let edges = (0..59).map(|n| Edge { from: n, to: n + 1, label: String::new() }).collect();
    let layout = layout(&Picture { nodes, edges });
    let middles: Vec<f64> = layout.boxes.iter().map(|rect| rect.x + rect.width / 2.0).collect();
    assert!(middles.iter().all(|middle| (middle - middles[0]).abs() < 0.01), "{middles:?}");
}
