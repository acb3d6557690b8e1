//! Never more at a time, nor in a time, than a step says.

use super::*;

#[step(limit = "narrow: 3", timeout = "40ms")]
async fn narrow(#[resource] calls: &Calls) -> Result<(), StepError> {
    calls.begin();
    tokio::time::sleep(Duration::from_millis(15)).await;
    calls.end();
    Ok(())
}

#[step(limit = "narrow: 3")]
async fn narrow_too(#[resource] calls: &Calls) -> Result<(), StepError> {
    calls.begin();
    tokio::time::sleep(Duration::from_millis(15)).await;
    calls.end();
    Ok(())
}

workflow! {
    Narrow<() -> ()>(nothing) {
        let () = nothing;
        let ((), ()) = try_join!(narrow(), narrow_too())?;
        Ok(())
    }
}

#[tokio::test]
async fn a_limit_is_shared_by_runs_and_steps_and_is_no_part_of_the_timeout() {
    for (set, most) in [(None, 3), (Some(1), 1)] {
        let builder = modes::runtime(App::default()).await.register::<Narrow>().linger(Duration::from_millis(1));
        let builder = if let Some(most) = set { builder.limit("narrow", most) } else { builder };
        let runtime = builder.build().await.unwrap();
        let mut runs = Vec::new();
        for _ in 0..6 {
            runs.push(runtime.start::<Narrow>(()).await.unwrap());
        }
        for run in runs {
            run.outcome().await.unwrap().completed().unwrap();
        }
        assert_eq!((runtime.app().calls.all(), runtime.app().calls.most()), (12, most));
    }
}

#[tokio::test]
async fn whoever_waits_for_a_limit_can_be_cancelled() {
    #[step(limit = "stuck: 1")]
    async fn stuck(#[resource] calls: &Calls) -> Result<(), StepError> {
        calls.begin();
        std::future::pending().await
    }
    workflow! {
        Stuck<() -> ()>(nothing) {
            let () = nothing;
            stuck().await
        }
    }
    let runtime = runtime::<Stuck>().await;
    let first = runtime.start::<Stuck>(()).await.unwrap();
    until(runtime.app(), 1).await;
    let second = runtime.start::<Stuck>(()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    second.cancel().await.unwrap();
    assert_eq!(runtime.app().calls.all(), 1);
    first.cancel().await.unwrap();
    let third = runtime.start::<Stuck>(()).await.unwrap();
    until(runtime.app(), 2).await;
    third.cancel().await.unwrap();
}

#[tokio::test]
async fn a_run_that_waits_for_a_limit_is_not_parked() {
    #[step(limit = "single: 1")]
    async fn hold(milliseconds: u64, #[resource] calls: &Calls) -> Result<(), StepError> {
        calls.begin();
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        Ok(())
    }
    #[suspend(resume = bool)]
    fn agreed() -> String {
        "Go on?".to_owned()
    }
    workflow! {
        Hold<u64 -> bool>(milliseconds) {
            let (agreed, ()) = try_join!(agreed(), hold(milliseconds))?;
            Ok(agreed)
        }
    }
    let builder = modes::runtime(App::default()).await.register::<Hold>().linger(Duration::from_millis(1));
    let runtime = builder.build().await.unwrap();
    let first = runtime.start::<Hold>(150).await.unwrap();
    until(runtime.app(), 1).await;
    let second = runtime.start::<Hold>(1).await.unwrap();
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert_eq!(second.status().await.unwrap(), RunStatus::Running, "it waits for the slot of the first");
    for run in [first, second] {
        run.outcome().await.unwrap().suspended().unwrap().one::<agreed>().unwrap().resume(true).await.unwrap();
        assert!(run.outcome().await.unwrap().completed().unwrap());
    }
    assert_eq!(runtime.app().calls.all(), 2);
}

#[step(limit = "steady: 50/s")]
async fn steady() -> Result<(), StepError> {
    Ok(())
}

workflow! {
    Steady<() -> ()>(nothing) {
        let () = nothing;
        let mut turn: u32 = 0;
        while turn < 6 {
            steady().await?;
            turn += 1;
        }
        Ok(())
    }
}

#[tokio::test]
async fn a_rate_holds_without_a_runtime_too() {
    let begin = std::time::Instant::now();
    Steady::run(&(), ()).await.completed().unwrap();
    assert!(begin.elapsed() >= Duration::from_millis(100), "{:?}", begin.elapsed());
}
