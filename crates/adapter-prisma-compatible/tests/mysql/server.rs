//! A server for each test process, and a separate database for each test.

use std::{
    error::Error,
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    },
};

use adapter_prisma_compatible::{
    mysql,
    sqlx::{
        self, AssertSqlSafe, ConnectOptions as _, Connection as _, MySqlConnection, MySqlPool,
        mysql::MySqlConnectOptions,
    },
};
use lucia_core::{Clock as _, SystemClock};
use test_servers::{Service, ServiceError};

/// Stops when the process exits.
static SERVICE: LazyLock<Result<Service, ServiceError>> = LazyLock::new(test_servers::mysql);

/// Returns the options of a connection to the server.
pub(crate) fn options() -> MySqlConnectOptions {
    let service = SERVICE.as_ref().unwrap_or_else(|error| panic!("{error}"));
    mysql::connect_options(service.url()).unwrap()
}

/// An empty database, which is deleted when this is dropped.
#[derive(Debug)]
pub(crate) struct Scratch {
    pub(crate) name: String,
    pub(crate) pool: MySqlPool,
}

impl Scratch {
    /// Creates a database with the collation of Prisma's tables, and a pool of at most ten connections.
    pub(crate) async fn create() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let now = SystemClock.now().get();
        let name = format!("lucia_{}_{now:x}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        administer(&format!("CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")).await;
        let pool = mysql::pool_options().connect_with(options().database(&name)).await.unwrap();
        Self { name, pool }
    }

    /// Returns the options of another connection to the database.
    pub(crate) fn options(&self) -> MySqlConnectOptions {
        options().database(&self.name)
    }

    /// Returns the URL of the database for a pool of Diesel.
    #[allow(dead_code, reason = "not every test uses it")]
    pub(crate) fn diesel_url(&self) -> String {
        let mut url = self.options().to_url_lossy();
        url.set_query(None);
        url.to_string()
    }
}

impl Drop for Scratch {
    /// Uses a separate thread, because the current one may be a worker of a runtime, or have no runtime.
    fn drop(&mut self) {
        let name = self.name.clone();
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(drop_database(&name));
        });
        assert!(dropping.join().is_ok() || std::thread::panicking(), "the database could not be dropped");
    }
}

/// Closes all connections to the database first: an open transaction may end only after this, on the runtime of the
/// test.
async fn drop_database(name: &str) {
    let mut connection = MySqlConnection::connect_with(&options()).await.unwrap();
    let connected = "SELECT CAST(ID AS SIGNED) FROM information_schema.PROCESSLIST WHERE DB = ?";
    let others: Vec<i64> = sqlx::query_scalar(connected).bind(name).fetch_all(&mut connection).await.unwrap();
    for id in others {
        // The connection may have been closed meanwhile.
        let _ = sqlx::raw_sql(AssertSqlSafe(format!("KILL {id}"))).execute(&mut connection).await;
    }
    sqlx::raw_sql(AssertSqlSafe(format!("DROP DATABASE {name}"))).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// Executes a statement on a separate connection.
pub(crate) async fn administer(statement: &str) {
    let mut connection = MySqlConnection::connect_with(&options()).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// Returns `true` for MariaDB.
#[allow(dead_code, reason = "not every test uses it")]
pub(crate) async fn is_mariadb() -> bool {
    let mut connection = MySqlConnection::connect_with(&options()).await.unwrap();
    let version: String = sqlx::query_scalar("SELECT VERSION()").fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    version.contains("MariaDB")
}

/// Checks that the suite can create databases on the server at a URL.
#[allow(dead_code, reason = "not every test uses it")]
pub(crate) async fn try_out(url: &str) -> Result<(), Box<dyn Error + Send + Sync>> {
    let options = mysql::connect_options(url)?;
    let server = format!("the server at {}:{}", options.get_host(), options.get_port());
    let connected = MySqlConnection::connect_with(&options).await;
    let mut connection = connected.map_err(|error| format!("no connection to {server}: {error}"))?;
    let name = format!("lucia_{}_try_out", std::process::id());
    let sql = format!("CREATE DATABASE {name}; DROP DATABASE {name}");
    let created = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await;
    created.map_err(|error| format!("the user may not create databases on {server}: {error}"))?;
    Ok(connection.close().await?)
}
