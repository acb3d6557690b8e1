//! Which stored runs a program could not go on with, said without touching any.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use flow_runtime::migrate::StoredState;
use flow_runtime::store::{RunFilter, RunRow, Store};
use flow_runtime::{Builder, Error, Outcome, Provide, Run, RunStatus, Runtime, Unresumable, Workflow, step, suspend, workflow};
use tests::modes;

/// How many attempts began.
#[derive(Clone, Default)]
struct Begun(Arc<AtomicUsize>);

#[derive(Clone, Default, Provide)]
struct App {
    begun: Begun,
}

impl App {
    fn begun(&self) -> usize {
        self.begun.0.load(Ordering::SeqCst)
    }
}

#[suspend(resume = bool)]
fn review(text: &str) -> String {
    text.to_owned()
}

/// Never ends, as a slow step looks to whoever deploys meanwhile; fails for `fail`.
#[step]
async fn print(text: &str, #[resource] begun: &Begun) -> Result<String, Error> {
    begun.0.fetch_add(1, Ordering::SeqCst);
    if text == "fail" {
        return Err(Error::new("no paper"));
    }
    std::future::pending().await
}

macro_rules! program {
    ($module:ident, $size:ty, $zero:expr, $($migrate:tt)*) => {
        mod $module {
            use super::*;

            workflow! {
                #[workflow(id = "letter", $($migrate)*)]
                pub(super) Letter<String -> String>(text) {
                    let size: $size = $zero;
                    let printed = print(&text).await?;
                    Ok(format!("{size} {printed}"))
                }
            }

            workflow! {
                #[workflow(id = "side", $($migrate)*)]
                pub(super) Side<String -> String>(text) {
                    let size: $size = $zero;
                    let agreed = review(&text).await?;
                    Ok(format!("{size} {agreed}"))
                }
            }

            workflow! {
                #[workflow(id = "both")]
                pub(super) Both<String -> String>(text) {
                    let (side, agreed) = #[at(sides)] try_join!(#[at(left)] Side(text.clone()), #[at(right)] review(&text))?;
                    Ok(format!("{side} {agreed}"))
                }
            }

            workflow! {
                #[workflow(id = "pages", $($migrate)*)]
                pub(super) Pages<String -> Vec<String>>(text) {
                    let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
                    #[at(each)] try_join_all!(&words, |word| async {
                        let size: $size = $zero;
                        let agreed = review(word).await?;
                        Ok(format!("{size} {agreed}"))
                    }, limit = 1)
                }
            }
        }
    };
}

program! { old, u32, 7, }
program! { new, String, String::new(), }
program! { converting, String, String::new(), migrate = super::convert }
program! { panicking, String, String::new(), migrate = super::panic }

fn convert(state: &mut StoredState) -> Result<(), Error> {
    state.set("size", &state.get::<u32>("size")?.to_string())
}

fn panic(_: &mut StoredState) -> Result<(), Error> {
    panic!("a conversion with a fault")
}

/// A runtime of the old program, and a builder of another one, on one store.
struct Shop {
    app: App,
    store: Arc<dyn Store>,
    old: Runtime<App>,
}

impl Shop {
    async fn open() -> Self {
        let (app, store) = (App::default(), modes::store().await);
        let builder = Runtime::builder(app.clone()).store(Arc::clone(&store)).register::<old::Letter>();
        let old = builder.register::<old::Both>().register::<old::Pages>().build().await.unwrap();
        Self { app, store, old }
    }

    async fn suspended<W: Workflow<App, Input = String>>(&self) -> Run<W> {
        let run = self.old.start::<W>("a b c".to_owned()).await.unwrap();
        run.outcome().await.unwrap().suspended().unwrap();
        run
    }

    /// Until so many steps have begun.
    async fn until_begun(&self, steps: usize) {
        while self.app.begun() < steps {
            tokio::task::yield_now().await;
        }
    }

    fn program(&self) -> Builder<App> {
        Runtime::builder(self.app.clone()).store(Arc::clone(&self.store))
    }

    /// Every run, as it stands.
    async fn rows(&self) -> Vec<RunRow> {
        self.store.runs(RunFilter::default()).await.unwrap()
    }
}

fn told(found: &[Unresumable]) -> Vec<(&str, &str, String)> {
    let mut told: Vec<_> = found.iter().map(|run| (&*run.workflow, &*run.place, run.reason.to_string())).collect();
    told.sort();
    told
}

const SIZE: &str = "has another type now";

#[tokio::test]
async fn each_unfinished_run_that_does_not_fit_is_told() {
    let shop = Shop::open().await;
    let failed = shop.old.start::<old::Letter>("fail".to_owned()).await.unwrap();
    assert!(matches!(failed.outcome().await.unwrap(), Outcome::Failed(_)));
    let cancelled = shop.suspended::<old::Both>().await;
    shop.old.cancel(cancelled.id()).await.unwrap();
    shop.suspended::<old::Both>().await;
    shop.suspended::<old::Pages>().await;
    let running = shop.old.start::<old::Letter>("slow".to_owned()).await.unwrap();
    shop.until_begun(2).await;
    let before = shop.rows().await;

    let program = shop.program().register::<new::Letter>().register::<new::Both>();
    let found = program.check().await.unwrap();
    let told = told(&found);
    let places: Vec<_> = told.iter().map(|(workflow, place, _)| (*workflow, *place)).collect();
    let expected = [("both", "sides/left/side/review"), ("letter", "print"), ("letter", "print"), ("pages", "each")];
    assert_eq!(places, expected, "{told:?}");
    assert!(told[..3].iter().all(|(_, _, why)| why.contains("the variable `size` at") && why.contains(SIZE)), "{told:?}");
    assert!(told[3].2.contains("the workflow `pages` is not registered here"), "{told:?}");
    let of = |id| found.iter().filter(|run| run.run == id).count();
    assert_eq!((of(failed.id()), of(running.id()), of(cancelled.id())), (1, 1, 0));

    let converting =
        shop.program().register::<converting::Letter>().register::<converting::Both>().register::<converting::Pages>();
    assert_eq!(self::told(&converting.check().await.unwrap()), []);
    let own = shop.old.check().await.unwrap();
    assert_eq!(self::told(&own), [], "the program that drives them");

    assert_eq!(shop.app.begun(), 2, "no step began");
    assert_eq!(format!("{:?}", shop.rows().await), format!("{before:?}"), "nothing changed");
    assert_eq!(running.status().await.unwrap(), RunStatus::Running);
}

#[tokio::test]
async fn each_item_is_looked_at_whatever_the_limit() {
    let shop = Shop::open().await;
    shop.suspended::<old::Pages>().await;
    let found = shop.program().register::<new::Pages>().check().await.unwrap();
    assert_eq!(found.iter().map(|run| &*run.place).collect::<Vec<_>>(), ["each/review"], "{found:?}");
}

#[tokio::test]
async fn a_migrate_that_panics_is_told_and_not_passed_on() {
    let shop = Shop::open().await;
    shop.old.start::<old::Letter>("slow".to_owned()).await.unwrap();
    shop.suspended::<old::Both>().await;
    shop.until_begun(1).await;
    let program = shop.program().register::<panicking::Letter>().register::<panicking::Both>();
    let told = program.check().await.unwrap();
    let told: Vec<_> = told.iter().map(|run| (&*run.place, run.reason.to_string())).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().all(|(_, why)| why.contains("a conversion with a fault")), "{told:?}");
}

#[tokio::test]
async fn more_runs_than_a_page_are_told_once_each() {
    let shop = Shop::open().await;
    let mut begun = Vec::new();
    for _ in 0..130 {
        begun.push(shop.old.start::<old::Letter>("slow".to_owned()).await.unwrap().id());
    }
    shop.until_begun(130).await;
    let found = shop.program().register::<new::Letter>().check().await.unwrap();
    begun.sort_unstable();
    assert_eq!(found.iter().map(|run| run.run).collect::<Vec<_>>(), begun);
}
