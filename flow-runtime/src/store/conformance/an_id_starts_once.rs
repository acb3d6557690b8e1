use super::given::*;

/// An id that exists is not started again.
pub async fn an_id_starts_once(store: &dyn Store) {
    let new = new_run(worker());
    all(store, vec![Record::Start(new.clone().into())]).await;
    let answer = one(store, Record::Start(new.into())).await;
    assert!(matches!(&answer, Err(Refused::Store(error)) if error.is_store() && error.to_string().contains("exists already")));
}
