//! SQLite on rusqlite. The tests look into the file with sqlx, as another program.

#[path = "../support/database.rs"]
mod database;
#[path = "../support/samples.rs"]
mod samples;
#[path = "../support/sqlite.rs"]
mod sqlite;

use std::{
    future::{Ready, ready},
    ops::{Deref, DerefMut},
};

use adapter_prisma_compatible::{
    Prisma, RusqlitePool,
    rusqlite::{Connection, Error, ErrorCode, Result},
    sqlx::SqlitePool,
};
use lucia_core::AdapterError;

pub(crate) use self::{database::*, samples::*, sqlite::*};

/// The driver's own error.
pub(crate) type NativeError = Error;

/// A pool of rusqlite, and one of sqlx for the same file.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    pub(crate) rusqlite: RusqlitePool,
    sqlx: SqlitePool,
    file: String,
}

impl Deref for Pool {
    type Target = SqlitePool;

    fn deref(&self) -> &SqlitePool {
        &self.sqlx
    }
}

impl adapter_prisma_compatible::Pool<Prisma> for Pool {
    fn driver(&self) -> Box<dyn lucia_sql::driver::Driver> {
        self.rusqlite.driver()
    }
}

impl Pool {
    /// Opens a connection of the application.
    pub(crate) fn acquire(&self) -> Ready<Result<Held>> {
        ready(Connection::open(&self.file).map(Held))
    }

    /// Opens a connection of the application, and begins a transaction.
    pub(crate) fn begin(&self) -> Ready<Result<Held>> {
        let connection = Connection::open(&self.file);
        ready(connection.and_then(|connection| connection.execute_batch("BEGIN").map(|()| Held(connection))))
    }
}

/// A connection of the application, with the methods of a transaction of sqlx.
#[derive(Debug)]
pub(crate) struct Held(Connection);

impl Held {
    pub(crate) fn commit(self) -> Ready<Result<()>> {
        ready(self.0.execute_batch("COMMIT"))
    }

    pub(crate) fn rollback(self) -> Ready<Result<()>> {
        ready(self.0.execute_batch("ROLLBACK"))
    }
}

impl Deref for Held {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.0
    }
}

impl DerefMut for Held {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.0
    }
}

async fn connect(url: &str) -> Pool {
    connect_with(url, true).await
}

async fn connect_with(url: &str, foreign_keys: bool) -> Pool {
    let set = move |connection: &Connection| connection.pragma_update(None, "foreign_keys", foreign_keys);
    let rusqlite = RusqlitePool::connect_with(url, set).await.unwrap();
    let options = adapter_prisma_compatible::sqlite::connect_options(url).unwrap().foreign_keys(foreign_keys);
    let file = options.get_filename().to_str().unwrap().to_owned();
    let sqlx = adapter_prisma_compatible::sqlite::pool_options().connect_with(options).await.unwrap();
    Pool { rusqlite, sqlx, file }
}

/// Opens another pool, which has a single connection that reads.
pub(crate) async fn single(scratch: &Scratch) -> Pool {
    connect(&format!("{}?connection_limit=1", url_of(scratch))).await
}

/// Runs a statement on a connection of the application.
pub(crate) async fn execute(connection: &mut Connection, sql: &str) {
    ready(connection.execute_batch(sql)).await.unwrap();
}

/// Runs a statement on the connection of this pool with which the adapter writes.
pub(crate) async fn run_on(pool: &Pool, sql: &str) {
    let sql = sql.to_owned();
    pool.rusqlite.write(move |transaction| transaction.execute_batch(&sql)).await.unwrap();
}

pub(crate) fn is_unique_violation(error: &AdapterError) -> bool {
    let error = error.downcast_ref::<NativeError>().and_then(NativeError::sqlite_error_code);
    error == Some(ErrorCode::ConstraintViolation)
}

/// Creates tables whose foreign keys are not enforced.
pub(crate) async fn without_foreign_keys() -> Database {
    let mut scratch = Scratch::create().await;
    config().create_tables(&scratch.pool).await.unwrap();
    scratch.pool = connect_with(&url_of(&scratch), false).await;
    Database::on(scratch, config()).await
}
