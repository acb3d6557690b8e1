//! Arms of joins: several nodes, suspensions, joins inside of joins, workflows inside of arms.

use flow_runtime::local::from_snapshot;
use flow_runtime::{Error, Outcome, Provide, Runtime, StepContext, step, suspend, workflow};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Mutex;

use tests::modes;
use tests::recording::Recording;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Order {
    id: u32,
    lines: Vec<String>,
}

#[derive(Default)]
struct Log(Mutex<Vec<String>>);

impl Log {
    fn note(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }
    fn sorted(&self) -> Vec<String> {
        let mut lines = self.0.lock().unwrap().clone();
        lines.sort();
        lines
    }
}

#[derive(Default, Provide)]
struct Shop {
    log: Log,
}

#[step]
async fn pick(order: &Order, #[resource] log: &Log, #[context] cx: &StepContext) -> Result<u32, Error> {
    log.note(cx.path());
    Ok(order.lines.len() as u32)
}

#[step]
async fn pack(count: u32, note: &str, #[resource] log: &Log, #[context] cx: &StepContext) -> Result<String, Error> {
    log.note(cx.path());
    Ok(format!("{count} {note}"))
}

#[step]
async fn bill(order: &Order, #[resource] log: &Log, #[context] cx: &StepContext) -> Result<u32, std::io::Error> {
    log.note(cx.path());
    if order.id == 13 { Err(std::io::Error::other("no such account")) } else { Ok(order.id * 100) }
}

#[suspend(resume = bool)]
fn approval(what: String) -> String {
    format!("approve {what}?")
}

workflow! {
    /// Packs an order.
    Packing<Order -> String>(order) {
        let count = pick(&order).await?;
        pack(count, "boxes").await
    }
}

workflow! {
    Fulfil<Order -> String>(order) {
        let prefix: String = format!("#{}", order.id);
        let (packed, billed, approved) = try_join!(
            Packing(order.clone()),
            #[at(billing)] async {
                let cents = bill(&order).await?;
                if !approval(format!("{prefix} for {cents}")).await? {
                    return Err(Error::new("refused"));
                }
                let (a, b) = try_join!(pick(&order), pack(cents, &prefix))?;
                Ok(format!("{a}/{b}"))
            },
            #[at(manager)] approval(order.lines.join("+")),
        )?;
        Ok(format!("{packed}|{billed}|{approved}"))
    }
}

workflow! {
    Tolerant<Order -> String>(order) {
        let (billed, packed) = join!(
            bill(&order),
            #[at(packing)] async {
                let count = pick(&order).await?;
                if count == 0 {
                    return Err(Error::new("nothing to pack"));
                }
                let packed = pack(count, "x").await?;
                Ok(packed)
            },
        );
        let billed = match billed {
            Ok(cents) => cents.to_string(),
            Err(error) => error.to_string(),
        };
        Ok(format!("{billed} {}", packed.unwrap_or_else(|error| error.to_string())))
    }
}

workflow! {
    Hiding<Order -> u32>(order) {
        let n: u32 = order.id;
        let (picked, more) = try_join!(
            pick(&order),
            #[at(hidden)] async {
                let n: u32 = u32::max(n, 3);
                let count = pick(&order).await?;
                Ok(n * 10 + count)
            },
        )?;
        let more: u32 = more;
        Ok(n + picked * 1000 + more)
    }
}

#[step]
async fn lines(order: &Order, #[resource] log: &Log) -> Result<Vec<String>, Error> {
    log.note("lines");
    Ok(order.lines.clone())
}

workflow! {
    EachLine<Order -> String>(order) {
        let mut all: String = String::new();
        for line in #[at(each)] lines(&order).await? {
            let packed = pack(1, &line).await?;
            all += &packed;
        }
        Ok(all)
    }
}

fn order(id: u32) -> Order {
    Order { id, lines: vec!["tea".into(), "cup".into()] }
}

#[tokio::test]
async fn arms_suspend_and_are_resumed_one_by_one() {
    for reload in [false, true] {
        let built = modes::runtime(Shop::default()).await.register::<Fulfil>();
        let runtime = built.reload_every_transition(reload).build().await.unwrap();
        let run = runtime.start::<Fulfil>(order(7)).await.unwrap();
        let pending = run.outcome().await.unwrap().suspended().unwrap();
        let addresses: Vec<_> = pending.iter().map(|row| row.path.clone()).collect();
        assert_eq!(addresses.len(), 2, "{addresses:?}");
        assert!(addresses.contains(&"fulfil/packing_billing_manager#0/billing#0/approval#0".to_owned()), "{addresses:?}");
        let inner = pending.at::<approval>("packing_billing_manager#0/billing#0/approval#0").unwrap();
        assert_eq!(inner.payload().unwrap(), "approve #7 for 700?");
        inner.resume(true).await.unwrap();
        let pending = run.outcome().await.unwrap().suspended().unwrap();
        let manager = pending.one::<approval>().unwrap();
        assert_eq!(manager.address(), "packing_billing_manager#0/manager#0");
        manager.resume(false).await.unwrap();
        let done = run.outcome().await.unwrap().completed().unwrap();
        assert_eq!(done, "2 boxes|2/700 #7|false");
        let join = "fulfil/packing_billing_manager#0";
        let expected = [
            format!("{join}/billing#0/bill#0"),
            format!("{join}/billing#0/pick_pack#0/pack#0"),
            format!("{join}/billing#0/pick_pack#0/pick#0"),
            format!("{join}/packing#0/packing#0/pack#0"),
            format!("{join}/packing#0/packing#0/pick#0"),
        ];
        assert_eq!(runtime.app().log.sorted(), expected, "each step once, under a path of its own");
    }
}

/// Goes on from every state a run was in, answering whatever opens, and looks for the same end.
#[tokio::test]
async fn a_run_goes_on_from_each_of_its_states() {
    let store = Recording::over(modes::store().await);
    let runtime =
        modes::driven(Runtime::builder(Shop::default())).store(store.clone()).register::<Fulfil>().build().await.unwrap();
    let run = runtime.start::<Fulfil>(order(7)).await.unwrap();
    for answer in [true, false] {
        let pending = run.outcome().await.unwrap().suspended().unwrap();
        let open = pending.all::<approval>();
        open.iter().find(|open| open.address().contains("billing#0/approval") == answer).unwrap().resume(answer).await.unwrap();
    }
    let expected = run.outcome().await.unwrap().completed().unwrap();
    assert!(store.states().len() >= 9, "{}", store.states().len());
    for state in store.states() {
        let text = serde_json::to_string(&state).unwrap();
        let state = serde_json::from_str(&text).unwrap();
        let app = Shop::default();
        let mut outcome = from_snapshot::<Fulfil, _>(&app, state).await;
        while let Outcome::Suspended(mut parked) = outcome {
            let open: Vec<_> = parked.pending.iter().map(|row| row.address().to_owned()).collect();
            for address in open {
                let billing = address.contains("billing#0/approval");
                parked.answer_at::<approval>(&address, billing).unwrap();
            }
            outcome = Fulfil::go_on(&app, parked).await;
        }
        assert_eq!(outcome.completed().unwrap(), expected, "from {text}");
    }
}

#[tokio::test]
async fn an_arm_that_fails_ends_the_join_and_a_retry_keeps_finished_siblings() {
    let runtime = modes::runtime(Shop::default()).await.register::<Fulfil>().build().await.unwrap();
    let run = runtime.start::<Fulfil>(order(13)).await.unwrap();
    let error = run.outcome().await.unwrap().completed().unwrap_err();
    assert_eq!(error.to_string(), "no such account");
    assert_eq!(error.path(), Some("fulfil/packing_billing_manager#0/billing#0/bill#0"));
}

#[tokio::test]
async fn join_gives_each_arm_its_own_result() {
    for (id, lines, expected) in [(7, 2, "700 2 x"), (13, 2, "no such account 2 x"), (7, 0, "700 nothing to pack")] {
        let runtime =
            modes::runtime(Shop::default()).await.register::<Tolerant>().reload_every_transition(true).build().await.unwrap();
        let order = Order { id, lines: vec!["a".to_owned(); lines] };
        let run = runtime.start::<Tolerant>(order).await.unwrap();
        assert_eq!(run.outcome().await.unwrap().completed().unwrap(), expected);
    }
}

#[tokio::test]
async fn an_arm_hides_a_variable_of_the_workflow() {
    assert_eq!(Hiding::run(&Shop::default(), order(1)).await.completed().unwrap(), 2033);
}

#[tokio::test]
async fn the_head_of_a_for_is_a_place_with_a_label_and_resources() {
    assert_eq!(EachLine::run(&Shop::default(), order(1)).await.completed().unwrap(), "1 tea1 cup");
}

#[tokio::test]
async fn a_workflow_in_a_workflow_runs_without_a_runtime() {
    let app = Shop::default();
    let done = Packing::run(&app, order(1)).await.completed().unwrap();
    assert_eq!(done, "2 boxes");
}

/// A wrong answer is refused before it is written, also for a suspension in a nested arm, and the right one still counts.
#[tokio::test]
async fn a_wrong_payload_changes_nothing() {
    let runtime = modes::runtime(Shop::default()).await.register::<Fulfil>().build().await.unwrap();
    let run = runtime.start::<Fulfil>(order(7)).await.unwrap();
    let open = run.outcome().await.unwrap().suspended().unwrap();
    for row in open.iter() {
        let error = runtime.resume(run.id(), row.address(), "yes".into()).await.unwrap_err();
        assert!(error.is_invalid_payload(), "{error}");
        assert!(error.to_string().contains(row.address()), "{error}");
        runtime.resume(run.id(), row.address(), true.into()).await.unwrap();
    }
    run.outcome().await.unwrap().completed().unwrap();
}

/// A step is an ordinary function, with a context too.
#[tokio::test]
async fn a_step_is_called_in_a_unit_test() {
    let (log, cx) = (Log::default(), StepContext::without_run("fulfil/pick#0"));
    assert_eq!(pick(&order(1), &log, &cx).await.unwrap(), 2);
    assert_eq!(log.sorted(), ["fulfil/pick#0"]);
}

#[tokio::test]
async fn a_wrong_payload_is_told_by_the_path_of_its_field() {
    let accepts = <crate::content::Content as flow_runtime::Node>::accepts;
    let wrong = serde_json::json!({ "approved": "yes", "notes": "" });
    let error = accepts("editor_review", &wrong).unwrap().unwrap_err();
    assert_eq!(error, "approved: invalid type: string \"yes\", expected a boolean");
    assert!(accepts("research", &wrong).is_none());
}

workflow! {
    /// References into what is around an arm, made again in it behind an await.
    Borrowing<Order -> String>(order) {
        let lines = &order.lines;
        let (first, all): (String, String) = try_join!(
            #[at(first)] async {
                let mine = &order.lines;
                let count = pick(&order).await?;
                Ok(format!("{count} {mine:?}"))
            },
            #[at(all)] async {
                let mut all: String = String::new();
                for line in &order.lines {
                    let packed = pack(1, line).await?;
                    all.push_str(&format!("{packed} {line} of {};", lines.len()));
                }
                Ok(all)
            },
        )?;
        let packed = #[at(last)] pack(2, &first).await?;
        Ok(format!("{packed} {all} {}", lines.len()))
    }
}

#[tokio::test]
async fn an_arm_borrows_what_is_around_it() {
    let order = Order { id: 1, lines: vec!["a".into(), "b".into()] };
    let store = Recording::over(modes::store().await);
    let built = modes::driven(Runtime::builder(Shop::default()))
        .store(store.clone())
        .reload_every_transition(true)
        .register::<Borrowing>()
        .build();
    let run = built.await.unwrap().start::<Borrowing>(order).await.unwrap();
    let expected = "2 2 [\"a\", \"b\"] 1 a a of 2;1 b b of 2; 2";
    assert_eq!(run.outcome().await.unwrap().completed().unwrap(), expected);
    for state in store.states() {
        let app = Shop::default();
        assert_eq!(from_snapshot::<Borrowing, _>(&app, state).await.completed().unwrap(), expected);
    }
}
