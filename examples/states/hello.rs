//! Every state of the example is data that a run goes on from.

use super::Hello;

#[tokio::test]
async fn goes_on_from_every_state() {
    let places =
        tests::recording::goes_on_from_every_state::<Hello, ()>(|| (), "you".into(), |_| panic!("nothing suspends")).await;
    assert_eq!(places.into_iter().collect::<Vec<_>>(), ["greet", "shout", "start"]);
}

#[test]
fn runs_in_flight_can_go_on() {
    flow_runtime::testing::assert_resumable::<Hello>("states/hello.lock");
}
