//! The example `content` under SIGKILL: a child process is killed at each kind of moment, another process goes on,
//! and the article is the same as if nothing had happened. The judge is a log of effects that lies outside the store.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use tests::program;

/// A folder with a database and an effects log.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn command(&self, args: &[&str], delay: &str) -> Command {
        let mut command = Command::new(program::content());
        command.arg("--db").arg(self.folder.path().join("runs.db")).args(args);
        command.env_remove("OPENAI_API_KEY").env_remove("OPENAI_BASE_URL");
        command.env("CONTENT_EFFECTS", self.log()).env("CONTENT_STEP_DELAY_MS", delay);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("effects.log")
    }

    fn effects(&self) -> String {
        std::fs::read_to_string(self.log()).unwrap_or_default()
    }

    fn finish(&self, args: &[&str]) -> Output {
        self.command(args, "0").output().unwrap()
    }

    /// Starts a command and kills it as soon as `when` holds of the effects log.
    fn killed(&self, args: &[&str], delay: &str, when: impl Fn(&str) -> bool) {
        let mut child = self.command(args, delay).spawn().unwrap();
        let begun = Instant::now();
        while !when(&self.effects()) {
            assert!(begun.elapsed() < Duration::from_secs(30), "the moment never came:\n{}", self.effects());
            if child.try_wait().unwrap().is_some() {
                panic!("it ended before the moment came:\n{}\n{}", self.effects(), output(child));
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// The id of the one run.
    fn run(&self) -> String {
        let listed = self.finish(&["runs"]);
        let text = String::from_utf8_lossy(&listed.stdout).into_owned();
        let mut ids = text.split_whitespace().filter(|word| word.len() == 36 && word.matches('-').count() == 4);
        let id = ids.next().unwrap_or_else(|| panic!("no run in `{text}`")).to_owned();
        assert_eq!(ids.find(|other| *other != id), None, "one run, not several:\n{text}");
        id
    }

    /// Brings the run from wherever it stands to its end, as a person would, and gives the article.
    fn brought_to_its_end(&self) -> String {
        let run = self.run();
        for _ in 0..8 {
            let shown = text(&self.finish(&["show", &run]).stdout);
            let status = shown.lines().find_map(|line| line.strip_prefix("status")).map(str::trim).unwrap_or_default();
            match status {
                "completed" => return text(&self.finish(&["retry", &run]).stdout),
                "suspended" if shown.contains("review at `editor_review#0`") => {
                    self.finish(&["resume", &run, "editor_review#0", "--change", "shorter"])
                }
                "suspended" => self.finish(&["resume", &run, "second_look#0", "--approve"]),
                _ => self.finish(&["retry", &run]),
            };
        }
        panic!("the run does not end:\n{}", text(&self.finish(&["show", &run]).stdout));
    }

    /// Every step ran once; only the one in flight when the process was killed may have run again, with the same key.
    fn judge(&self, kills: usize, what: &str) {
        let mut ran: BTreeMap<String, usize> = BTreeMap::new();
        for line in self.effects().lines() {
            let (kind, key) = line.split_once(' ').expect("a line is `start KEY` or `end KEY`");
            let run = self.run();
            assert!(key.starts_with(&run), "{what}: a key of another run: {key}");
            let key = key.trim_start_matches(&run).trim_start_matches('/').to_owned();
            *ran.entry(key).or_default() += usize::from(kind == "start");
        }
        let steps: Vec<_> = ran.keys().map(String::as_str).collect();
        let draft = if steps.contains(&"content/draft_deep#0") { "content/draft_deep#0" } else { "content/draft_simple#0" };
        let expected = [
            draft,
            "content/outline_seo#0/outline#0",
            "content/outline_seo#0/seo#0",
            "content/research#0",
            "content/revise#0",
            "content/summarise#0",
        ];
        assert_eq!(steps, expected, "{what}: the steps and their keys");
        let again: usize = ran.values().map(|times| times - 1).sum();
        self.judge_order(what);
        // Two arms may be in flight at once.
        assert!(again <= 2 * kills, "{what}: {again} steps ran again after {kills} kills: {ran:?}");
        assert!(ran.values().all(|times| *times <= 1 + kills), "{what}: {ran:?}");
    }
}

/// The steps in their order; two of a stage are arms of one join.
const STAGES: &[&[&str]] = &[&["research"], &["outline", "seo"], &["draft_deep", "draft_simple"], &["revise"], &["summarise"]];

impl Desk {
    /// A step whose successor has begun was committed, so it never begins again.
    fn judge_order(&self, what: &str) {
        let mut furthest = 0;
        for line in self.effects().lines().filter(|line| line.starts_with("start")) {
            let step = line.rsplit('/').next().unwrap_or_default().trim_end_matches("#0");
            let stage = STAGES.iter().position(|steps| steps.contains(&step)).expect("a step of the example");
            assert!(stage >= furthest, "{what}: `{step}` was committed and ran again:\n{}", self.effects());
            furthest = stage;
        }
    }
}

fn output(child: Child) -> String {
    let output = child.wait_with_output().unwrap();
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The article of a run that nothing disturbs.
fn undisturbed() -> String {
    static ARTICLE: LazyLock<String> = LazyLock::new(|| {
        let desk = Desk::new();
        let started = desk.finish(&[]);
        assert!(started.status.success(), "{}", text(&started.stderr));
        let article = desk.brought_to_its_end();
        assert!(article.starts_with("# "), "{article}");
        desk.judge(0, "undisturbed");
        article
    });
    ARTICLE.clone()
}

fn started(step: &str) -> impl Fn(&str) -> bool + use<> {
    let line = format!("/{step}#0");
    move |log: &str| log.lines().any(|found| found.starts_with("start ") && found.ends_with(&line))
}

fn ended(step: &str) -> impl Fn(&str) -> bool + use<> {
    let line = format!("/{step}#0");
    move |log: &str| log.lines().any(|found| found.starts_with("end ") && found.ends_with(&line))
}

fn same_article_after(kills: usize, what: &str, disturb: impl FnOnce(&Desk)) {
    let desk = Desk::new();
    disturb(&desk);
    assert_eq!(desk.brought_to_its_end(), undisturbed(), "{what}: the article");
    desk.judge(kills, what);
}

#[test]
fn killed_while_a_step_is_in_flight() {
    same_article_after(1, "a step in flight", |desk| desk.killed(&[], "10000", started("research")));
}

#[test]
fn killed_right_after_a_commit() {
    // The next step begins once the commit before it is acknowledged.
    same_article_after(1, "after a commit", |desk| desk.killed(&[], "0,outline=10000,seo=10000", started("outline")));
}

#[test]
fn killed_between_an_effect_and_its_commit() {
    same_article_after(1, "between effect and commit", |desk| desk.killed(&[], "0", ended("research")));
}

#[test]
fn killed_in_an_arm_whose_sibling_is_done() {
    let desk = Desk::new();
    let both = |log: &str| ended("outline")(log) && started("seo")(log);
    let begun = Instant::now();
    desk.killed(&[], "0,seo=10000", |log| both(log) && begun.elapsed() > Duration::from_millis(500));
    assert_eq!(desk.brought_to_its_end(), undisturbed());
    desk.judge(1, "an arm whose sibling is done");
    let outlines = desk.effects().lines().filter(|line| line.starts_with("start") && line.ends_with("/outline#0")).count();
    assert_eq!(outlines, 1, "the finished arm is not run again:\n{}", desk.effects());
}

#[test]
fn killed_in_the_revision_loop() {
    same_article_after(1, "in the revision loop", |desk| {
        assert!(desk.finish(&[]).status.success());
        let run = desk.run();
        desk.killed(&["resume", &run, "editor_review#0", "--change", "shorter"], "10000", started("revise"));
    });
}

#[test]
fn killed_when_it_parks() {
    same_article_after(1, "parked", |desk| desk.killed(&[], "0", |log| ended("draft_deep")(log) || ended("draft_simple")(log)));
}

#[test]
fn killed_while_it_resumes() {
    for after in [1, 4, 9, 16, 30] {
        same_article_after(1, "while resuming", |desk| {
            assert!(desk.finish(&[]).status.success());
            let run = desk.run();
            let resume = ["resume", &run, "editor_review#0", "--change", "shorter"];
            let mut child = desk.command(&resume, "10").spawn().unwrap();
            std::thread::sleep(Duration::from_millis(after));
            child.kill().unwrap();
            child.wait().unwrap();
        });
    }
}

#[test]
fn a_double_click_never_answers_the_next_review() {
    let desk = Desk::new();
    assert!(desk.finish(&[]).status.success());
    let run = desk.run();
    let click = ["resume", &run, "editor_review#0", "--change", "shorter"];
    assert!(desk.finish(&click).status.success());
    let again = desk.finish(&click);
    assert!(!again.status.success(), "the second click is refused");
    let error = text(&again.stderr);
    assert!(error.contains("editor_review#0") && error.contains("already"), "{error}");
    let shown = text(&desk.finish(&["show", &run]).stdout);
    assert!(shown.contains("review at `second_look#0`"), "the next review still waits:\n{shown}");
    assert_eq!(desk.brought_to_its_end(), undisturbed());
}
