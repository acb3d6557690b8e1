use super::given::*;
use crate::store::TimerRow;

/// Timers are listed by their time, fire once, and are gone with their place or their run.
pub async fn timers_are_listed_by_their_time_and_fire_once(store: &dyn Store) {
    let (first, second) = (start(store, worker()).await, start(store, worker()).await);
    all(store, vec![waits(first, "w/a#0", until(900)), waits(second, "w/a#0", until(300)), waits(first, "w/b#0", until(600))])
        .await;
    let row = |run, path: &str, millis| TimerRow { due: at(millis), run, path: path.to_owned() };
    let expected = [row(second, "w/a#0", 300), row(first, "w/b#0", 600), row(first, "w/a#0", 900)];
    assert_eq!(store.timers(10).await.unwrap(), expected);
    assert_eq!(store.timers(1).await.unwrap(), expected[..1]);
    all(store, vec![fire(second, "w/a#0")]).await;
    assert!(matches!(one(store, fire(second, "w/a#0")).await, Err(Refused::AlreadyResumed)));
    assert_eq!(answers(store, second).await, [("w/a#0".to_owned(), WaitsFor::fired())]);
    all(store, vec![leaves(first, 1, "w/b#0"), Record::Cancel { run: first, now: at(5) }]).await;
    assert!(store.timers(10).await.unwrap().is_empty());
    assert!(facts(store, second).await.contains(&"timer.fired"));
}
