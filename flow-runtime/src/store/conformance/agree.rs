//! The stores, told the same random story, must say the same and hold the same.

use super::given::*;
use crate::store::{Memory, RunFilter};

/// As many random numbers as a story needs, the same in every run of the test (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    fn one_of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize].clone()
    }
}

const PATHS: [&str; 6] = ["w", "w/a#1", "w/a#1/x#0", "w/a#10", "w/a#10/x#0", "w/b#0"];

struct Story {
    dice: Dice,
    runs: Vec<RunId>,
    workers: [WorkerId; 3],
    now: u64,
    /// How many large values there were: their ids are unique.
    values: u64,
}

impl Story {
    fn record(&mut self) -> Record {
        self.now += self.dice.below(5);
        let (now, run) = (at(self.now), self.dice.one_of(&self.runs));
        let (epoch, worker) = (1 + self.dice.below(3), self.dice.one_of(&self.workers));
        let path = self.dice.one_of(&PATHS).to_owned();
        match self.dice.below(28) {
            0 => Record::Lease { worker, until: at(self.now + self.dice.below(40)) },
            1 => Record::Release { worker },
            2..5 => Record::Start(self.new_run(run, worker).into()),
            5 => Record::Claim { run, worker, now },
            6 => {
                let (workflows, recoveries) =
                    (self.dice.one_of(&[vec![], vec!["w".to_owned()]]), self.dice.one_of(&[0..1, 0..9, 1..9]));
                Record::ClaimAny { worker, workflows, recoveries, now, limit: 2 }
            }
            7..14 => Record::Transition(self.transition(run, epoch).into()),
            14 | 15 => Record::Note { run, epoch, facts: vec![Fact::RunRecovered; self.dice.below(3) as usize], now },
            16 | 17 => Record::Park { run, epoch, inbox_seq: self.dice.below(3), now },
            18..22 => Record::Resume { run, path, payload: json!(self.now), request: self.request(), now },
            22 | 23 => Record::Fire { run, path, now },
            24..27 => Record::Signal {
                run,
                name: self.dice.one_of(&["m", "n"]).to_owned(),
                payload: json!(self.now),
                request: self.request(),
                now,
            },
            27 if self.dice.below(4) == 0 => Record::Prune {
                before: at(self.now - self.dice.below(40).min(self.now)),
                failed: self.dice.below(4) == 0,
                limit: 2,
            },
            27 if self.dice.below(3) == 0 => Record::Cancel { run, now },
            _ => Record::Retry { run, worker, now },
        }
    }

    fn request(&mut self) -> Option<String> {
        self.dice.one_of(&[None, None, Some("r"), Some("s")]).map(str::to_owned)
    }

    fn next_value(&mut self) -> ValueId {
        self.values += 1;
        self.values
    }

    fn new_run(&mut self, run: RunId, worker: WorkerId) -> NewRun {
        let key = self.dice.one_of(&[None, Some("k".to_owned())]);
        NewRun { run, key, workflow: self.dice.one_of(&["v", "w"]).to_owned(), now: at(self.now), ..new_run(worker) }
    }

    fn transition(&mut self, run: RunId, epoch: u64) -> Transition {
        let [path, left, opens] = [(); 3].map(|()| self.dice.one_of(&PATHS));
        let named = |name: &str| WaitsFor::Signal { name: name.to_owned() };
        let time = at(self.now + self.dice.below(9));
        let waits_for = self.dice.one_of(&[
            WaitsFor::Answer,
            WaitsFor::Answer,
            WaitsFor::AnswerUntil { due: time },
            WaitsFor::Time { due: time },
            named("m"),
            named("n"),
        ]);
        let values = (0..self.dice.below(3)).map(|_| value(self.next_value())).collect();
        let dead = vec![self.dice.below(self.values + 1)];
        let frame = FrameRow { values, dead, ..row(path) };
        let end = match self.dice.below(24) {
            0 => Some(End::Completed(Encoded::of(&self.now).unwrap())),
            1 => Some(End::Failed(crate::Error::new(self.now))),
            _ => None,
        };
        Transition {
            frame: self.dice.one_of(&[None, Some(frame)]),
            left: self.dice.one_of(&[None, None, Some(left.to_owned())]),
            opens: self.dice.one_of(&[None, Some(Opening { waits_for, ..opening(opens) })]),
            end,
            facts: vec![Fact::StepCompleted { path: path.to_owned() }; self.dice.below(3) as usize],
            now: at(self.now),
            ..step(run, epoch)
        }
    }
}

/// All that a store holds, as text.
async fn holds(store: &dyn Store, story: &Story) -> String {
    let mut text = format!("{:#?}\n", store.runs(RunFilter::default()).await.unwrap());
    for worker in story.workers {
        text += &format!("{:?}\n", store.owned(worker).await.unwrap());
    }
    let mut timers = store.timers(usize::MAX).await.unwrap();
    // Which of two that are due at once is the first is not said.
    timers.sort_by(|a, b| (a.due, a.run, &a.path).cmp(&(b.due, b.run, &b.path)));
    text += &format!("{timers:?}\n");
    for run in &story.runs {
        text += &format!("{:?}\n{:?}\n", store.frames(*run).await.unwrap(), store.values(*run).await.unwrap());
        text += &format!("{:?}\n{:?}\n", store.suspensions(*run).await.unwrap(), store.inbox(*run).await.unwrap());
        text += &format!("{:#?}\n", store.events(*run, 0).await.unwrap());
    }
    text
}

/// Tells each story to a store in memory and to another one.
async fn agrees_with_memory<S: Store>(mut other: impl AsyncFnMut(u64) -> S) {
    let mut accepted = 0;
    for seed in 1..=40 {
        let (memory, other) = (Memory::default(), other(seed).await);
        let runs = (0..4).map(|_| RunId::new()).collect();
        let mut story =
            Story { dice: Dice(0x9e37_79b9_7f4a_7c15 ^ seed), runs, workers: [worker(), worker(), worker()], now: 0, values: 0 };
        for _ in 0..60 {
            let batch: Vec<_> = (0..=story.dice.below(6)).map(|_| story.record()).collect();
            let answers = memory.commit(batch.clone()).await;
            accepted += answers.iter().filter(|answer| answer.is_ok()).count();
            assert_eq!(format!("{answers:#?}"), format!("{:#?}", other.commit(batch.clone()).await), "seed {seed}: {batch:#?}");
        }
        assert_eq!(holds(&memory, &story).await, holds(&other, &story).await, "seed {seed}");
    }
    assert!(accepted > 1000, "the stories are not all refusals: {accepted}");
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn sqlite_and_memory_agree_on_random_stories() {
    use crate::store::Sqlite;
    use crate::store::sqlite::Synchronous;
    let folder = tempfile::tempdir().unwrap();
    let options = Sqlite::options().synchronous(Synchronous::Normal);
    agrees_with_memory(async |seed| options.clone().open(folder.path().join(format!("{seed}.db"))).unwrap()).await;
}

#[cfg(all(feature = "postgres", unix))]
#[tokio::test]
async fn postgres_and_memory_agree_on_random_stories() {
    let Some(server) = crate::testing::PostgresServer::shared() else { return };
    agrees_with_memory(async |_| server.store().await.unwrap()).await;
}
