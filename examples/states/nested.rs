//! Every state of the example is data that a run goes on from. The van is lent to each anew, so that it counts alike.

use super::{Depot, Parcel, Round, Shipping};

fn parcel(street: &str) -> Parcel {
    Parcel { street: street.into() }
}

#[tokio::test]
async fn the_outer_workflow_goes_on_from_every_state() {
    let none = |_: &str| panic!("nothing suspends");
    let places =
        tests::recording::goes_on_from_every_state::<Round, Depot>(Depot::default, vec![parcel("Birch Road")], none).await;
    assert_eq!(places.into_iter().collect::<Vec<_>>(), ["shipping", "start"]);
}

#[tokio::test]
async fn the_inner_workflow_goes_on_from_every_state() {
    let none = |_: &str| panic!("nothing suspends");
    let places = tests::recording::goes_on_from_every_state::<Shipping, Depot>(Depot::default, parcel("Ash Lane"), none).await;
    assert_eq!(places.into_iter().collect::<Vec<_>>(), ["load", "start", "weigh"]);
}

#[test]
fn runs_of_round_in_flight_can_go_on() {
    flow_runtime::testing::assert_resumable::<Round>("states/nested_round.lock");
}

#[test]
fn runs_of_shipping_in_flight_can_go_on() {
    flow_runtime::testing::assert_resumable::<Shipping>("states/nested_shipping.lock");
}
