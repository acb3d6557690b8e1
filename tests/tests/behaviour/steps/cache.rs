//! A result that is there is taken for an equal call.

use super::*;

#[step(cache = "10m")]
async fn look_up(word: &str, page: Option<u32>, #[resource] calls: &Calls) -> Result<String, StepError> {
    let call = calls.begin();
    tokio::time::sleep(Duration::from_millis(20)).await;
    Ok(format!("{word} {page:?} from call {call}"))
}

/// The same stored name and the same arguments: another step all the same.
mod other {
    use super::*;

    #[step(cache = "10m", id = "look_up")]
    pub(super) async fn look_up(word: &str, page: Option<u32>, #[resource] calls: &Calls) -> Result<String, StepError> {
        Ok(format!("another {word} {page:?} {}", calls.begin()))
    }
}

workflow! {
    LookUp<(String, u32) -> String>(query) {
        look_up(&query.0, Some(query.1)).await
    }
}

workflow! {
    LookUpBoth<String -> String>(word) {
        let (one, same, other) = try_join!(
            look_up(&word, None),
            #[at(same)] look_up(&word, None),
            #[at(other)] other::look_up(&word, None),
        )?;
        Ok(format!("{one}, {same}, {other}"))
    }
}

#[tokio::test]
async fn an_equal_call_takes_the_result_that_is_there() {
    let runtime = runtime::<LookUp>().await;
    let tea = ("tea".to_owned(), 1);
    let first = runtime.start::<LookUp>(tea.clone()).await.unwrap();
    assert_eq!(first.outcome().await.unwrap().completed().unwrap(), "tea Some(1) from call 0");
    let second = runtime.start::<LookUp>(tea).await.unwrap();
    assert_eq!(second.outcome().await.unwrap().completed().unwrap(), "tea Some(1) from call 0");
    let third = runtime.start::<LookUp>(("tea".to_owned(), 2)).await.unwrap();
    assert_eq!(third.outcome().await.unwrap().completed().unwrap(), "tea Some(2) from call 1");

    assert_eq!(names(&facts(&first).await), ["step.started", "step.completed"]);
    let second = facts(&second).await;
    assert_eq!(names(&second), ["step.started", "step.cached", "step.completed"]);
    assert_eq!(second[1].path(), Some("look_up/look_up#0"));
}

#[tokio::test]
async fn equal_calls_at_the_same_time_are_one() {
    let runtime = runtime::<LookUpBoth>().await;
    let mut runs = Vec::new();
    for _ in 0..8 {
        runs.push(runtime.start::<LookUpBoth>("tea".to_owned()).await.unwrap());
    }
    for run in runs {
        let output = run.outcome().await.unwrap().completed().unwrap();
        assert!(output.starts_with("tea None from call 0, tea None from call 0, another tea None 1"), "{output}");
    }
    assert_eq!(runtime.app().calls.all(), 2);
}

#[tokio::test]
async fn without_a_runtime_nothing_is_cached() {
    let app = App::default();
    for call in 0..2 {
        let output = LookUp::run(&app, ("tea".to_owned(), 1)).await.completed().unwrap();
        assert_eq!(output, format!("tea Some(1) from call {call}"));
    }
}

#[step(cache = "50ms")]
async fn soon_stale(#[resource] calls: &Calls) -> Result<usize, StepError> {
    Ok(calls.begin())
}

#[step(cache = "1h")]
async fn fails_first(#[resource] calls: &Calls) -> Result<usize, StepError> {
    match calls.begin() {
        0 => Err(StepError::terminal("not yet")),
        call => Ok(call),
    }
}

workflow! {
    SoonStale<() -> usize>(nothing) {
        let () = nothing;
        soon_stale().await
    }
}

workflow! {
    FailsFirst<() -> usize>(nothing) {
        let () = nothing;
        fails_first().await
    }
}

#[tokio::test]
async fn a_result_goes_stale_and_an_error_is_not_kept() {
    let runtime = modes::runtime(App::default()).await.register::<SoonStale>().register::<FailsFirst>().build().await.unwrap();
    let mut seen = Vec::new();
    for _ in 0..2 {
        let run = runtime.start::<SoonStale>(()).await.unwrap();
        seen.push(run.outcome().await.unwrap().completed().unwrap());
        tokio::time::sleep(Duration::from_millis(120)).await;
    }
    assert_eq!(seen, [0, 1]);

    let runtime = self::runtime::<FailsFirst>().await;
    let run = runtime.start::<FailsFirst>(()).await.unwrap();
    assert_eq!(run.outcome().await.unwrap().completed().unwrap_err().to_string(), "not yet");
    for _ in 0..2 {
        let run = runtime.start::<FailsFirst>(()).await.unwrap();
        assert_eq!(run.outcome().await.unwrap().completed().unwrap(), 1);
    }
}

/// The first call never ends.
#[step(cache = "1h")]
async fn hangs_once(#[resource] calls: &Calls) -> Result<usize, StepError> {
    match calls.begin() {
        0 => std::future::pending().await,
        call => Ok(call),
    }
}

workflow! {
    HangsOnce<() -> usize>(nothing) {
        let () = nothing;
        hangs_once().await
    }
}

#[tokio::test]
async fn when_the_call_that_runs_is_dropped_another_one_runs() {
    let runtime = runtime::<HangsOnce>().await;
    let first = runtime.start::<HangsOnce>(()).await.unwrap();
    until(runtime.app(), 1).await;
    let second = runtime.start::<HangsOnce>(()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(runtime.app().calls.all(), 1, "the second waits for the first");
    first.cancel().await.unwrap();
    assert_eq!(second.outcome().await.unwrap().completed().unwrap(), 1);
    assert_eq!(names(&facts(&second).await), ["step.started", "step.completed"]);
}

#[step(cache = "1h")]
async fn fails_slowly(#[resource] calls: &Calls) -> Result<usize, StepError> {
    calls.begin();
    tokio::time::sleep(Duration::from_millis(20)).await;
    Err(StepError::terminal("no"))
}

workflow! {
    FailsSlowly<() -> String>(nothing) {
        let () = nothing;
        let (one, two) = join!(fails_slowly(), #[at(other)] fails_slowly());
        let (Err(one), Err(two)) = (one, two) else { return Ok(String::new()) };
        Ok(format!("{one:?}, {two:?}"))
    }
}

#[tokio::test]
async fn an_error_of_an_equal_call_has_the_path_of_this_one() {
    let runtime = runtime::<FailsSlowly>().await;
    let run = runtime.start::<FailsSlowly>(()).await.unwrap();
    let output = run.outcome().await.unwrap().completed().unwrap();
    assert!(
        output.contains("fails_slowly_other#0/fails_slowly#0") && output.contains("fails_slowly_other#0/other#0"),
        "{output}"
    );
    assert_eq!(runtime.app().calls.all(), 1);
    assert_eq!(names(&facts(&run).await).iter().filter(|name| **name == "step.failed").count(), 2);
}
