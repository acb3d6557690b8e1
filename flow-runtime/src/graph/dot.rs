//! A graph in the language of Graphviz.

use std::fmt::Write;

use super::Graph;
use crate::node::NodeKind;

/// Edges end at nodes there, never at clusters. So a join is a cluster with two points that are not seen, one above its
/// nodes and one below; the ways to and from the join are cut off at the frame.
pub(super) fn draw(graph: &Graph) -> String {
    let mut out = format!("digraph {} {{\n    compound=true\n", quoted(graph.workflow));
    graph.nodes_within(None).for_each(|index| node(graph, index, 1, &mut out));
    for edge in graph.edges {
        let mut attributes = Vec::new();
        let from = if is_join(graph, edge.from) {
            attributes.push(format!("ltail=cluster{}", edge.from));
            format!("n{}_end", edge.from)
        } else {
            format!("n{}", edge.from)
        };
        if is_join(graph, edge.to) {
            attributes.push(format!("lhead=cluster{}", edge.to));
        }
        if !edge.label.is_empty() {
            attributes.push(format!("label={}", quoted(edge.label)));
        }
        let attributes = if attributes.is_empty() { String::new() } else { format!(" [{}]", attributes.join(" ")) };
        let _ = writeln!(out, "    {from} -> n{}{attributes}", edge.to);
    }
    out.push_str("}\n");
    out
}

fn node(graph: &Graph, index: usize, depth: usize, out: &mut String) {
    let indent = "    ".repeat(depth);
    let text = if is_join(graph, index) { graph.nodes[index].frame() } else { graph.nodes[index].text().to_owned() };
    let text = quoted(&text);
    if !is_join(graph, index) {
        let shape = shape(graph.nodes[index].kind);
        let _ = writeln!(out, "{indent}n{index} [shape={shape} label={text}]");
        return;
    }
    let _ = writeln!(out, "{indent}subgraph cluster{index} {{\n{indent}    label={text}");
    let _ = writeln!(out, "{indent}    n{index} [shape=point style=invis]\n{indent}    n{index}_end [shape=point style=invis]");
    for inner in graph.nodes_within(Some(index)) {
        node(graph, inner, depth + 1, out);
        let last = if is_join(graph, inner) { format!("n{inner}_end") } else { format!("n{inner}") };
        let _ = writeln!(out, "{indent}    n{index} -> n{inner} [style=invis]\n{indent}    {last} -> n{index}_end [style=invis]");
    }
    let _ = writeln!(out, "{indent}}}");
}

fn is_join(graph: &Graph, index: usize) -> bool {
    graph.nodes[index].kind.has_arms()
}

fn shape(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Start | NodeKind::Done => "oval",
        NodeKind::Suspend | NodeKind::Sleep | NodeKind::Signal => "parallelogram",
        NodeKind::Workflow => "box3d",
        NodeKind::Branch => "diamond",
        NodeKind::Step | NodeKind::Join | NodeKind::JoinAll | NodeKind::Select => "box",
    }
}

/// A backslash begins an escape there, so a condition's own is doubled.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
