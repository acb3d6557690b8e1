use super::given::*;

/// Leaving a place ends what is at it and below it, and nothing beside it.
pub async fn leaving_a_place_withdraws_and_deletes(store: &dyn Store) {
    let (run, other) = (start(store, worker()).await, start(store, worker()).await);
    let gone = ["content/a#1", "content/a#1/x#0", "content/a#1/x#0/y#0", "content/a#1[0]", "content/a#1[20]/x#0"];
    let kept = ["content/a#10", "content/a#10/x#0", "content/a#10[1]/x#0", "content/a#1-b/x#0", "content/b#0"];
    for path in gone.into_iter().chain(kept) {
        let answered = format!("{path}/answered#0");
        all(store, vec![opens(run, 1, path), opens(run, 1, &answered), opens(other, 1, path), resume(run, &answered)]).await;
    }
    let twice = |paths: &[&str]| {
        let mut all: Vec<_> = paths.iter().flat_map(|path| [(*path).to_owned(), format!("{path}/answered#0")]).collect();
        all.sort_unstable();
        all
    };
    all(store, vec![leaves(run, 1, "content/a#1")]).await;
    assert_eq!(paths(store, run).await[1..], twice(&kept));
    assert_eq!(open_paths(store, run).await, kept);
    assert_eq!(answered_paths(store, run).await, kept.map(|path| format!("{path}/answered#0")));
    for path in gone {
        assert_refused!(one(store, resume(run, path)).await, Refused::Withdrawn);
        assert_refused!(one(store, resume(run, &format!("{path}/answered#0"))).await, Refused::AlreadyResumed);
    }
    assert_eq!(open_paths(store, other).await.len(), gone.len() + kept.len(), "another run is left alone");
}
