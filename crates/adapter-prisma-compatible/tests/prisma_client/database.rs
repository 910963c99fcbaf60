use adapter_prisma_compatible::{PrismaAdapter, PrismaConfig, RusqlitePool, sqlite};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, MySqlPool, PgPool, Row as _, SqlitePool};
use tempfile::TempDir;

use crate::{
    client::Client,
    provider::{Driver, Provider},
    servers,
};

/// A database for one case.
#[derive(Debug)]
pub(crate) struct Database {
    provider: Provider,
    pool: Pool,
    /// The pool of the adapter, if it does not run on sqlx.
    rusqlite: Option<RusqlitePool>,
    url: String,
    _folder: Option<TempDir>,
}

#[derive(Debug)]
enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
    MySql(MySqlPool),
}

/// Evaluates the same expression for each pool.
macro_rules! with {
    ($pool:expr, |$inner:ident| $body:expr) => {
        match $pool {
            Pool::Sqlite($inner) => $body,
            Pool::Postgres($inner) => $body,
            Pool::MySql($inner) => $body,
        }
    };
}

impl Database {
    pub(crate) async fn empty(provider: Provider) -> Self {
        match provider {
            Provider::Sqlite(driver) => {
                let folder = tempfile::tempdir().unwrap();
                let url = format!("file:{}", folder.path().join("test.db").display());
                let options = sqlite::connect_options(&url).unwrap().create_if_missing(true);
                let pool = Pool::Sqlite(sqlite::pool_options().connect_with(options).await.unwrap());
                let rusqlite = match driver {
                    Driver::Rusqlite => Some(RusqlitePool::connect(&url).await.unwrap()),
                    Driver::Sqlx => None,
                };
                Self { provider, pool, rusqlite, url, _folder: Some(folder) }
            }
            Provider::Postgres => {
                let url = servers::postgres().await;
                let pool = Pool::Postgres(PgPool::connect(&url).await.unwrap());
                Self { provider, pool, rusqlite: None, url, _folder: None }
            }
            Provider::MySql => {
                let url = servers::mysql().await;
                let pool = Pool::MySql(MySqlPool::connect(&url).await.unwrap());
                Self { provider, pool, rusqlite: None, url, _folder: None }
            }
        }
    }

    /// Creates a database with the tables that this crate creates.
    pub(crate) async fn with_tables(provider: Provider, config: &PrismaConfig) -> Self {
        let database = Self::empty(provider).await;
        database.create_tables(config).await;
        database
    }

    pub(crate) async fn create_tables(&self, config: &PrismaConfig) {
        match &self.rusqlite {
            Some(pool) => config.create_tables(pool).await.unwrap(),
            None => with!(&self.pool, |pool| config.create_tables(pool).await.unwrap()),
        }
    }

    pub(crate) async fn create_expiry_index(&self, config: &PrismaConfig) {
        match &self.rusqlite {
            Some(pool) => config.create_expiry_index(pool).await.unwrap(),
            None => with!(&self.pool, |pool| config.create_expiry_index(pool).await.unwrap()),
        }
    }

    /// Returns the names of the indexes of a table.
    pub(crate) async fn indexes(&self, table: &str) -> Vec<String> {
        let sql = match self.pool {
            Pool::Sqlite(_) => format!("SELECT name FROM pragma_index_list('{table}')"),
            Pool::Postgres(_) => format!("SELECT indexname::text FROM pg_indexes WHERE tablename = '{table}'"),
            Pool::MySql(_) => format!(
                "SELECT DISTINCT CONVERT(index_name USING utf8mb4) FROM information_schema.statistics \
                 WHERE table_schema = database() AND table_name = '{table}'"
            ),
        };
        self.rows(&sql).await.concat()
    }

    pub(crate) async fn adapter(&self, config: PrismaConfig) -> PrismaAdapter {
        match &self.rusqlite {
            Some(pool) => PrismaAdapter::with_config(pool.clone(), config).await.unwrap(),
            None => with!(&self.pool, |pool| PrismaAdapter::with_config(pool.clone(), config).await.unwrap()),
        }
    }

    pub(crate) fn client(&self) -> Client {
        self.client_with(&json!({}))
    }

    /// Starts a client with additional options of `connect.js`.
    pub(crate) fn client_with(&self, further: &Value) -> Client {
        let mut options = json!({"provider": self.provider.name(), "url": self.url});
        options.as_object_mut().unwrap().extend(further.as_object().unwrap().clone());
        Client::connect(&options)
    }

    /// Executes a script.
    pub(crate) async fn run(&self, script: &str) {
        with!(&self.pool, |pool| drop(sqlx::raw_sql(AssertSqlSafe(script)).execute(pool).await.unwrap()));
    }

    /// Returns rows of text.
    pub(crate) async fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        with!(&self.pool, |pool| {
            let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(pool).await.unwrap();
            rows.iter().map(|row| (0..row.len()).map(|index| row.get(index)).collect()).collect()
        })
    }

    /// Returns every value of every row of a table in a form that shows its bytes, sorted by the column `by`, of rows
    /// in which that column begins with `only`.
    pub(crate) async fn stored(&self, table: &str, by: &str, only: &str) -> Vec<Vec<String>> {
        let columns = match self.pool {
            Pool::Sqlite(_) => format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid"),
            Pool::Postgres(_) => format!(
                "SELECT column_name::text FROM information_schema.columns \
                 WHERE table_schema = 'public' AND table_name = '{table}' ORDER BY ordinal_position"
            ),
            Pool::MySql(_) => format!(
                "SELECT CONVERT(column_name USING utf8mb4) FROM information_schema.columns \
                 WHERE table_schema = database() AND table_name = '{table}' ORDER BY ordinal_position"
            ),
        };
        let shown = |name: &String| match self.pool {
            // quote() ends at the first NUL.
            Pool::Sqlite(_) => format!(
                "'{name}: ' || typeof(\"{name}\") || ' ' || CASE typeof(\"{name}\") \
                 WHEN 'text' THEN hex(\"{name}\") ELSE quote(\"{name}\") END"
            ),
            Pool::Postgres(_) => format!("'{name}: ' || quote_nullable(\"{name}\"::text)"),
            Pool::MySql(_) => {
                format!("CONVERT(CONCAT('{name}: ', IFNULL(HEX(CONCAT(`{name}`)), 'NULL')) USING utf8mb4)")
            }
        };
        let shown: Vec<_> = self.rows(&columns).await.iter().flatten().map(shown).collect();
        let quote = if matches!(self.pool, Pool::MySql(_)) { '`' } else { '"' };
        let (table, by) = (format!("{quote}{table}{quote}"), format!("{quote}{by}{quote}"));
        self.rows(&format!("SELECT {} FROM {table} WHERE {by} LIKE '{only}%' ORDER BY {by}", shown.join(", "))).await
    }
}
