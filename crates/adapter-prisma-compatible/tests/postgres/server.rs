//! A server for each test process, and a separate schema for each test.

use std::{
    error::Error,
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    },
};

use adapter_prisma_compatible::{
    postgres,
    sqlx::{self, AssertSqlSafe, Connection as _, PgConnection, PgPool},
};
use lucia_core::{Clock as _, SystemClock};
use test_servers::{Service, ServiceError};

/// Stops when the process exits.
static SERVICE: LazyLock<Result<Service, ServiceError>> = LazyLock::new(test_servers::postgres);

/// Returns the URL of the server of the process.
pub(crate) fn url() -> &'static str {
    SERVICE.as_ref().unwrap_or_else(|error| panic!("{error}")).url()
}

/// An empty schema, which is deleted when this is dropped.
#[derive(Debug)]
pub(crate) struct Scratch {
    /// The URL of the server.
    server: String,
    pub(crate) schema: String,
    pub(crate) pool: PgPool,
}

impl Scratch {
    /// Creates a schema, and a pool of ten connections whose search path begins with it.
    pub(crate) async fn create() -> Self {
        Self::on(url().to_owned()).await
    }

    /// Does the same on the server at a URL.
    pub(crate) async fn on(server: String) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let now = SystemClock.now().get();
        let schema = format!("lucia_{}_{now:x}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        administer(&server, &format!("CREATE SCHEMA {schema}")).await;
        let pool = postgres::connect(&url_of(&server, &schema)).await.unwrap();
        Self { server, schema, pool }
    }

    /// Returns the URL of the schema, with parameters.
    pub(crate) fn url(&self) -> String {
        url_of(&self.server, &self.schema)
    }

    /// Returns the URL of the schema for a pool of Diesel.
    #[allow(dead_code, reason = "not every test uses it")]
    pub(crate) fn diesel_url(&self) -> String {
        let address = self.server.split('?').next().unwrap_or_default();
        format!("{address}?options=-csearch_path%3D{schema}&application_name={schema}", schema = self.schema)
    }
}

impl Drop for Scratch {
    /// Uses a separate thread, because the current one may be a worker of a runtime, or have no runtime.
    fn drop(&mut self) {
        // An open transaction may end only after this, on the runtime of the test.
        let statement = format!(
            "SELECT pg_terminate_backend(l.pid) FROM pg_locks AS l
             JOIN pg_class AS c ON c.oid = l.relation JOIN pg_namespace AS n ON n.oid = c.relnamespace
             WHERE n.nspname = '{schema}' AND l.pid <> pg_backend_pid();
             DROP SCHEMA {schema} CASCADE",
            schema = self.schema
        );
        let server = self.server.clone();
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(administer(&server, &statement));
        });
        assert!(dropping.join().is_ok() || std::thread::panicking(), "the schema could not be dropped");
    }
}

fn url_of(server: &str, schema: &str) -> String {
    let separator = if server.contains('?') { '&' } else { '?' };
    // By its name, the connections to the schema are found.
    format!("{server}{separator}schema={schema}&application_name={schema}")
}

/// Executes a statement on a separate connection.
pub(crate) async fn administer(server: &str, statement: &str) {
    let mut connection = PgConnection::connect_with(&postgres::connect_options(server).unwrap()).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// Checks that the suite can create schemas on the server at a URL.
#[allow(dead_code, reason = "not every test uses it")]
pub(crate) async fn try_out(url: &str) -> Result<(), Box<dyn Error + Send + Sync>> {
    let options = postgres::connect_options(url)?;
    let server = format!("the server at {}:{}", options.get_host(), options.get_port());
    let connected = PgConnection::connect_with(&options).await;
    let mut connection = connected.map_err(|error| format!("no connection to {server}: {error}"))?;
    let created = sqlx::raw_sql("BEGIN; CREATE SCHEMA lucia_try_out; ROLLBACK").execute(&mut connection).await;
    created.map_err(|error| format!("the user may not create schemas on {server}: {error}"))?;
    Ok(connection.close().await?)
}
