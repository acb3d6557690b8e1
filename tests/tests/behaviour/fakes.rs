//! Closures in the place of steps.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use flow_runtime::testing::{self, Fake};
use flow_runtime::{Error, Outcome, Provide, Runtime, StepContext, StepError, step, workflow};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tests::modes;

#[derive(Provide)]
struct App {
    bank: Bank,
}

struct Bank;

#[derive(Debug, thiserror::Error)]
enum BankError {
    #[error("the line is busy")]
    Busy,
    #[error("the card was refused")]
    Refused,
}

#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize, Deserialize)]
struct Card(u32);

#[step]
async fn card() -> Result<u32, BankError> {
    panic!("the real step ran")
}

#[step(retries = 2, backoff = "1ms", retry_if = |error| matches!(error, BankError::Busy), timeout = "100ms")]
async fn charge(
    card: &Card,
    purpose: &str,
    parts: &[u32],
    cents: u32,
    #[resource] _bank: &Bank,
    #[context] context: &StepContext,
) -> Result<String, BankError> {
    panic!("the real step ran: {card:?} {purpose} {parts:?} {cents} {context:?}")
}

#[step(blocking)]
fn file(receipt: &str) -> Result<u64, StepError> {
    panic!("the real step ran: {receipt}")
}

#[step(cache = "1h")]
async fn weigh(receipt: String) -> Result<u32, StepError> {
    panic!("the real step ran: {receipt}")
}

workflow! {
    Pay<u32 -> String>(cents) {
        let number = card().await?;
        let card: Card = Card(number);
        let receipt = charge(&card, "tea", &[1, 2], cents).await?;
        Ok(receipt)
    }
}

workflow! {
    File<String -> u64>(receipt) {
        let shelf = file(&receipt).await?;
        let weight = weigh(receipt).await?;
        let again = #[at(again)] weigh("ab".to_owned()).await?;
        Ok(shelf + u64::from(weight) + u64::from(again))
    }
}

async fn pays(card: &Fake<card>, charge: &Fake<charge>) -> Result<String, Error> {
    let builder = modes::runtime(App { bank: Bank }).await.register::<Pay>();
    let runtime = builder.fake(card).fake(charge).build().await?;
    runtime.start::<Pay>(100).await?.outcome().await?.completed()
}

fn seventeen() -> Fake<card> {
    testing::fake(|()| async { Ok(17) })
}

#[tokio::test]
async fn a_fake_gets_the_arguments_and_its_result_is_the_steps() {
    let card = seventeen();
    let charge = testing::fake::<charge>(|(card, purpose, parts, cents)| async move {
        Ok(format!("{} paid {cents} for {purpose} in {} parts", card.0, parts.len()))
    });
    assert_eq!(pays(&card, &charge).await.unwrap(), "17 paid 100 for tea in 2 parts");
    assert_eq!(card.calls(), [()]);
    assert_eq!(charge.calls(), [(Card(17), "tea".to_owned(), vec![1, 2], 100)]);
}

#[tokio::test]
async fn the_attempts_of_a_step_are_those_of_its_fake() {
    let busy = testing::fake::<charge>(|_| async { Err(BankError::Busy) });
    let error = pays(&seventeen(), &busy).await.unwrap_err();
    assert_eq!((error.to_string().as_str(), busy.calls().len()), ("the line is busy", 3));

    let refused = testing::fake::<charge>(|_| async { Err(BankError::Refused) });
    let error = pays(&seventeen(), &refused).await.unwrap_err();
    assert_eq!((error.to_string().as_str(), refused.calls().len()), ("the card was refused", 1), "`retry_if` says no");
}

#[tokio::test]
async fn a_fake_has_the_time_that_the_step_has() {
    let tried = AtomicUsize::new(0);
    let slow = testing::fake::<charge>(move |_| {
        let first = tried.fetch_add(1, Ordering::SeqCst) == 0;
        async move {
            if first {
                std::future::pending::<()>().await;
            }
            Ok("at last".to_owned())
        }
    });
    assert_eq!(pays(&seventeen(), &slow).await.unwrap(), "at last");
    assert_eq!(slow.calls().len(), 2);
}

#[tokio::test]
async fn a_fake_that_panics_fails_as_the_step_would() {
    let error = pays(&testing::fake(|()| async { panic!("no card") }), &testing::fake(|_| async { Ok(String::new()) }))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("no card"), "{error}");
}

#[tokio::test]
async fn a_fake_is_one_of_one_runtime() {
    let faked = modes::runtime(()).await.register::<File>().build().await.unwrap();
    let real = Runtime::builder(()).register::<File>().build().await.unwrap();
    let shelf = faked.fake::<file>(|receipt| async move { Ok(receipt.len() as u64) });
    let weight = faked.fake::<weigh>(|receipt| async move { Ok(u32::try_from(receipt.len()).unwrap()) });

    let run = faked.start::<File>("ab".to_owned()).await.unwrap();
    assert_eq!(run.outcome().await.unwrap().completed().unwrap(), 6);
    assert_eq!(shelf.calls(), ["ab"]);
    assert_eq!(weight.calls(), ["ab"], "the second call is in the cache");

    let run = real.start::<File>("ab".to_owned()).await.unwrap();
    let Outcome::Failed(error) = run.outcome().await.unwrap() else { panic!("the real step ran and panicked") };
    assert!(error.to_string().contains("the real step ran"), "{error}");
    assert_eq!(shelf.calls(), ["ab"]);
}

#[tokio::test]
async fn a_later_fake_takes_the_place_of_an_earlier_one() {
    let runtime = modes::runtime(()).await.register::<File>().build().await.unwrap();
    runtime.fake::<weigh>(|_| async { Ok(0) });
    let one = runtime.fake::<file>(|_| async { Ok(1) });
    let two = runtime.fake::<file>(|_| async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        Ok(2)
    });
    let run = runtime.start::<File>("ab".to_owned()).await.unwrap();
    assert_eq!(run.outcome().await.unwrap().completed().unwrap(), 2);
    assert_eq!((one.calls().len(), two.calls().len()), (0, 1));
}
