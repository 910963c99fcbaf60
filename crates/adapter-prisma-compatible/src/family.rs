use lucia_sql::driver::{Family, Timer};

use crate::timer::TokioTimer;

/// The pools and connections that a [`PrismaAdapter`](crate::PrismaAdapter) accepts.
///
/// | feature | pool | connection |
/// |---|---|---|
/// | `rusqlite` | `RusqlitePool` | `rusqlite::Transaction`, `rusqlite::Savepoint`, `rusqlite::Connection` |
/// | `sqlite` | `sqlx::SqlitePool` | `sqlx::SqliteConnection` |
/// | `postgres` | `sqlx::PgPool` | `sqlx::PgConnection` |
/// | `mysql` | `sqlx::MySqlPool` | `sqlx::MySqlConnection` |
/// | `diesel-sqlite` | `deadpool::Pool<SyncConnectionWrapper<SqliteConnection>>` | `SyncConnectionWrapper<SqliteConnection>` |
/// | `diesel-postgres` | `deadpool::Pool<AsyncPgConnection>` | `AsyncPgConnection` |
/// | `diesel-mysql` | `deadpool::Pool<AsyncMysqlConnection>` | `AsyncMysqlConnection` |
///
/// For a transaction of sqlx, pass `&mut *transaction`; one of rusqlite is begun by `RusqlitePool::write`. `deadpool` is
/// the module of `diesel_async::pooled_connection`.
#[derive(Debug)]
pub enum Prisma {}

impl Family for Prisma {
    const NAME: &'static str = "Prisma";
    const TIMER: &'static dyn Timer = &TokioTimer;
}
