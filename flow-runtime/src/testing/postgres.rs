//! A PostgreSQL of one's own.

use std::io::{self, PipeWriter, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{env, fs};

use uuid::Uuid;

use crate::error::Error;
use crate::store::Postgres;

/// How long a server may take to begin.
const PATIENCE: Duration = Duration::from_secs(60);

/// Begins the server again whenever the line that it reads names a signal, and tidies up when nobody is left to write one:
/// so it goes with the process that started it, however that ends.
const KEEPER: &str = r#"
cd "$1" || exit 1
"$2/initdb" -D data -U postgres -A trust -E UTF8 --locale=C --no-sync >log 2>&1 || exit 1
begin() {
    "$2/postgres" -D data -k "$1" -c listen_addresses= -c max_connections=200 -c shared_buffers=32MB $3 >>log 2>&1 &
    server=$!
}
begin "$@"
while read -r signal; do
    kill "-$signal" "$server"
    wait "$server"
    begin "$@"
done
kill -QUIT "$server"
wait "$server"
rm -rf data log
cd / && rmdir "$1"
"#;

/// A PostgreSQL server for tests: started from the programs of this machine, private to the process, gone with it.
///
/// It listens on a socket in a temporary folder. Its programs, `initdb` and `postgres`, are looked for in `FLOW_PG_BIN`,
/// in the `PATH`, and in `/usr/lib/postgresql/*/bin`. They refuse to be run by root, so root runs them as the user `postgres`
/// or `nobody`, for which it needs `setpriv` or `runuser`.
///
/// A crash of the machine may damage its files: for speed they are not flushed to the disk. `FLOW_PG_OPTIONS=-Fon`,
/// for instance, gives it other options.
///
/// ```
/// use flow_runtime::testing::PostgresServer;
/// use flow_runtime::Runtime;
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), flow_runtime::Error> {
/// // Without PostgreSQL on the machine the test says so and passes.
/// let Some(server) = PostgresServer::shared() else { return Ok(()) };
/// let store = server.store().await?;
/// let runtime = Runtime::builder(()).store(store).build().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct PostgresServer {
    folder: PathBuf,
    /// The server goes when this is closed.
    keeper: Mutex<PipeWriter>,
}

impl PostgresServer {
    /// The server that all tests of this process share; it is started by the first. None, said on the standard error, on
    /// a machine without PostgreSQL.
    ///
    /// # Panics
    /// When there is a PostgreSQL but it does not start; and, if `FLOW_REQUIRE_POSTGRES=1` is set, when there is none.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<PostgresServer>> = OnceLock::new();
        let start = || match programs() {
            Some(programs) => Some(Self::start_from(&programs).unwrap_or_else(|error| panic!("{error}"))),
            None if env::var_os("FLOW_REQUIRE_POSTGRES").is_some_and(|value| value == "1") => panic!("{}", nowhere()),
            None => {
                // Not by a macro: what those print, the test harness keeps to itself.
                let _ = writeln!(io::stderr(), "\nTESTS ON POSTGRESQL ARE LEFT OUT: {}\n", nowhere());
                None
            }
        };
        SHARED.get_or_init(start).as_ref()
    }

    /// Starts a server for the caller alone: one that may be stopped.
    ///
    /// # Errors
    /// When there is no PostgreSQL on this machine, or it does not start.
    pub fn start() -> Result<Self, Error> {
        Self::start_from(&programs().ok_or_else(|| Error::new(nowhere()))?)
    }

    fn start_from(programs: &Path) -> Result<Self, Error> {
        let user = if is_root() { Some(user()?) } else { None };
        // A socket's path has a hundred bytes at most. Root's own temporary folder may be closed to the other user.
        let parent = Some(env::temp_dir()).filter(|folder| user.is_none() && folder.as_os_str().len() < 60);
        let folder =
            parent.unwrap_or_else(|| "/tmp".into()).join(format!("flow-pg-{}", &Uuid::now_v7().simple().to_string()[20..]));
        fs::create_dir(&folder)?;
        let options = env::var("FLOW_PG_OPTIONS").unwrap_or_else(|_| "-F".to_owned());
        let mut command = match user {
            Some(user) => as_user(user, &folder)?,
            None => Command::new("sh"),
        };
        command.args(["-c", KEEPER, "sh"]).arg(&folder).arg(programs).arg(options);
        let (stdin, keeper) = io::pipe()?;
        // Nobody waits for it: it outlives what started it by a moment, to tidy up. So it is in a group of its own, which
        // Ctrl-C does not reach.
        command.process_group(0);
        command.stdin(stdin).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let server = Self { folder, keeper: Mutex::new(keeper) };
        server.until_ready(None)?;
        Ok(server)
    }

    /// Where it listens, as `Postgres::connect` takes it.
    pub fn url(&self) -> String {
        format!("host={} user=postgres dbname=postgres", self.folder.display())
    }

    /// An empty store, in a schema of its own.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn store(&self) -> Result<Postgres, Error> {
        let schema = format!("test_{}", Uuid::now_v7().simple());
        Postgres::options().schema(schema).connect(&self.url()).await
    }

    /// Stops it, as an administrator does, and starts it again: who is connected loses the connection.
    ///
    /// # Errors
    /// When it does not start again.
    pub fn restart(&self) -> Result<(), Error> {
        self.begin_again("INT")
    }

    /// Ends it in the middle of whatever it does, and starts it again.
    ///
    /// # Errors
    /// When it does not start again.
    pub fn crash(&self) -> Result<(), Error> {
        self.begin_again("QUIT")
    }

    fn begin_again(&self, signal: &str) -> Result<(), Error> {
        let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.status();
        writeln!(keeper, "{signal}")?;
        self.until_ready(before.as_deref())
    }

    /// What the server last wrote about itself: its number, when it began, whether it takes connections.
    fn status(&self) -> Option<String> {
        fs::read_to_string(self.folder.join("data/postmaster.pid")).ok()
    }

    /// Waits for a server, another one than before.
    fn until_ready(&self, before: Option<&str>) -> Result<(), Error> {
        let start = Instant::now();
        let number = |status: &str| status.lines().next().map(str::to_owned);
        while start.elapsed() < PATIENCE {
            match self.status() {
                Some(status) if before.and_then(number) != number(&status) && status.contains("ready") => return Ok(()),
                _ if !self.folder.exists() => break,
                _ => sleep(Duration::from_millis(10)),
            }
        }
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        Err(Error::new(format!("PostgreSQL does not start; its log says:\n{log}")))
    }
}

fn nowhere() -> &'static str {
    "there is no PostgreSQL on this machine; install it, or name the folder of `initdb` and `postgres` in `FLOW_PG_BIN`"
}

/// The folder of the server's programs.
fn programs() -> Option<PathBuf> {
    let named = env::var_os("FLOW_PG_BIN").map(PathBuf::from);
    let path = env::var_os("PATH").unwrap_or_default();
    let packaged = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|version| version.path().join("bin"));
    let mut folders = named.into_iter().chain(env::split_paths(&path)).chain(packaged);
    folders.find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}

fn is_root() -> bool {
    prints("id", &["-u"]).is_some_and(|id| id.trim() == "0")
}

/// Somebody else than root.
fn user() -> Result<&'static str, Error> {
    let known = |user: &&str| prints("id", &["-u", user]).is_some();
    let user = ["postgres", "nobody"].into_iter().find(known);
    user.ok_or_else(|| Error::new("PostgreSQL refuses to be run by root, and there is no user `postgres` or `nobody`"))
}

/// A shell of that user, who gets the folder.
fn as_user(user: &str, folder: &Path) -> Result<Command, Error> {
    let owned = Command::new("chown").arg(user).arg(folder).status()?;
    if !owned.success() {
        return Err(Error::new(format!("cannot give `{}` to the user `{user}`", folder.display())));
    }
    let mut command;
    if prints("setpriv", &["--version"]).is_some() {
        let (uid, gid) = (prints("id", &["-u", user]), prints("id", &["-g", user]));
        command = Command::new("setpriv");
        command.arg(format!("--reuid={}", uid.unwrap_or_default().trim()));
        command.arg(format!("--regid={}", gid.unwrap_or_default().trim())).args(["--clear-groups", "sh"]);
    } else {
        command = Command::new("runuser");
        command.args(["-u", user, "--", "sh"]);
    }
    Ok(command)
}

/// What a program prints, if it is there and succeeds.
fn prints(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
