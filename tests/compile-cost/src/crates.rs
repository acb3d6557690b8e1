//! Crates that hold nothing but generated bodies, and how long cargo takes for each when all else is built.

use std::io::{Error, Result};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

use crate::bodies::{self, Kind};

/// How often each crate is built; the least counts.
const RUNS: usize = 5;

/// A workspace of its own, so that its profile and its target folder are nobody else's.
pub(crate) struct Crates {
    folder: PathBuf,
    manifest: String,
}

/// One crate, ready to be built again.
pub(crate) struct Crate<'c> {
    crates: &'c Crates,
    name: String,
    source: PathBuf,
}

impl Crates {
    pub(crate) fn new() -> Result<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.ancestors().nth(2).expect("it is two folders below the workspace");
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let folder = target.join("compile-cost");
        fs::create_dir_all(&folder)?;
        fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        fs::write(
            folder.join("Cargo.toml"),
            "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\n\n[profile.dev]\ndebug = \"line-tables-only\"\n",
        )?;
        let nodes = folder.join("crates/nodes");
        fs::create_dir_all(nodes.join("src"))?;
        let runtime = root.join("flow-runtime");
        let manifest =
            format!("edition = \"2024\"\n\n[dependencies]\nflow-runtime = {{ path = {runtime:?} }}\nfutures = \"0.3\"\n");
        let data = "schemars = \"1.2\"\nserde = { version = \"1\", features = [\"derive\"] }\n";
        fs::write(nodes.join("Cargo.toml"), format!("[package]\nname = \"nodes\"\n{manifest}{data}"))?;
        if fs::read_to_string(nodes.join("src/lib.rs")).ok().as_deref() != Some(NODES) {
            fs::write(nodes.join("src/lib.rs"), NODES)?;
        }
        let manifest = format!("{manifest}nodes = {{ path = \"../nodes\" }}\n");
        Ok(Self { folder, manifest })
    }

    /// A crate with as many copies of a body as asked for, each of them used, so that a build makes code of it.
    pub(crate) fn write(&self, kind: Kind, nodes: usize, copies: usize, as_workflow: bool) -> Result<Crate<'_>> {
        let name = format!("{}-{nodes}-{}", kind.name(), if as_workflow { "workflow" } else { "plain" });
        let bodies: String =
            (0..copies).map(|copy| if as_workflow { workflow(kind, nodes, copy) } else { plain(kind, nodes, copy) }).collect();
        let uses = if as_workflow { WORKFLOW } else { PLAIN };
        let folder = self.folder.join("crates").join(&name);
        fs::create_dir_all(folder.join("src"))?;
        fs::write(folder.join("Cargo.toml"), format!("[package]\nname = \"{name}\"\n{}", self.manifest))?;
        let source = folder.join("src/lib.rs");
        fs::write(&source, format!("{uses}\n{bodies}"))?;
        Ok(Crate { crates: self, name, source })
    }
}

const NODES: &str = include_str!("nodes.rs");

const WORKFLOW: &str = "#![allow(unused_imports)]\nuse nodes::*;\nuse flow_runtime::{Builder, workflow};\n";

const PLAIN: &str = "#![allow(unused_imports)]
use std::pin::Pin;
use nodes::plain::*;
use flow_runtime::Error;
use futures::{StreamExt, TryStreamExt, stream, try_join};

type Body = Pin<Box<dyn Future<Output = Result<String, Error>> + Send>>;
";

fn workflow(kind: Kind, nodes: usize, copy: usize) -> String {
    let body = bodies::workflow(kind, nodes, &format!("W{copy}"));
    format!("workflow! {{\n{body}}}\npub fn use_{copy}(b: Builder<()>) -> Builder<()> {{ b.register::<W{copy}>() }}\n")
}

fn plain(kind: Kind, nodes: usize, copy: usize) -> String {
    let body = bodies::plain(kind, nodes, &format!("f{copy}"));
    format!("{body}pub fn use_{copy}(brief: String) -> Body {{ Box::pin(f{copy}(brief)) }}\n")
}

impl Crate<'_> {
    /// The least time that `cargo check` or `cargo build` takes for this crate alone.
    pub(crate) fn time(&self, command: &str) -> Result<Duration> {
        self.cargo(command)?;
        let mut least = Duration::MAX;
        for _ in 0..RUNS {
            let source = fs::read(&self.source)?;
            fs::write(&self.source, source)?;
            least = least.min(self.cargo(command)?);
        }
        Ok(least)
    }

    fn cargo(&self, command: &str) -> Result<Duration> {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let target = self.crates.folder.join("target");
        let (start, before) = (Instant::now(), children()?);
        let output = Command::new(cargo)
            .args([command, "--quiet", "--offline", "-p", &self.name])
            .current_dir(&self.crates.folder)
            .env("CARGO_TARGET_DIR", target)
            .env("CARGO_INCREMENTAL", "0")
            .stdin(Stdio::null())
            .output()?;
        let time = match (before, children()?) {
            (Some(before), Some(after)) => after.saturating_sub(before),
            _ => start.elapsed(),
        };
        if !output.status.success() {
            return Err(Error::other(format!("cargo {command} of {}:\n{}", self.name, String::from_utf8_lossy(&output.stderr))));
        }
        Ok(time)
    }
}

/// The processor time of what this process has started and waited for, which other load on the machine does not change.
/// Known on Linux alone.
fn children() -> Result<Option<Duration>> {
    let Ok(stat) = fs::read_to_string("/proc/self/stat") else { return Ok(None) };
    // The second field is the name, in parentheses, and may hold anything.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields).split_whitespace();
    let ticks: Vec<u64> = fields.skip(13).take(2).filter_map(|field| field.parse().ok()).collect();
    let [user, system] = ticks[..] else { return Err(Error::other("`/proc/self/stat` does not look as it should")) };
    Ok(Some(Duration::from_millis((user + system) * 10)))
}
