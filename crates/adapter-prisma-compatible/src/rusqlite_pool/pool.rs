use std::{fmt, slice, sync::Arc};

use lucia_sql::driver::{Backoff, DriverError, Query, Row};
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::{
    OpenError, blocking::run_blocking, call::Written, failure::is_locked, readers::Readers, settings::Settings,
    write_connection::WriteConnection, writer::Writer,
};
use crate::timer::TokioTimer;

/// A SQLite database: connections that read in the caller's thread, and one that writes, in a thread of its own.
///
/// A look-up takes a few microseconds, which is less than the way to another thread and back. Reads that have to wait
/// for a lock or take longer than about a millisecond go to a thread of tokio that may block. Writes that wait for the
/// writer are committed together.
///
/// Clones share the connections. They are closed after the last clone is dropped, or by [`close`](Self::close), which
/// waits for it. The methods need a runtime of tokio with its time driver.
///
/// ```
/// use adapter_prisma_compatible::{PrismaAdapter, PrismaConfig, RusqlitePool, rusqlite};
/// use lucia_core::{UserAdapter, UserSchema};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let pool = RusqlitePool::connect("sqlite::memory:").await?;
/// PrismaConfig::default().create_tables(&pool).await?;
/// let adapter = PrismaAdapter::new(pool.clone()).await?;
/// adapter.set_user(&UserSchema::new("u1"), None).await?;
///
/// let count = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
/// let users = pool.read(move |connection| connection.query_row("SELECT count(*) FROM User", (), count)).await?;
/// assert_eq!(users, 1);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct RusqlitePool(Arc<Inner>);

struct Inner {
    path: String,
    /// `None` for a database in memory, which has one connection.
    readers: Option<Arc<Readers>>,
    writer: Writer,
}

impl RusqlitePool {
    /// Opens a database by its URL: that of sqlx (`sqlite://dev.db`) or Prisma (`file:./dev.db`), with foreign keys, a
    /// write-ahead log, a busy timeout of 5 s, and without memory mapping.
    ///
    /// | parameter | meaning |
    /// |---|---|
    /// | `mode` | `ro`, `rw`, `rwc` or `memory` |
    /// | `immutable`, `vfs` | as in SQLite |
    /// | `socket_timeout` | the busy timeout, in seconds |
    /// | `connection_limit` | the number of connections that read. Defaults to twice the number of processors |
    /// | `pool_timeout` | the number of seconds for which a read waits for a connection. Defaults to 30 |
    /// | `connect_timeout`, `schema` | no effect |
    ///
    /// # Errors
    /// Returns an [`OpenError`]. A file that does not exist is only created with `?mode=rwc`.
    pub async fn connect(url: &str) -> Result<Self, OpenError> {
        Self::connect_with(url, |_| Ok(())).await
    }

    /// Opens a database as [`connect`](Self::connect) does, and calls a function with each connection before its first
    /// use, for settings (`PRAGMA`) and functions of the application. A connection on which a transaction or statement
    /// cannot be ended is replaced by another one.
    ///
    /// Some settings are the pool's own, and replace those of the function: the busy timeout, which `socket_timeout`
    /// sets, and for connections that read, `query_only` and the progress handler.
    ///
    /// # Errors
    /// Returns an [`OpenError`].
    pub async fn connect_with(
        url: &str,
        setup: impl Fn(&Connection) -> rusqlite::Result<()> + Send + Sync + 'static,
    ) -> Result<Self, OpenError> {
        let settings = Settings::new(url, setup)?;
        let writer = Writer::start(WriteConnection::new(settings.clone(), open(&settings).await?));
        let writer = writer.map_err(OpenError::Thread)?;
        let path = settings.path().to_owned();
        let readers = (!settings.is_in_memory()).then(|| Readers::new(settings));
        Ok(Self(Arc::new(Inner { path, readers, writer })))
    }

    /// Runs a function that reads, in a thread that may block. `PRAGMA query_only` rejects writes, except in a database
    /// in memory. A transaction that the function leaves open is rolled back. If it cannot be, or a statement is still
    /// running, the connection is closed.
    ///
    /// # Errors
    /// Returns the function's error, that of SQLite if a connection cannot be opened, or one with
    /// [`NoConnection`](crate::NoConnection) as its source.
    ///
    /// # Panics
    /// Panics if the function does.
    pub async fn read<T, F>(&self, run: F) -> rusqlite::Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        match &self.0.readers {
            Some(readers) => readers.call(run).await,
            None => self.0.writer.run(|connection| run(connection)).await?,
        }
    }

    /// Runs a function in a transaction, and commits it if the function succeeds. Writes of the adapters wait in the
    /// meantime.
    ///
    /// If the returned future is dropped, the function is still run and committed, unless it was not yet queued.
    ///
    /// The function must not wait for another call to this pool or its adapters: that call waits for the writer, which
    /// waits for the function.
    ///
    /// The methods of adapters that take a connection, such as
    /// [`set_user_in`](crate::PrismaAdapter::set_user_in), never wait for anything, so the function may block on them:
    ///
    /// ```
    /// # use adapter_prisma_compatible::{PrismaAdapter, PrismaConfig, RusqlitePool, rusqlite};
    /// # use lucia_core::{UserAdapter as _, UserSchema};
    /// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let file = folder.path().join("app.db");
    /// # let pool = RusqlitePool::connect(&format!("file:{}?mode=rwc", file.display())).await?;
    /// # PrismaConfig::default().create_tables(&pool).await?;
    /// # pool.write(|transaction| transaction.execute_batch("CREATE TABLE cart (user_id TEXT)")).await?;
    /// # let adapter = PrismaAdapter::new(pool.clone()).await?;
    /// let runtime = tokio::runtime::Handle::current();
    /// let writing = adapter.clone();
    /// pool.write(move |transaction| {
    ///     runtime.block_on(writing.set_user_in(transaction, &UserSchema::new("u1"), None))?;
    ///     transaction.execute("INSERT INTO cart VALUES ('u1')", ())?;
    ///     Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
    /// })
    /// .await
    /// .map_err(|error| error.to_string())?;
    /// assert!(adapter.get_user(&"u1".into()).await?.is_some());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Returns the function's error, that of SQLite if the transaction cannot be begun or committed, or one with
    /// [`NoConnection`](crate::NoConnection) as its source.
    ///
    /// # Panics
    /// Panics if the function does. Its transaction is rolled back.
    pub async fn write<T, E, F>(&self, run: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<rusqlite::Error> + Send + 'static,
        F: FnOnce(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
    {
        let committed = self.0.writer.run(|connection| {
            let mut transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = run(&mut transaction)?;
            transaction.commit()?;
            Ok(value)
        });
        committed.await.map_err(rusqlite::Error::from)?
    }

    /// Waits for the calls that run, and closes all connections. Further calls fail.
    pub async fn close(&self) {
        self.0.writer.close().await;
        if let Some(readers) = &self.0.readers {
            readers.close().await;
        }
    }

    pub(super) fn path(&self) -> &str {
        &self.0.path
    }

    /// Runs a query of the adapter, and returns at most this many rows.
    pub(super) async fn fetch(&self, query: &Query, limit: usize) -> Result<Vec<Row>, DriverError> {
        match &self.0.readers {
            Some(readers) => readers.fetch(query, limit).await,
            None => Ok(self.run(slice::from_ref(query)).await?.rows),
        }
    }

    /// Runs statements of the adapter in one transaction.
    pub(super) async fn run(&self, queries: &[Query]) -> Result<Written, DriverError> {
        self.0.writer.write(queries.to_vec()).await
    }
}

/// Opens the connection that writes.
async fn open(settings: &Settings) -> rusqlite::Result<Connection> {
    // The first change to WAL needs a lock that SQLite does not wait for.
    let mut backoff = Backoff::new(&TokioTimer);
    loop {
        let settings = settings.clone();
        match run_blocking(move || settings.open_writer()).await? {
            Err(error) if is_locked(&error) && backoff.pause().await => {}
            opened => return opened,
        }
    }
}

impl fmt::Debug for RusqlitePool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RusqlitePool").field("path", &self.0.path).finish_non_exhaustive()
    }
}
