/// A marker of the pools and connections for which this crate implements [`Pool`](crate::Pool) and
/// [`Connection`](crate::Connection).
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
/// For a transaction of sqlx, pass `&mut *transaction`. `deadpool` is the module of `diesel_async::pooled_connection`.
#[derive(Debug)]
pub enum Prisma {}
