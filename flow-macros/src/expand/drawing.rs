//! `const GRAPH`: the drawing of a workflow, and its fingerprint.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::{private, stored_name};
use crate::graph::{Graph, MachineId, PlaceKind, Point, Ways, ways};
use crate::node::signature::doc;
use crate::syntax::Workflow;

/// ```text
/// Graph { workflow: "content", fingerprint: 0x.., nodes: &[start, done, ..], edges: &[..] }
/// ```
pub(super) fn expand(workflow: &Workflow, graph: &Graph) -> TokenStream {
    let (p, name, doc) = (private(), stored_name(workflow), doc(&workflow.attrs));
    let ways = ways(graph);
    let points = points(graph, &ways);
    let line = workflow.name.span();
    let edge_of = |point: &Point| points.iter().position(|known| known == point);
    let edges = ways.edges.iter().filter_map(|(from, to, label)| {
        let (from, to) = (edge_of(from)?, edge_of(to)?);
        Some(quote!(#p::GraphEdge { from: #from, to: #to, label: #label }))
    });
    let nodes = points.iter().map(|point| node(graph, &ways, &points, *point, line));
    let fingerprint = fingerprint(graph, &ways);
    quote! {
        #p::Graph { workflow: #name, doc: #doc, fingerprint: #fingerprint, nodes: &[#(#nodes),*], edges: &[#(#edges),*] }
    }
}

fn points(graph: &Graph, ways: &Ways) -> Vec<Point> {
    let mut points = vec![Point::Start, Point::Done];
    for (machine, found) in graph.machines.iter().enumerate() {
        points.extend((0..found.places.len()).map(|place| Point::Place(machine, place)));
        points.extend(ways.branches.iter().filter(|(of, ..)| *of == machine).map(|(of, id, _)| Point::Branch(*of, *id)));
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
    let join = match parent.and_then(|parent| points.iter().position(|known| *known == parent)) {
        Some(index) => quote!(::core::option::Option::Some(#index)),
        None => quote!(::core::option::Option::None),
    };
    let (place, kind, node, doc, span) = match point {
        Point::Start => ("start".to_owned(), quote!(#p::NodeKind::Start), quote!(""), quote!(""), header),
        Point::Done | Point::Block(..) => ("done".to_owned(), quote!(#p::NodeKind::Done), quote!(""), quote!(""), header),
        Point::Branch(_, id) => {
            let text = ways.branches.iter().find(|(of, known, _)| *of == machine && *known == id).map_or("", |(_, _, text)| text);
            (String::new(), quote!(#p::NodeKind::Branch), quote!(#text), quote!(""), header)
        }
        Point::Place(_, index) => {
            let place = &graph.machines[machine].places[index];
            let (kind, node, doc) = match &place.kind {
                PlaceKind::Node { path, .. } => {
                    let info = quote!(<#path as #p::Node>::INFO);
                    (quote!(#info.kind), quote!(#info.name), quote!(#info.doc))
                }
                PlaceKind::Join { .. } | PlaceKind::Many { .. } => (quote!(#p::NodeKind::Join), quote!(""), quote!("")),
            };
            (place_path(graph, machine, index), kind, node, doc, place.span)
        }
    };
    let line = quote_spanned!(span=> ::core::line!());
    quote!(#p::GraphNode { place: #place, kind: #kind, node: #node, doc: #doc, line: #line, join: #join })
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
