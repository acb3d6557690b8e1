//! The graph of a workflow: what stands in it, and where in the source it comes from.

use std::time::Duration;

use flow_runtime::graph::{Graph, GraphNode};
use flow_runtime::node::NodeKind;
use flow_runtime::{Definition, Error, sleep, step, suspend, workflow};

/// Reads a page.
#[step]
async fn fetch(page: u32) -> Result<u32, Error> {
    Ok(page)
}

#[suspend(resume = bool)]
fn review(sum: u32) -> u32 {
    sum
}

workflow! {
    Check<u32 -> bool>(sum) { review(sum).await }
}

workflow! {
    Everything<Vec<u32> -> u32>(pages) {
        let mut sum: u32 = 0;
        for page in &pages {
            sum += fetch(*page).await?;
            if sum > 100 {
                break;
            }
        }
        let all = #[at(all)] try_join_all!(pages.iter(), |page| fetch(*page), limit = 2)?;
        match #[at(first)] fetch(sum).await {
            Ok(n) if n > 3 => sum += n,
            Ok(_) => {
                let (a, b) = try_join!(#[at(left)] fetch(1), #[at(right)] async {
                    let n = fetch(2).await?;
                    #[at(again)] fetch(n).await
                })?;
                sum += a + b;
            }
            Err(error) => return Err(error.into()),
        }
        let seen = #[at(deadline)] select! {
            seen = Check(sum) => seen?,
            _ = sleep(Duration::from_secs(60)) => false,
        };
        Ok(if seen { sum } else { all.len() as u32 })
    }
}

const LINES: (u32, u32) = (line!() - 28, line!());
const GRAPH: Graph = Everything::GRAPH;

fn at(place: &str) -> usize {
    GRAPH.nodes.iter().position(|node| node.place == place).unwrap_or_else(|| panic!("no place `{place}`"))
}

fn node(place: &str) -> &'static GraphNode {
    &GRAPH.nodes[at(place)]
}

fn ways() -> Vec<String> {
    let name = |index: usize| match &GRAPH.nodes[index] {
        node if node.kind == NodeKind::Branch => format!("<{}>", node.node),
        node => node.place.to_owned(),
    };
    let arrow = |back: bool| if back { "~>" } else { "->" };
    GRAPH.edges.iter().map(|edge| format!("{} {} {} {}", name(edge.from), edge.label, arrow(edge.back), name(edge.to))).collect()
}

#[test]
fn every_way_is_there_with_its_condition() {
    let expected = [
        "start  -> <page in &pages>",
        "<page in &pages> yes -> fetch",
        "<page in &pages> no -> all",
        "fetch break -> all",
        "fetch  ~> <page in &pages>",
        "all  -> first",
        "<first> Ok(n) if n > 3 -> deadline",
        "<first> Ok(_) -> left_right",
        "<first> Err(error) -> done",
        "first  -> <first>",
        "left_right  -> deadline",
        "deadline check -> done",
        "deadline sleep -> done",
        "left_right/right/fetch  -> left_right/right/again",
    ];
    let (mut ways, mut expected) = (ways(), expected.map(str::to_owned).to_vec());
    ways.sort();
    expected.sort();
    assert_eq!(ways, expected);
}

#[test]
fn every_place_knows_what_it_awaits() {
    assert_eq!((node("fetch").kind, node("fetch").node, node("fetch").doc), (NodeKind::Step, "fetch", "Reads a page."));
    assert_eq!((node("all").kind, node("all").node), (NodeKind::JoinAll, "page in pages.iter()"));
    assert_eq!(node("deadline").kind, NodeKind::Select);
    assert_eq!(node("deadline/sleep").kind, NodeKind::Sleep);
    assert_eq!((node("deadline/check").join, node("deadline/check").arm), (Some(at("deadline")), "check"));
    let nested = node("deadline/check").nested.unwrap();
    assert_eq!((nested.workflow, nested.nodes[2].kind), ("check", NodeKind::Suspend));
    assert!(node("fetch").nested.is_none());
}

#[test]
fn lines_are_those_of_the_source() {
    let line = |place: &str| node(place).line - LINES.0;
    assert_eq!(
        ["start", "fetch", "all", "first", "left_right", "left_right/right/again", "deadline"].map(line),
        [0, 3, 8, 9, 12, 14, 20]
    );
    let branches = GRAPH.nodes.iter().filter(|node| node.kind == NodeKind::Branch);
    assert!(
        branches.clone().all(|node| (LINES.0..LINES.1).contains(&node.line)),
        "{:?}",
        branches.map(|n| n.line).collect::<Vec<_>>()
    );
}

#[test]
fn json_names_a_nested_workflow() {
    let json: serde_json::Value = serde_json::from_str(&GRAPH.to_json()).unwrap();
    assert_eq!(json["nodes"][at("deadline/check")]["nested"], "check");
    assert_eq!(json["nodes"][at("all")]["kind"], "join_all");
}
