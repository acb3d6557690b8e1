//! What a process does that begins on a store with many runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use flow_runtime::store::Store;
use flow_runtime::{Builder, Error, Provide, Runtime, step, suspend, workflow};
use tests::counting::Counting;
use tests::modes;

/// How many steps have begun.
#[derive(Clone, Default)]
struct Begun(Arc<AtomicUsize>);

#[derive(Clone, Default, Provide)]
struct App {
    begun: Begun,
}

#[suspend(resume = bool)]
fn review(text: &str) -> String {
    text.to_owned()
}

/// Never ends.
#[step]
async fn print(text: &str, #[resource] begun: &Begun) -> Result<String, Error> {
    begun.0.fetch_add(1, Ordering::SeqCst);
    std::future::pending::<()>().await;
    Ok(text.to_owned())
}

workflow! { Printed<String -> String>(text) { print(&text).await } }

workflow! {
    Reviewed<String -> bool>(text) {
        let agreed = review(&text).await?;
        Ok(agreed)
    }
}

fn runtime(app: &App, store: &Arc<dyn Store>) -> Builder<App> {
    let builder = Runtime::builder(app.clone()).store(Arc::clone(store));
    builder.linger(Duration::ZERO).register::<Printed>().register::<Reviewed>()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_unfinished_is_read_a_part_at_a_time_and_what_is_parked_is_not_read() {
    const RUNS: usize = 300;
    let counting = Counting::new(modes::store().await);
    let store: Arc<dyn Store> = Arc::new(counting.clone());
    let app = App::default();
    let first = runtime(&app, &store).build().await.unwrap();
    for _ in 0..RUNS {
        first.start::<Printed>("a".to_owned()).await.unwrap();
        let waits = first.start::<Reviewed>("b".to_owned()).await.unwrap();
        waits.outcome().await.unwrap().suspended().unwrap();
    }
    let begun = async |steps| {
        while app.begun.0.load(Ordering::SeqCst) < steps {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), begun(RUNS)).await.expect("all are at work");
    first.shutdown().await.unwrap();

    let (before, _) = counting.reads();
    let _second = runtime(&app, &store).build().await.unwrap();
    tokio::time::timeout(Duration::from_secs(60), begun(2 * RUNS)).await.expect("all are taken up");
    let (after, most) = counting.reads();
    assert_eq!(after - before, RUNS as u64, "one reading a run that is unfinished");
    assert!((2..=64).contains(&most), "{most} were read at once");
}
