//! Every state of the workflow is data that a run goes on from, on both arms of its branch.

use crate::model::Model;
use crate::types::{Brief, Complexity, Length, Source};
use crate::workflow::{Content, Desk};

fn brief(name: &str, text: &str) -> Brief {
    let source = Source { name: name.to_owned(), text: text.to_owned() };
    Brief { topic: "tides".to_owned(), audience: "beginners".to_owned(), length: Length::Short, sources: vec![source] }
}

async fn places(brief: Brief) -> Vec<String> {
    let offline = || Desk { model: Model::from_vars(|_| None).expect("the offline model needs nothing") };
    let answer = |address: &str| {
        let approved = address == "second_look#0";
        serde_json::json!({ "approved": approved, "notes": if approved { "" } else { "shorter" } })
    };
    tests::recording::goes_on_from_every_state::<Content, Desk>(offline, brief, answer).await.into_iter().collect()
}

#[tokio::test]
async fn goes_on_from_every_state_of_a_deep_article() {
    let seen = places(brief("source.md", include_str!("source.md"))).await;
    let expected = ["draft_deep", "editor_review", "outline_seo", "research", "revise", "second_look", "start", "summarise"];
    assert_eq!(seen, expected, "{:?}", Complexity::High);
}

#[tokio::test]
async fn goes_on_from_every_state_of_a_simple_article() {
    let seen = places(brief("simple.md", include_str!("simple.md"))).await;
    let expected = ["draft_simple", "editor_review", "outline_seo", "research", "revise", "second_look", "start", "summarise"];
    assert_eq!(seen, expected, "{:?}", Complexity::Low);
}

#[test]
fn runs_in_flight_can_go_on() {
    flow_runtime::testing::assert_resumable::<Content>("content/content.lock");
}
