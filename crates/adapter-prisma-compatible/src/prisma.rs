/// Marks the pools and connections that this crate implements [`Pool`](crate::Pool) and [`Connection`](crate::Connection) for.
///
/// | feature | pool | connection |
/// |---|---|---|
/// | `sqlite` | `sqlx::SqlitePool` | `sqlx::SqliteConnection` |
/// | `postgres` | `sqlx::PgPool` | `sqlx::PgConnection` |
/// | `mysql` | `sqlx::MySqlPool` | `sqlx::MySqlConnection` |
/// | `diesel-sqlite` | `deadpool::Pool<SyncConnectionWrapper<SqliteConnection>>` | `SyncConnectionWrapper<SqliteConnection>` |
/// | `diesel-postgres` | `deadpool::Pool<AsyncPgConnection>` | `AsyncPgConnection` |
/// | `diesel-mysql` | `deadpool::Pool<AsyncMysqlConnection>` | `AsyncMysqlConnection` |
///
/// A connection of sqlx in a transaction is `&mut *transaction`; `deadpool` is that of `diesel_async::pooled_connection`.
#[derive(Debug)]
pub enum Prisma {}
