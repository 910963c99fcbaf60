//! A lock at which statements stop halfway.

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, MySqlConnection, MySqlPool};

use crate::{
    server,
    support::{Scratch, driver, options_of, run},
};

/// The isolation levels of a pool. The last one is the default of MariaDB 11.6.
pub(crate) const ISOLATIONS: [&str; 4] = [
    "READ COMMITTED",
    "REPEATABLE READ",
    "SERIALIZABLE",
    "REPEATABLE READ /*M!101108 , SESSION innodb_snapshot_isolation = ON */",
];

/// Opens a pool with an isolation level.
pub(crate) async fn isolated(scratch: &Scratch, isolation: &str) -> MySqlPool {
    let mode = "SET SESSION sql_mode = CONCAT(@@SESSION.sql_mode, ',STRICT_TRANS_TABLES')";
    let (level, more) = isolation.split_at(isolation.find(" /*").unwrap_or(isolation.len()));
    let settings = format!("{mode}{more}; SET SESSION TRANSACTION ISOLATION LEVEL {level}");
    let options = driver::pool_options().after_connect(move |connection, _| {
        let settings = settings.clone();
        Box::pin(async move { connection.execute(sqlx::raw_sql(AssertSqlSafe(settings))).await.map(drop) })
    });
    options.connect_with(options_of(scratch)).await.unwrap()
}

pub(crate) struct Gate {
    holder: MySqlConnection,
    name: String,
}

impl Gate {
    /// Stops inserts of rows of users, after they have read the user.
    pub(crate) async fn before_inserts(scratch: &Scratch) -> Self {
        Self::create(scratch, &["Session", "Key", "Token"].map(|table| format!("BEFORE INSERT ON `{table}`"))).await
    }

    /// Stops deletions in a table, after they have locked a row.
    pub(crate) async fn before_deletions(scratch: &Scratch, table: &str) -> Self {
        Self::create(scratch, &[format!("BEFORE DELETE ON `{table}`")]).await
    }

    async fn create(scratch: &Scratch, events: &[String]) -> Self {
        let name = scratch.name.clone();
        for (index, event) in events.iter().enumerate() {
            let pass = format!("SET @passed = GET_LOCK('{name}', 60) + RELEASE_LOCK('{name}')");
            run(&scratch.pool, &format!("CREATE TRIGGER gate_{index} {event} FOR EACH ROW {pass}")).await;
        }
        Self { holder: MySqlConnection::connect_with(&server::options()).await.unwrap(), name }
    }

    pub(crate) async fn close(&mut self) {
        self.run("SELECT GET_LOCK(?, 60)").await;
    }

    pub(crate) async fn open(&mut self) {
        self.run("SELECT RELEASE_LOCK(?)").await;
    }

    async fn run(&mut self, sql: &'static str) {
        sqlx::query(sql).bind(&self.name).execute(&mut self.holder).await.unwrap();
    }
}
