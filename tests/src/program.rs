//! The example `content` as a program.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// Where it is, built once by whoever asks first.
///
/// # Panics
/// When it does not build.
pub fn content() -> &'static Path {
    static CONTENT: LazyLock<PathBuf> = LazyLock::new(|| {
        let built = Command::new(env!("CARGO")).args(["build", "--quiet", "-p", "examples", "--example", "content"]).status();
        assert!(built.expect("cargo runs").success(), "the example does not build");
        let own = std::env::current_exe().expect("a test has a path");
        let target = own.ancestors().find(|path| path.ends_with("deps")).and_then(Path::parent).expect("a test lies in `deps`");
        target.join("examples").join("content")
    });
    &CONTENT
}
