//! Each byte of a stored frame is flipped, and cut off with all behind it: the run fails, named, and others go on.

use std::time::Duration;

use flow_runtime::store::Sqlite;
use flow_runtime::{Outcome, RunId, Runtime};
use rusqlite::{Connection, params};

use crate::judge::effects;
use crate::parcel::{App, Inner, approval};

async fn runtime(file: &std::path::Path) -> Runtime<App> {
    let store = Sqlite::open(file).unwrap();
    let builder = Runtime::builder(App::new(&file.with_extension("effects"))).store(store).linger(Duration::ZERO);
    builder.register::<Inner>().build().await.unwrap()
}

async fn parked(runtime: &Runtime<App>) -> RunId {
    let run = runtime.start::<Inner>(5).await.unwrap();
    let _ = run.outcome().await.unwrap().suspended().unwrap();
    run.id()
}

fn frame(connection: &Connection, run: RunId) -> Vec<u8> {
    connection.query_row("SELECT state FROM frames WHERE run = ?", [run.to_string()], |row| row.get(0)).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_frame_fails_its_own_run() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("flow.db");
    let before = runtime(&file).await;
    let healthy = parked(&before).await;
    let connection = Connection::open(&file).unwrap();
    connection.busy_timeout(Duration::from_secs(10)).unwrap();
    let bytes = frame(&connection, healthy);
    let cases = (0..bytes.len()).flat_map(|at| [(at, true), (at, false)]);
    let mut damaged = Vec::new();
    for (at, flip) in cases {
        damaged.push((parked(&before).await, at, flip));
    }
    before.shutdown().await.unwrap();
    drop(before);
    connection.execute_batch("BEGIN").unwrap();
    for (run, at, flip) in &damaged {
        let mut bytes = frame(&connection, *run);
        if *flip {
            bytes[*at] ^= 0x40;
        } else {
            bytes.truncate(*at);
        }
        let changed = connection.execute("UPDATE frames SET state = ?1 WHERE run = ?2", params![bytes, run.to_string()]).unwrap();
        assert_eq!(changed, 1);
    }
    connection.execute_batch("COMMIT").unwrap();

    let after = runtime(&file).await;
    let done = effects(&file.with_extension("effects")).len();
    for (run, at, flip) in &damaged {
        let run = after.run::<Inner>(*run).await.unwrap();
        run.pending().await.unwrap().one::<approval>().unwrap().resume(1).await.unwrap();
        let Outcome::Failed(error) = run.outcome().await.unwrap() else { panic!("byte {at}, flipped: {flip}: it goes on") };
        let text = error.to_string();
        assert!(error.is_incompatible() && text.contains(&run.id().to_string()) && text.contains("`inner`"), "byte {at}: {text}");
    }
    assert_eq!(effects(&file.with_extension("effects")).len(), done, "nothing of them is executed");
    let run = after.run::<Inner>(healthy).await.unwrap();
    run.pending().await.unwrap().one::<approval>().unwrap().resume(1).await.unwrap();
    assert_eq!(run.outcome().await.unwrap().completed().unwrap(), 9);
    println!("{} bytes, {} damaged frames, each named", bytes.len(), damaged.len());
}
