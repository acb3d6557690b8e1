//! The store that a test runs on.

use std::sync::Arc;

use flow_runtime::RunId;
use flow_runtime::store::{Memory, Store};

/// Whether this is a module of that name in `each_store`.
fn on(name: &str) -> bool {
    module_path!().split("::").any(|module| module == name)
}

/// A new store: the one that a module of `each_store` is named after, elsewhere `Memory`.
pub async fn store() -> Arc<dyn Store> {
    #[cfg(feature = "sqlite")]
    if on("sqlite") {
        use flow_runtime::store::Sqlite;
        use flow_runtime::store::sqlite::Synchronous;
        let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(RunId::new().to_string());
        std::fs::create_dir(&folder).unwrap();
        let options = Sqlite::options().synchronous(Synchronous::Normal);
        return Arc::new(options.open(folder.join("flow.db")).unwrap());
    }
    // Without PostgreSQL on the machine, which is said, it is one more time on `Memory`.
    #[cfg(all(feature = "postgres", unix))]
    if on("postgres")
        && let Some(server) = flow_runtime::testing::PostgresServer::shared()
    {
        return Arc::new(server.store().await.unwrap());
    }
    Arc::new(Memory::default())
}
