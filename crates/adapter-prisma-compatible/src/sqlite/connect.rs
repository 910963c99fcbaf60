use lucia_sql::driver::Backoff;
use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions},
};

use super::{connection::end_transactions, failure::is_locked};
use crate::{
    timer::TokioTimer,
    url::{InvalidUrl, PoolSize, SqliteMode as Mode, SqliteUrl},
};

/// Disables memory mapping: if a mapped file is truncated, the operating system ends the process with SIGBUS.
const MAPPED_BYTES: &str = "0";

/// Opens a connection pool with the settings of [`connect_options`] and [`pool_options`].
///
/// The parameter `connection_limit` of the URL sets the size of the pool. `pool_timeout` sets the number of seconds for
/// which a call waits for a connection; 0 means no limit. A database in memory gets a single connection that stays
/// open, because the database exists only as long as the connection.
///
/// ```
/// use adapter_prisma_compatible::sqlite;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), sqlx::Error> {
/// # use adapter_prisma_compatible::sqlx;
/// let pool = sqlite::connect("sqlite::memory:").await?;
/// # pool.close().await; Ok(()) }
/// ```
///
/// # Errors
/// Returns [`sqlx::Error::Configuration`] with an [`InvalidUrl`](crate::InvalidUrl) if the URL is invalid, and the
/// error of sqlx if the database cannot be opened. A file that does not exist is only created with `?mode=rwc`.
pub async fn connect(url: &str) -> Result<SqlitePool, sqlx::Error> {
    let Parsed { options, size, is_in_memory } = parse(url)?;
    let mut pool = size.apply(pool_options());
    if is_in_memory {
        pool = pool.max_connections(1).min_connections(1).idle_timeout(None).max_lifetime(None);
    }
    // The first change to WAL needs a lock that SQLite does not wait for.
    let mut backoff = Backoff::new(&TokioTimer);
    loop {
        match pool.clone().connect_with(options.clone()).await {
            Err(error) if is_locked(&error) && backoff.pause().await => {}
            connected => return connected,
        }
    }
}

/// Returns the connection settings of a URL for sqlx (`sqlite://dev.db`) or Prisma (`file:./dev.db`), with foreign
/// keys, a write-ahead log, a busy timeout of 5 s, and without memory mapping.
///
/// `connect_options(url)?.pragma("mmap_size", "268435456")` maps 256 MiB of the file into memory. Do this only if
/// nothing can truncate the file while the process runs, because the operating system would then end the process.
///
/// A relative path is relative to the working directory, as with Prisma's driver adapters.
///
/// | parameter | meaning |
/// |---|---|
/// | `mode` | `ro`, `rw`, `rwc` or `memory` |
/// | `cache`, `immutable`, `vfs` | as in sqlx |
/// | `socket_timeout` | the busy timeout, in seconds |
/// | `connection_limit`, `pool_timeout` | used by [`connect`] only |
/// | `connect_timeout`, `schema` | no effect |
///
/// Any other parameter is an error.
///
/// ```
/// use adapter_prisma_compatible::sqlite;
///
/// let options = sqlite::connect_options("file:./dev.db?connection_limit=1")?.create_if_missing(true);
/// # Ok::<(), adapter_prisma_compatible::sqlx::Error>(())
/// ```
///
/// # Errors
/// Returns [`sqlx::Error::Configuration`] with an [`InvalidUrl`](crate::InvalidUrl) if the URL is invalid.
pub fn connect_options(url: &str) -> Result<SqliteConnectOptions, sqlx::Error> {
    Ok(parse(url)?.options)
}

/// Returns pool settings with sqlx's default number of connections, and without its ping before each statement, which
/// costs a second round trip. `after_release` ends a transaction that SQLite has rolled back by itself, because sqlx
/// 0.9.0 does not notice that, and would begin no other one.
#[must_use]
pub fn pool_options() -> SqlitePoolOptions {
    SqlitePoolOptions::new().test_before_acquire(false).after_release(|connection, _| {
        Box::pin(async {
            end_transactions(connection).await;
            Ok(true)
        })
    })
}

/// The settings of a URL.
struct Parsed {
    options: SqliteConnectOptions,
    size: PoolSize,
    is_in_memory: bool,
}

fn parse(url: &str) -> Result<Parsed, InvalidUrl> {
    let url = SqliteUrl::parse(url)?;
    let (is_in_memory, is_read_only) = (url.is_in_memory(), url.is_read_only());
    // sqlx decodes the path, and ends it at the first question mark.
    let path = url.path.replace('%', "%25").replace('?', "%3F");
    let options = format!("sqlite://{path}").parse::<SqliteConnectOptions>();
    let mut options = options.map_err(|_| SqliteUrl::invalid("it is not the name of a file"))?;
    match url.mode {
        Mode::ReadOnly => options = options.read_only(true),
        Mode::Create => options = options.create_if_missing(true),
        Mode::Memory => options = options.in_memory(true).shared_cache(true),
        Mode::ReadWrite => {}
    }
    if let Some(shared) = url.shared_cache {
        options = options.shared_cache(shared);
    }
    if let Some(immutable) = url.immutable {
        options = options.immutable(immutable);
    }
    if let Some(vfs) = url.vfs {
        options = options.vfs(vfs);
    }
    options = options.foreign_keys(true).busy_timeout(url.busy_timeout).pragma("mmap_size", MAPPED_BYTES);
    // The journal mode of a read-only file cannot be changed.
    if !is_read_only {
        options = options.journal_mode(SqliteJournalMode::Wal);
    }
    Ok(Parsed { options, size: url.size, is_in_memory })
}
