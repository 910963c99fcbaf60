use adapter_prisma_compatible::{PrismaAdapter, PrismaConfig};
use serde_json::{Value, json};

use crate::{client::Client, provider::Provider};

use adapter_prisma_compatible::sqlite;
use sqlx::{AssertSqlSafe, Row as _};

/// A new database. It goes with this.
#[derive(Debug)]
pub(crate) enum Database {
    Sqlite { pool: sqlx::SqlitePool, url: String, _folder: tempfile::TempDir },
}

impl Database {
    pub(crate) async fn empty(provider: Provider) -> Self {
        match provider {
            Provider::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let url = format!("file:{}", folder.path().join("test.db").display());
                let options = sqlite::connect_options(&url).unwrap().create_if_missing(true);
                let pool = sqlite::pool_options().connect_with(options).await.unwrap();
                Self::Sqlite { pool, url, _folder: folder }
            }
        }
    }

    /// With the tables that this crate makes.
    pub(crate) async fn with_tables(provider: Provider, config: &PrismaConfig) -> Self {
        let database = Self::empty(provider).await;
        database.create_tables(config).await;
        database
    }

    pub(crate) async fn create_tables(&self, config: &PrismaConfig) {
        match self {
            Self::Sqlite { pool, .. } => config.create_tables(pool).await.unwrap(),
        }
    }

    pub(crate) async fn adapter(&self, config: PrismaConfig) -> PrismaAdapter {
        match self {
            Self::Sqlite { pool, .. } => PrismaAdapter::with_config(pool.clone(), config).await.unwrap(),
        }
    }

    pub(crate) fn client(&self) -> Client {
        self.client_with(&json!({}))
    }

    /// A client with further options of `connect.js`.
    pub(crate) fn client_with(&self, further: &Value) -> Client {
        let (provider, url) = match self {
            Self::Sqlite { url, .. } => ("sqlite", url),
        };
        let mut options = json!({"provider": provider, "url": url});
        options.as_object_mut().unwrap().extend(further.as_object().unwrap().clone());
        Client::connect(&options)
    }

    /// Runs a script.
    pub(crate) async fn run(&self, script: &str) {
        match self {
            Self::Sqlite { pool, .. } => drop(sqlx::raw_sql(AssertSqlSafe(script)).execute(pool).await.unwrap()),
        }
    }

    /// Every value of every row of a table, in the order of the column `by`, in a form that shows its bytes; `only` those
    /// that begin with this in that column.
    pub(crate) async fn stored(&self, table: &str, by: &str, only: &str) -> Vec<Vec<String>> {
        match self {
            Self::Sqlite { pool, .. } => {
                let columns: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info(?1) ORDER BY cid")
                    .bind(table)
                    .fetch_all(pool)
                    .await
                    .unwrap();
                // quote() ends at the first NUL.
                let shown: Vec<_> = columns
                    .iter()
                    .map(|name| {
                        let blob = format!("quote(CAST(\"{name}\" AS BLOB))");
                        format!(
                            "'{name}: ' || typeof(\"{name}\") || ' ' || \
                             CASE typeof(\"{name}\") WHEN 'text' THEN {blob} ELSE quote(\"{name}\") END"
                        )
                    })
                    .collect();
                let sql = format!(
                    "SELECT {} FROM \"{table}\" WHERE \"{by}\" GLOB '{only}*' ORDER BY \"{by}\"",
                    shown.join(", ")
                );
                let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(pool).await.unwrap();
                rows.iter().map(|row| (0..row.len()).map(|index| row.get(index)).collect()).collect()
            }
        }
    }
}
