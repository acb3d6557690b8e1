//! Every state of the example is data that a run goes on from.

use super::Purchase;

#[tokio::test]
async fn goes_on_from_every_state() {
    let yes = |_: &str| true.into();
    let places = tests::recording::goes_on_from_every_state::<Purchase, ()>(|| (), "a plant".into(), yes).await;
    assert_eq!(places.into_iter().collect::<Vec<_>>(), ["manager_finance", "order", "start"]);
}

#[test]
fn runs_in_flight_can_go_on() {
    flow_runtime::testing::assert_resumable::<Purchase>("states/approvals.lock");
}
