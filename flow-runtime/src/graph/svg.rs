//! A graph as a picture.

use flow_drawing::{Edge, Node, Picture, Shape};

use super::Graph;
use crate::node::NodeKind;

pub(super) fn draw(graph: &Graph) -> String {
    flow_drawing::svg(&picture(graph))
}

fn picture(graph: &Graph) -> Picture {
    let nodes = graph.nodes.iter().map(|node| {
        let frame = node.kind.has_arms();
        let label = if frame { node.frame() } else { node.text().to_owned() };
        // What the place awaits, where it bears another name.
        let note = if frame || node.kind == NodeKind::Branch || node.node == label { "" } else { node.node };
        Node { label, note: note.to_owned(), shape: shape(node.kind), parent: node.join }
    });
    let edges = graph.edges.iter().map(|edge| Edge { from: edge.from, to: edge.to, label: edge.label.to_owned() });
    Picture { nodes: nodes.collect(), edges: edges.collect() }
}

fn shape(kind: NodeKind) -> Shape {
    match kind {
        NodeKind::Start => Shape::Start,
        NodeKind::Done => Shape::Done,
        NodeKind::Step => Shape::Step,
        NodeKind::Suspend => Shape::Suspend,
        NodeKind::Sleep | NodeKind::Signal => Shape::Wait,
        NodeKind::Workflow => Shape::Workflow,
        NodeKind::Branch => Shape::Branch,
        NodeKind::Join | NodeKind::JoinAll | NodeKind::Select => Shape::Frame,
    }
}
