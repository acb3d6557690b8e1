use futures::future::join;

use super::given::*;

const REVIEW: &str = "content/review#0";

/// A park and an answer at the same moment never leave a run parked with an answer that nobody looks at.
pub async fn park_and_resume_have_no_write_skew(store: &dyn Store) {
    for round in 0..40 {
        let run = start(store, worker()).await;
        all(store, vec![opens(run, 1, REVIEW)]).await;
        let (parks, answers) = (store.commit(vec![park(run, 1, 0)]), store.commit(vec![resume(run, REVIEW)]));
        // Whichever is asked first, the other may overtake it.
        let (parked, answered) = if round % 2 == 0 {
            join(parks, answers).await
        } else {
            let (answered, parked) = join(answers, parks).await;
            (parked, answered)
        };
        assert!(matches!(answered[..], [Ok(Committed::Done)]), "{answered:?}");
        assert!(matches!(parked[..], [Ok(Committed::Done | Committed::Moved { inbox_seq: 1 })]), "{parked:?}");
        let row = run_row(store, run).await;
        assert_eq!((row.status, row.inbox_seq), (RunStatus::Running, 1), "parked with an unread answer, after {parked:?}");
        assert_eq!(answered_paths(store, run).await, [REVIEW]);
    }
}
