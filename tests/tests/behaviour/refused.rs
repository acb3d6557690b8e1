//! A snapshot that does not fit is refused by name, and nothing of it runs.

use flow_runtime::local::from_snapshot;
use flow_runtime::snapshot::{Snapshot, StoredFrame};
use flow_runtime::{Definition, Error, workflow};

use crate::content::{App, Brief, Content};

workflow! {
    Other<u32 -> u32>(n) { Ok(n) }
}

async fn parked() -> Snapshot {
    Content::run(&App::default(), Brief { topic: "tides".into() }).await.suspended().unwrap().snapshot
}

async fn refused(snapshot: Snapshot) -> Error {
    let app = App::default();
    let error = from_snapshot::<Content, _>(&app, snapshot).await.completed().unwrap_err();
    assert!(error.is_incompatible(), "{error}");
    assert!(app.log().is_empty(), "nothing ran");
    error
}

#[tokio::test]
async fn a_snapshot_of_another_workflow() {
    let error = from_snapshot::<Other, _>(&(), parked().await).await.completed().unwrap_err();
    assert!(error.is_incompatible());
    assert_eq!(error.to_string(), "the snapshot is of the workflow `content`, not of `other`");
}

#[tokio::test]
async fn a_place_that_is_gone() {
    let mut snapshot = parked().await;
    snapshot.frames.get_mut("content").unwrap().place = "translate".into();
    let error = refused(snapshot).await;
    assert!(error.to_string().starts_with("the place `translate` is gone; there are `start`, `research`"), "{error}");
}

#[tokio::test]
async fn a_variable_that_is_gone_or_changed() {
    let mut snapshot = parked().await;
    let draft = snapshot.frames.get_mut("content").unwrap().vars.remove("draft").unwrap();
    let error = refused(snapshot.clone()).await;
    assert_eq!(error.to_string(), "the stored place `editor_review` has no variable `draft`");
    let text = serde_json::to_string(&snapshot).unwrap().replace("\"vars\":{}", "\"vars\":{\"draft\":7}");
    let error = refused(serde_json::from_str(&text).unwrap()).await;
    assert!(error.to_string().starts_with("the variable `draft` at `editor_review` has another type now"), "{error}");
    drop(draft);
}

#[tokio::test]
async fn a_frame_with_any_byte_flipped_or_cut_off() {
    let frame = StoredFrame { place: "research".into(), visits: Default::default(), waits: None, vars: Vec::new() };
    let bytes = frame.to_bytes().unwrap();
    assert_eq!(StoredFrame::from_bytes(&bytes).unwrap(), frame);
    for at in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x40;
        for damaged in [&flipped[..], &bytes[..at]] {
            let error = StoredFrame::from_bytes(damaged).unwrap_err();
            assert!(error.is_incompatible() && error.to_string().starts_with("the stored frame is damaged: "), "{error}");
        }
    }
    assert_eq!(Content::GRAPH.workflow, "content");
}
