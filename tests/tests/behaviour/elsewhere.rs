//! Steps and workflows of other modules and crates: by path, under another name, through a glob, through a re-export.

use flow_runtime::{Definition, StepError, workflow};
use renamed::steps::{Prices, Shop, approval as agreement, price};

mod shelf {
    pub(super) mod deep {
        use flow_runtime::{step, workflow};

        use super::super::StepError;

        #[step]
        pub(crate) async fn shorten(text: &str, to: usize) -> Result<String, StepError> {
            Ok(text.chars().take(to).collect())
        }

        workflow! {
            pub(crate) Short<String -> String>(text) {
                shorten(&text, 4).await
            }
        }
    }

    pub(super) use self::deep::shorten as cut;
    pub(super) use deep::*;
}

mod drawer {
    use super::StepError;

    #[flow_runtime::step]
    pub(super) async fn first(text: &str) -> Result<char, StepError> {
        text.chars().next().ok_or_else(|| StepError::terminal("there is none"))
    }
}

use shelf::*;

workflow! {
    Mixed<String -> String>(order) {
        let price = price(&order).await?;
        let agreed = agreement(price).await?;
        let bought = #[at(bought)] renamed::Purchase(order).await?;
        let short = Short(bought).await?;
        let one = shorten(&short, 3).await?;
        let two = cut(&short, 2).await?;
        let three = drawer::first(&short).await?;
        Ok(format!("{agreed} {short} {one} {two} {three}"))
    }
}

renamed::purchase_twice!(Twice);

fn shop() -> Shop {
    Shop { prices: Prices { cents_per_letter: 100 } }
}

#[tokio::test]
async fn nodes_of_other_crates_and_modules_are_awaited() {
    let mut parked = Mixed::run(&shop(), "tea".to_owned()).await.suspended().unwrap();
    assert_eq!(parked.pending[0].address(), "agreement#0", "a place has the name that is written there");
    parked.answer::<agreement>(true).unwrap();
    let mut parked = Mixed::go_on(&shop(), parked).await.suspended().unwrap();
    assert_eq!(parked.pending[0].path, "mixed/bought#0/approval#0");
    parked.answer::<renamed::steps::approval>(true).unwrap();
    let output = Mixed::go_on(&shop(), parked).await.completed().unwrap();
    assert_eq!(output, "true [tea [te [t [");
}

#[tokio::test]
async fn a_renamed_runtime_is_found() {
    assert_eq!(renamed::Purchase::GRAPH.workflow, "shop_purchase");
    let mut parked = renamed::Purchase::run(&shop(), "tea".to_owned()).await.suspended().unwrap();
    assert!(parked.snapshot.frames.contains_key("shop_purchase"));
    assert_eq!(parked.pending[0].payload, "Shall we pay 300?");
    parked.answer::<agreement>(true).unwrap();
    assert_eq!(renamed::Purchase::go_on(&shop(), parked).await.completed().unwrap(), "[tea] for 300");

    let orders = ["tea", "milk"].map(str::to_owned).to_vec();
    assert_eq!(renamed::Many::run(&shop(), orders).await.completed().unwrap(), "[tea][milk] for 700");

    let error = renamed::Purchase::run(&shop(), String::new()).await.completed().unwrap_err();
    assert_eq!(error.to_string(), "nothing is ordered at shop_purchase/price_wrap#0/price#0");
}

#[tokio::test]
async fn a_macro_of_another_crate_makes_a_workflow() {
    let mut parked = Twice::run(&shop(), "tea".to_owned()).await.suspended().unwrap();
    for _ in 0..2 {
        parked.answer::<agreement>(true).unwrap();
        match Twice::go_on(&shop(), parked).await {
            flow_runtime::Outcome::Suspended(next) => parked = next,
            other => return assert_eq!(other.completed().unwrap(), "[tea] for 300, [tea] for 300"),
        }
    }
    panic!("it should have ended");
}
