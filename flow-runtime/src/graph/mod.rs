//! A workflow as a graph: places, and the ways between them. It is a constant of the workflow.

mod dot;
mod svg;

use std::fmt::Write;

use serde::Serialize;

use crate::node::{Node, NodeKind};

/// The places of a workflow and the ways between them.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Graph {
    /// The registered name of the workflow.
    pub workflow: &'static str,
    /// Its doc comment.
    pub doc: &'static str,
    /// A hash of the structure: a changed step body does not change it, a moved place does.
    pub fingerprint: u64,
    /// The nodes; the first is the start, the second the end.
    pub nodes: &'static [GraphNode],
    /// The ways.
    pub edges: &'static [GraphEdge],
}

/// A node of a graph.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct GraphNode {
    /// The place, below the arms it is in: `outline_seo/seo`.
    pub place: &'static str,
    /// What it is.
    pub kind: NodeKind,
    /// The stored name of the node that is awaited there; for a branch the condition as written, for a `join_all!` its item
    /// and its list.
    pub node: &'static str,
    /// The doc comment of the node.
    pub doc: &'static str,
    /// The line in the source.
    pub line: u32,
    /// The join whose arm this is in, as an index into the nodes.
    pub join: Option<usize>,
    /// The name of that arm; empty outside of joins.
    pub arm: &'static str,
    /// The graph of the workflow that is awaited there; in JSON its name.
    #[serde(serialize_with = "name")]
    pub nested: Option<&'static Graph>,
}

/// A way from one node to another.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct GraphEdge {
    /// From which node.
    pub from: usize,
    /// To which.
    pub to: usize,
    /// When it is taken: the condition or pattern as written, or the arm of a `select!`; empty for the only way.
    pub label: &'static str,
    /// Whether it leads back: it closes a loop.
    pub back: bool,
}

impl GraphNode {
    /// A point of this kind, without a name.
    pub const fn new(kind: NodeKind, node: &'static str) -> Self {
        Self { place: "", kind, node, doc: "", line: 0, join: None, arm: "", nested: None }
    }

    /// A place where this node is awaited, without a name.
    pub const fn of<N: Node>() -> Self {
        Self { doc: N::INFO.doc, nested: N::NESTED, ..Self::new(N::INFO.kind, N::INFO.name) }
    }

    /// The same, by this name, at this line.
    pub const fn at(self, place: &'static str, line: u32) -> Self {
        Self { place, line, ..self }
    }

    /// The same, in an arm of a join.
    pub const fn within(self, join: usize, arm: &'static str) -> Self {
        Self { join: Some(join), arm, ..self }
    }
}

impl GraphEdge {
    /// A way from one node to another.
    pub const fn new(from: usize, to: usize, label: &'static str, back: bool) -> Self {
        Self { from, to, label, back }
    }
}

fn name<S: serde::Serializer>(graph: &Option<&'static Graph>, serializer: S) -> Result<S::Ok, S::Error> {
    graph.map(|graph| graph.workflow).serialize(serializer)
}

impl Graph {
    /// The graph as a Mermaid flowchart.
    pub fn to_mermaid(&self) -> String {
        self.mermaid(None)
    }

    /// The graph as a Mermaid flowchart with these places marked as current.
    pub fn to_mermaid_at(&self, places: &[&str]) -> String {
        self.mermaid(Some(places))
    }

    /// The graph for Graphviz: `dot -Tsvg` draws it.
    pub fn to_dot(&self) -> String {
        dot::draw(self)
    }

    /// The graph as a picture: an SVG that fits light pages and dark ones.
    ///
    /// ```
    /// # use flow_runtime::{Definition, step, workflow};
    /// # #[step] async fn greet(name: &str) -> Result<String, std::io::Error> { Ok(name.to_owned()) }
    /// # workflow! { Hello<String -> String>(name) { greet(&name).await } }
    /// assert!(Hello::GRAPH.to_svg().starts_with("<svg"));
    /// ```
    pub fn to_svg(&self) -> String {
        svg::draw(self)
    }

    /// The graph as JSON: an object with the fields of [`Graph`], its nodes and edges with those of [`GraphNode`] and
    /// [`GraphEdge`]. `from`, `to` and `join` are indices into `nodes`. `fingerprint` has 64 bits, more than the
    /// numbers of JavaScript hold.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("strings and numbers are valid JSON")
    }

    fn mermaid(&self, current: Option<&[&str]>) -> String {
        let mut out = String::from("flowchart TD\n");
        for index in self.nodes_within(None) {
            self.mermaid_node(index, 1, &mut out);
        }
        for edge in self.edges {
            let label = if edge.label.is_empty() { String::new() } else { format!("|\"{}\"|", escape(edge.label)) };
            let _ = writeln!(out, "    n{} -->{label} n{}", edge.from, edge.to);
        }
        let marked = self.nodes.iter().enumerate().filter(|(_, node)| current.is_some_and(|places| places.contains(&node.place)));
        for (index, _) in marked {
            let _ = writeln!(out, "    style n{index} stroke-width:4px");
        }
        out
    }

    fn nodes_within(&self, join: Option<usize>) -> impl Iterator<Item = usize> + '_ {
        (0..self.nodes.len()).filter(move |index| self.nodes[*index].join == join)
    }

    fn mermaid_node(&self, index: usize, depth: usize, out: &mut String) {
        let node = &self.nodes[index];
        let indent = "    ".repeat(depth);
        if node.kind.has_arms() {
            let _ = writeln!(out, "{indent}subgraph n{index}[\"{}\"]", escape(&node.frame()));
            self.nodes_within(Some(index)).for_each(|inner| self.mermaid_node(inner, depth + 1, out));
            let _ = writeln!(out, "{indent}end");
            return;
        }
        let (open, close) = shape(node.kind);
        let _ = writeln!(out, "{indent}n{index}{open}\"{}\"{close}", escape(node.text()));
    }
}

impl GraphNode {
    /// What stands in the drawing: the condition of a branch, and else the last name of the place.
    fn text(&self) -> &'static str {
        match self.kind {
            NodeKind::Branch => self.node,
            _ => self.place.rsplit('/').next().unwrap_or(self.place),
        }
    }
}

impl GraphNode {
    /// What a frame around arms is called.
    fn frame(&self) -> String {
        match self.kind {
            NodeKind::JoinAll => format!("{}: each {}", self.text(), self.node),
            NodeKind::Select => format!("{}: the first", self.text()),
            _ => self.text().to_owned(),
        }
    }
}

/// Rounded for start and end, a box for a step, a slanted box for a wait, a double box for a workflow, a diamond for
/// a decision.
fn shape(kind: NodeKind) -> (&'static str, &'static str) {
    match kind {
        NodeKind::Start | NodeKind::Done => ("([", "])"),
        NodeKind::Suspend | NodeKind::Sleep | NodeKind::Signal => ("[/", "/]"),
        NodeKind::Workflow => ("[[", "]]"),
        NodeKind::Branch => ("{", "}"),
        NodeKind::Step | NodeKind::Join | NodeKind::JoinAll | NodeKind::Select => ("[", "]"),
    }
}

fn escape(text: &str) -> String {
    text.replace('"', "#quot;").replace('<', "#lt;").replace('>', "#gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn node(place: &'static str, kind: NodeKind, node: &'static str, join: Option<usize>) -> GraphNode {
        GraphNode { place, kind, node, doc: "", line: 1, join, arm: "", nested: None }
    }

    const GRAPH: Graph = Graph {
        workflow: "sample",
        doc: "",
        fingerprint: 7,
        nodes: &[
            node("start", NodeKind::Start, "", None),
            node("done", NodeKind::Done, "", None),
            node("both", NodeKind::Join, "", None),
            node("both/left", NodeKind::Step, "left", Some(2)),
            node("", NodeKind::Branch, r#"text == "a\n""#, None),
        ],
        edges: &[
            GraphEdge { from: 0, to: 2, label: "", back: false },
            GraphEdge { from: 2, to: 4, label: "", back: false },
            GraphEdge { from: 4, to: 1, label: "yes", back: false },
        ],
    };

    #[test]
    fn dot_frames_joins_and_escapes_conditions() {
        let expected = r#"digraph "sample" {
    compound=true
    n0 [shape=oval label="start"]
    n1 [shape=oval label="done"]
    subgraph cluster2 {
        label="both"
        n2 [shape=point style=invis]
        n2_end [shape=point style=invis]
        n3 [shape=box label="left"]
        n2 -> n3 [style=invis]
        n3 -> n2_end [style=invis]
    }
    n4 [shape=diamond label="text == \"a\\n\""]
    n0 -> n2 [lhead=cluster2]
    n2_end -> n4 [ltail=cluster2]
    n4 -> n1 [label="yes"]
}
"#;
        assert_eq!(GRAPH.to_dot(), expected);
    }

    #[test]
    fn json_has_the_fields_of_the_graph() {
        let json: serde_json::Value = serde_json::from_str(&GRAPH.to_json()).unwrap();
        assert_eq!(json["workflow"], "sample");
        assert_eq!(json["fingerprint"], 7);
        assert_eq!(json["nodes"][3]["place"], "both/left");
        assert_eq!(json["nodes"][3]["join"], 2);
        assert_eq!(json["edges"][2], serde_json::json!({ "from": 4, "to": 1, "label": "yes", "back": false }));
    }
}
