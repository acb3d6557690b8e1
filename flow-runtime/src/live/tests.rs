//! The poll loop alone, with code that behaves badly.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures::FutureExt;
use futures::future::{join, pending};
use tokio::sync::broadcast;
use tokio::time::sleep;

use super::{Committer, Holding, Live, Own, Rules, Turn, Turns};
use crate::clock;
use crate::context::Host;
use crate::encoded::Encoded;
use crate::error::Error;
use crate::run::{Durability, RunId};
use crate::store::{FrameRow, KeptBack, Memory, NewRun, Opening, Record, Store, Transition};

/// A run with open suspensions, of which some have their answer.
async fn live(open: &[&str], answered: &[&str]) -> (Arc<Live>, Memory) {
    let store = Memory::default();
    let (run, now, worker) = (RunId::new(), clock::now(), uuid::Uuid::nil());
    let frame = FrameRow { path: "wf".into(), place: "all".into(), bytes: vec![], values: vec![], dead: vec![] };
    let input = Encoded::of(&()).unwrap();
    let new = NewRun {
        run,
        workflow: "wf".into(),
        fingerprint: 0,
        key: None,
        input,
        durability: Durability::Transition,
        checkpoints: false,
        forked: None,
        frame,
        worker,
        now,
    };
    let mut records = vec![Record::Start(Box::new(new))];
    for path in open {
        let opens = Some(Opening {
            path: (*path).into(),
            node: "ask".into(),
            payload: 0.into(),
            schema: true.into(),
            waits_for: Default::default(),
        });
        let (frame, left, end, facts) = (None, None, None, vec![]);
        records.push(Record::Transition(Box::new(Transition {
            run,
            epoch: 1,
            frame,
            left,
            opens,
            end,
            facts,
            now,
            again: false,
            kept_back: KeptBack::default(),
        })));
    }
    records.extend(answered.iter().map(|path| Record::Resume {
        run,
        path: (*path).into(),
        payload: (*path).into(),
        request: None,
        now,
    }));
    assert!(store.commit(records).await.iter().all(Result::is_ok));
    let holding = Holding { run, workflow: "wf", epoch: 1, inbox_seq: 0, durability: Durability::Transition };
    let committer = Committer::Own(Own(Arc::new(store.clone())));
    let rules = Rules {
        value_limit: 1000,
        reloads: false,
        shared: Arc::clone(crate::step::Shared::process()),
        clock: clock::Clock::System,
    };
    let live = Live::new(&holding, committer, rules, broadcast::Sender::new(1));
    live.hurry();
    (Arc::new(live), store)
}

async fn run(live: &Arc<Live>, root: impl Future<Output = Result<(), Error>> + Send) -> Turn {
    let mut turns = Turns::new(live, root.boxed(), Duration::ZERO);
    tokio::time::timeout(Duration::from_secs(5), turns.next()).await.expect("it hangs")
}

#[tokio::test]
async fn a_delivered_answer_counts_as_work_until_it_is_taken() {
    let (live, _store) = live(&["wf/a#0", "wf/b#0"], &["wf/a#0"]).await;
    let host = Arc::clone(&live);
    let turn = run(&live, async move {
        // Both wait; the code comes to look for the answer only later.
        let (mut a, _b) = (host.wait("wf/a#0".into()), host.wait("wf/b#0".into()));
        assert!(futures::poll!(&mut a).is_pending());
        sleep(Duration::from_millis(30)).await;
        assert_eq!(a.await.payload, "wf/a#0");
        Ok(())
    });
    assert!(matches!(turn.await, Turn::Ended(Ok(()))));
}

#[tokio::test]
async fn a_wake_that_comes_a_turn_later_is_waited_for() {
    let (live, _store) = live(&["wf/a#0", "wf/b#0"], &["wf/b#0"]).await;
    let host = Arc::clone(&live);
    let turn = run(&live, async move {
        let late = async {
            tokio::task::yield_now().await;
            host.wait("wf/b#0".into()).await
        };
        tokio::select! {
            _ = host.wait("wf/a#0".into()) => unreachable!("it has no answer"),
            answer = late => assert_eq!(answer.payload, "wf/b#0"),
        }
        Ok(())
    });
    assert!(matches!(turn.await, Turn::Ended(Ok(()))));
}

#[tokio::test]
async fn the_oldest_answer_wins_a_race() {
    for (first, second) in [("wf/a#0", "wf/b#0"), ("wf/b#0", "wf/a#0")] {
        for _ in 0..20 {
            let (live, _store) = live(&["wf/a#0", "wf/b#0"], &[first, second]).await;
            let host = Arc::clone(&live);
            let turn = run(&live, async move {
                let won = tokio::select! {
                    answer = host.wait("wf/a#0".into()) => answer,
                    answer = host.wait("wf/b#0".into()) => answer,
                };
                assert_eq!(won.payload, first);
                Ok(())
            });
            assert!(matches!(turn.await, Turn::Ended(Ok(()))));
        }
    }
}

/// However late the code looks: the second answer is not handed out before the first was taken.
#[tokio::test]
async fn the_oldest_answer_wins_a_race_that_is_looked_at_late() {
    let (live, _store) = live(&["wf/a#0", "wf/b#0"], &["wf/b#0", "wf/a#0"]).await;
    let host = Arc::clone(&live);
    let turn = run(&live, async move {
        let (mut a, mut b) = (host.wait("wf/a#0".into()), host.wait("wf/b#0".into()));
        assert!(futures::poll!(&mut a).is_pending() && futures::poll!(&mut b).is_pending());
        sleep(Duration::from_millis(5)).await;
        assert!(futures::poll!(&mut a).is_pending());
        assert_eq!(b.await.payload, "wf/b#0");
        Ok(())
    });
    assert!(matches!(turn.await, Turn::Ended(Ok(()))));
}

#[tokio::test]
async fn a_token_keeps_the_run_from_resting() {
    let (live, _store) = live(&["wf/a#0"], &[]).await;
    let host = Arc::clone(&live);
    let work = Arc::clone(&live);
    let turn = run(&live, async move {
        let step = async {
            let _busy = work.busy();
            sleep(Duration::from_millis(30)).await;
            Err::<(), _>(Error::new("worked"))
        };
        let waits = host.wait("wf/a#0".into()).map(|_| Ok(()));
        futures::try_join!(step, waits).map(drop)
    });
    assert!(matches!(turn.await, Turn::Ended(Err(error)) if error.to_string() == "worked"));
}

#[tokio::test]
async fn an_answer_that_no_waiter_took_is_delivered_again() {
    let (live, _store) = live(&["wf/a#0"], &["wf/a#0"]).await;
    let host = Arc::clone(&live);
    let turn = run(&live, async move {
        {
            let mut dropped = host.wait("wf/a#0".into());
            assert!(futures::poll!(&mut dropped).is_pending());
            sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(host.wait("wf/a#0".into()).await.payload, "wf/a#0");
        Ok(())
    });
    assert!(matches!(turn.await, Turn::Ended(Ok(()))));
}

#[tokio::test]
async fn a_lost_run_never_tells_its_code() {
    let (live, store) = live(&["wf/a#0"], &[]).await;
    assert!(store.commit(vec![Record::Cancel { run: live.run, now: clock::now() }]).await[0].is_ok());
    let host = Arc::clone(&live);
    let turn = run(&live, async move {
        let frame = crate::snapshot::StoredFrame { place: "x".into(), visits: Default::default(), waits: None, vars: vec![] };
        let frame = crate::store::FrameWrite { frame, values: vec![], dead: vec![] };
        let change = crate::context::Change { path: "wf".into(), frame, left: None, opens: None, facts: vec![] };
        host.commit(change).await.expect("not even an error");
        unreachable!("the commit never resolves")
    });
    assert!(matches!(turn.await, Turn::Lost(super::Lost::Fenced)));
}

#[tokio::test]
async fn a_panic_is_an_error_of_the_run() {
    let (live, _store) = live(&[], &[]).await;
    let turn = run(&live, async { panic!("in plain code") }).await;
    assert!(matches!(turn, Turn::Ended(Err(error)) if error.is_panic()));
}

#[tokio::test]
async fn a_run_that_waits_comes_to_rest() {
    let (live, _store) = live(&["wf/a#0"], &[]).await;
    let host = Arc::clone(&live);
    let turn = run(&live, async move {
        let spurious = poll_fn(|cx| {
            cx.waker().wake_by_ref();
            Poll::Ready(())
        });
        spurious.await;
        let (_, ()) = join(host.wait("wf/a#0".into()), pending()).await;
        Ok(())
    });
    assert!(matches!(turn.await, Turn::Quiet(0)));
}
