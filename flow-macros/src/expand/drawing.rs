//! `const GRAPH`: the drawing of a workflow, and its fingerprint.

use flow_drawing::{Edge, Node, Picture, Shape};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::tables::arms_kind;
use super::{awaited, private, stored_name};
use crate::drawn;
use crate::graph::{Decision, Graph, MachineId, PlaceKind, Point, Ways, ways};
use crate::node::signature::doc;
use crate::syntax::{Mode, Workflow};

/// ```text
/// Graph { workflow: "content", fingerprint: 0x.., nodes: &[start, done, ..], edges: &[..] }
/// ```
pub(super) fn expand(workflow: &Workflow, graph: &Graph) -> TokenStream {
    let (p, name, doc) = (private(), stored_name(workflow), doc(&workflow.attrs));
    let ways = ways(graph);
    let points = points(graph, &ways);
    let line = workflow.name.span();
    let edge_of = |point: &Point| points.iter().position(|known| known == point);
    let edges: Vec<_> = ways.edges.iter().filter_map(|(from, to, label)| Some((edge_of(from)?, edge_of(to)?, label))).collect();
    let back = back(&edges, points.len());
    let edges = edges.iter().zip(back).map(|((from, to, label), back)| quote!(#p::GraphEdge::new(#from, #to, #label, #back)));
    let nodes = points.iter().map(|point| node(graph, &ways, &points, *point, line));
    let fingerprint = fingerprint(graph, &ways);
    quote! {
        #p::Graph { workflow: #name, doc: #doc, fingerprint: #fingerprint, nodes: &[#(#nodes),*], edges: &[#(#edges),*] }
    }
}

/// The attribute that shows the drawing in the documentation. What a path stands for the macro cannot know: a step, a
/// suspension and a workflow have one shape there.
pub(super) fn in_docs(graph: &Graph) -> TokenStream {
    let ways = ways(graph);
    let points = points(graph, &ways);
    let index = |point: &Point| points.iter().position(|known| known == point);
    let nodes = points.iter().map(|point| pictured(graph, &ways, &points, *point)).collect();
    let edges =
        ways.edges.iter().filter_map(|(from, to, label)| Some(Edge { from: index(from)?, to: index(to)?, label: label.clone() }));
    let (p, picture) = (private(), drawn::tokens(&Picture { nodes, edges: edges.collect() }));
    quote!(#[cfg_attr(doc, doc = #p::drawn!(#picture))])
}

fn pictured(graph: &Graph, ways: &Ways, points: &[Point], point: Point) -> Node {
    let text = |label: &str, shape| (label.to_owned(), String::new(), shape);
    let ((label, note, shape), machine) = match point {
        Point::Start => (text("start", Shape::Start), 0),
        Point::Done | Point::Block(..) => (text("done", Shape::Done), 0),
        Point::Branch(machine, id) => {
            let found = ways.branches.iter().find(|branch| branch.machine == machine && branch.id == id);
            (text(found.map_or("", |branch| &branch.text), Shape::Branch), machine)
        }
        Point::Place(machine, index) => {
            let place = &graph.machines[machine].places[index];
            let name = if graph.machines[machine].single { &graph.machines[machine].name } else { &place.name };
            (described(name, &place.kind), machine)
        }
    };
    let parent = graph.machines[machine].parent.map(|(machine, place)| Point::Place(machine, place));
    let parent = parent.and_then(|parent| points.iter().position(|known| *known == parent));
    Node { label, note, shape, parent }
}

/// What stands in a box: the place, and what it awaits where that has another name.
fn described(name: &str, kind: &PlaceKind) -> (String, String, Shape) {
    let frame = |label: String| (label, String::new(), Shape::Frame);
    match kind {
        PlaceKind::Node { path, .. } => {
            let node = path.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
            let waits = matches!(node.as_str(), "sleep" | "sleep_until" | "signal");
            let note = if node == name { String::new() } else { node };
            (name.to_owned(), note, if waits { Shape::Wait } else { Shape::Step })
        }
        PlaceKind::Join { mode: Mode::First, .. } => frame(format!("{name}: the first")),
        PlaceKind::Join { .. } => frame(name.to_owned()),
        PlaceKind::Many { shown, .. } => frame(format!("{name}: each {shown}")),
    }
}

/// Which edges lead back to where a walk in the order of the source has come from: they close the loops.
fn back(edges: &[(usize, usize, &String)], points: usize) -> Vec<bool> {
    let (mut back, mut seen, mut open) = (vec![false; edges.len()], vec![false; points], vec![false; points]);
    for start in 0..points {
        // Each entry: a point, and the edge to look at next.
        let mut walk = if seen[start] { Vec::new() } else { vec![(start, 0)] };
        while let Some((point, edge)) = walk.pop() {
            (seen[point], open[point]) = (true, true);
            let next = (edge..edges.len()).find(|edge| edges[*edge].0 == point);
            let Some(next) = next else {
                open[point] = false;
                continue;
            };
            walk.push((point, next + 1));
            let to = edges[next].1;
            back[next] = open[to];
            if !seen[to] {
                walk.push((to, 0));
            }
        }
    }
    back
}

fn points(graph: &Graph, ways: &Ways) -> Vec<Point> {
    let mut points = vec![Point::Start, Point::Done];
    for (machine, found) in graph.machines.iter().enumerate() {
        points.extend((0..found.places.len()).map(|place| Point::Place(machine, place)));
        let branches = ways.branches.iter().filter(|branch| branch.machine == machine);
        points.extend(branches.map(|branch| Point::Branch(machine, branch.id)));
    }
    points
}

fn node(graph: &Graph, ways: &Ways, points: &[Point], point: Point, header: proc_macro2::Span) -> TokenStream {
    let p = private();
    let machine = match point {
        Point::Place(machine, _) | Point::Branch(machine, _) => machine,
        _ => 0,
    };
    let parent = graph.machines[machine].parent.map(|(machine, place)| Point::Place(machine, place));
    let join = parent.and_then(|parent| points.iter().position(|known| *known == parent));
    let within = join.map(|join| {
        let arm = &graph.machines[machine].name;
        quote!(.within(#join, #arm))
    });
    let plain = |kind: TokenStream, text: &str| quote!(#p::GraphNode::new(#kind, #text));
    let (place, found, span) = match point {
        Point::Start => ("start".to_owned(), plain(quote!(#p::NodeKind::Start), ""), header),
        Point::Done | Point::Block(..) => ("done".to_owned(), plain(quote!(#p::NodeKind::Done), ""), header),
        Point::Branch(_, id) => {
            let found = ways.branches.iter().find(|branch| branch.machine == machine && branch.id == id);
            let (text, span) = found.map_or(("", header), |Decision { text, span, .. }| (text, *span));
            (String::new(), plain(quote!(#p::NodeKind::Branch), text), span)
        }
        Point::Place(_, index) => {
            let place = &graph.machines[machine].places[index];
            let found = match &place.kind {
                PlaceKind::Node { path, .. } => {
                    let node = awaited::node(path);
                    quote!(<#node as #p::Judged>::DRAWN)
                }
                kind @ PlaceKind::Many { shown, .. } => plain(arms_kind(kind), shown),
                kind @ PlaceKind::Join { .. } => plain(arms_kind(kind), ""),
            };
            (place_path(graph, machine, index), found, place.span)
        }
    };
    let line = quote_spanned!(span=> ::core::line!());
    quote!(#found.at(#place, #line)#within)
}

/// `outline_seo/seo`
fn place_path(graph: &Graph, machine: MachineId, place: usize) -> String {
    let found = &graph.machines[machine];
    let name = &found.places[place].name;
    match found.parent {
        None => name.clone(),
        Some((parent, join)) if found.single => format!("{}/{}", place_path(graph, parent, join), found.name),
        Some((parent, join)) => format!("{}/{}/{name}", place_path(graph, parent, join), found.name),
    }
}

/// FNV-1a over places, nodes and ways: it changes when the structure does, and only then.
fn fingerprint(graph: &Graph, ways: &Ways) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |text: &str| {
        for byte in text.bytes().chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    for (machine, found) in graph.machines.iter().enumerate() {
        for (index, place) in found.places.iter().enumerate() {
            add(&place_path(graph, machine, index));
            if let PlaceKind::Node { path, .. } = &place.kind {
                add(&quote!(#path).to_string());
            }
        }
    }
    ways.edges.iter().for_each(|(from, to, _)| add(&format!("{}>{}", point_name(*from), point_name(*to))));
    hash
}

fn point_name(point: Point) -> String {
    match point {
        Point::Start => "start".to_owned(),
        Point::Done => "done".to_owned(),
        Point::Place(machine, place) => format!("p{machine}.{place}"),
        Point::Branch(machine, id) => format!("b{machine}.{id}"),
        Point::Block(machine, block) => format!("m{machine}.{block}"),
    }
}
