//! The servers of all cases. Each case has a separate database, which is dropped at the end.

use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::{AssertSqlSafe, Connection as _, MySqlConnection, PgConnection};
use test_servers::Service;
use tokio::sync::Mutex;

static POSTGRES: Mutex<Option<Service>> = Mutex::const_new(None);
static MYSQL: Mutex<Option<Service>> = Mutex::const_new(None);
static MADE: Mutex<Vec<String>> = Mutex::const_new(Vec::new());
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Creates a database, and returns its URL.
pub(crate) async fn postgres() -> String {
    let mut service = POSTGRES.lock().await;
    let url = service.get_or_insert_with(|| test_servers::postgres().unwrap()).url();
    let name = new_name().await;
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut connection).await.unwrap();
    at(url, &name)
}

/// Creates a database, and returns its URL.
pub(crate) async fn mysql() -> String {
    let mut service = MYSQL.lock().await;
    let url = service.get_or_insert_with(|| test_servers::mysql().unwrap()).url();
    let name = new_name().await;
    let mut connection = MySqlConnection::connect(url).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut connection).await.unwrap();
    at(url, &name)
}

/// Drops the databases and stops the servers.
pub(crate) async fn end() {
    let names = std::mem::take(&mut *MADE.lock().await);
    if let Some(service) = POSTGRES.lock().await.take() {
        let mut connection = PgConnection::connect(service.url()).await.unwrap();
        for name in &names {
            let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut connection).await.unwrap();
        }
    }
    if let Some(service) = MYSQL.lock().await.take() {
        let mut connection = MySqlConnection::connect(service.url()).await.unwrap();
        for name in &names {
            let drop = format!("DROP DATABASE IF EXISTS {name}");
            sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut connection).await.unwrap();
        }
    }
}

async fn new_name() -> String {
    let name = format!("prisma_client_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    MADE.lock().await.push(name.clone());
    name
}

/// Returns the URL with another database.
fn at(url: &str, database: &str) -> String {
    let (path, query) = url.split_once('?').map_or((url, None), |(path, query)| (path, Some(query)));
    let (server, _) = path.rsplit_once('/').unwrap();
    query.map_or_else(|| format!("{server}/{database}"), |query| format!("{server}/{database}?{query}"))
}
