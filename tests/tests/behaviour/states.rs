//! The generated enum holds exactly what is alive, and nothing else.

use flow_runtime::workflow::State;
use flow_runtime::{Definition, Node};

use crate::content::{Brief, Complexity, Content, ContentState, Draft, Outline, Research, ReviewRequest, Seo};

/// The variables of a state, by name; a place that waits has `waits` too.
fn fields(state: &ContentState) -> Vec<String> {
    let json = serde_json::to_value(state).unwrap();
    let (_, body) = json.as_object().unwrap().iter().next().unwrap();
    body.as_object().unwrap().keys().cloned().collect()
}

fn draft() -> Draft {
    Draft { text: "d".into() }
}

fn states() -> Vec<(ContentState, &'static [&'static str])> {
    let research = || Research { complexity: Complexity::Low, notes: "n".into() };
    let (outline, seo) = (|| Outline { title: "o".into() }, || Seo { words: vec![] });
    let decision = || crate::content::Decision { approved: false, notes: "x".into() };
    vec![
        (ContentState::Start { brief: Brief { topic: "t".into() } }, &["brief"]),
        (ContentState::Research { brief: Brief { topic: "t".into() }, waits: () }, &["brief"]),
        (ContentState::OutlineSeo { research: research() }, &["research"]),
        (ContentState::DraftSimple { outline: outline(), seo: seo(), waits: () }, &["outline", "seo"]),
        (
            ContentState::DraftDeep { research: research(), outline: outline(), seo: seo(), waits: () },
            &["outline", "research", "seo"],
        ),
        (ContentState::EditorReview { draft: draft(), waits: ReviewRequest { draft: draft() } }, &["draft", "waits"]),
        (ContentState::Revise { draft: draft(), decision: decision(), waits: () }, &["decision", "draft"]),
        (ContentState::SecondLook { draft: draft(), waits: ReviewRequest { draft: draft() } }, &["draft", "waits"]),
        (ContentState::Summarise { draft: draft(), waits: () }, &["draft"]),
    ]
}

#[test]
fn each_state_holds_exactly_what_is_alive() {
    for (state, expected) in states() {
        assert_eq!(fields(&state), expected, "{}", serde_json::to_string(&state).unwrap());
    }
}

#[test]
fn states_round_trip_through_serde() {
    for (state, _) in states() {
        let json = serde_json::to_string(&state).unwrap();
        let back: ContentState = serde_json::from_str(&json).unwrap();
        assert_eq!(serde_json::to_string(&back).unwrap(), json);
        let frame = state.to_frame().unwrap();
        assert_eq!(ContentState::from_frame(&frame).unwrap().to_frame().unwrap(), frame);
    }
}

#[test]
fn a_place_that_is_gone_is_named() {
    let error = serde_json::from_str::<ContentState>(r#"{"translate":{"brief":{"topic":"t"}}}"#).unwrap_err();
    assert!(error.to_string().starts_with("the place `translate` is gone; there are `start`, `research`, "), "{error}");
    let error = serde_json::from_str::<ContentState>(r#"{"revise":{"draft":{"text":"t"}}}"#).unwrap_err();
    assert_eq!(error.to_string(), "the stored place `revise` has no variable `decision`");
    let error = serde_json::from_str::<ContentState>(r#"{"summarise":{"draft":{"words":1}}}"#).unwrap_err();
    assert!(error.to_string().starts_with("the variable `draft` at `summarise` has another type now"), "{error}");
}

#[test]
fn the_graph_is_drawn() {
    insta::assert_snapshot!(Content::GRAPH.to_mermaid(), @r#"
    flowchart TD
        n0(["start"])
        n1(["done"])
        n2["research"]
        subgraph n3["outline_seo"]
            n12["outline"]
            n13["seo"]
        end
        n4["draft_simple"]
        n5["draft_deep"]
        n6[/"editor_review"/]
        n7["revise"]
        n8[/"second_look"/]
        n9["summarise"]
        n10{"research.complexity"}
        n11{"!decision.approved"}
        n0 --> n2
        n2 --> n3
        n3 --> n10
        n10 -->|"Complexity::Low"| n4
        n10 -->|"Complexity::High"| n5
        n4 --> n6
        n5 --> n6
        n6 --> n11
        n11 -->|"yes"| n7
        n11 -->|"no"| n9
        n7 --> n8
        n8 --> n11
        n9 --> n1
    "#);
    assert_eq!(Content::INFO.name, "content");
    const { assert!(Content::INFO.suspends) };
}
