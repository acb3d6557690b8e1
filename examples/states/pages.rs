//! Every state of the example is data that a run goes on from.

use super::Pages;

#[tokio::test]
async fn goes_on_from_every_state() {
    let yes = |_: &str| true.into();
    let places = tests::recording::goes_on_from_every_state::<Pages, ()>(|| (), vec![1, 2], yes).await;
    assert_eq!(places.into_iter().collect::<Vec<_>>(), ["approval_deadline", "fetch", "shorten", "start"]);
}
