use std::{fmt, sync::Arc, time::Duration};

use rusqlite::{Connection, OpenFlags, Result};

use super::{NoConnection, statement::settle};
use crate::url::{InvalidUrl, SqliteMode, SqliteUrl};

/// Prepared statements per connection: more than an adapter has.
const STATEMENTS: usize = 128;

type Setup = dyn Fn(&Connection) -> Result<()> + Send + Sync;

/// The settings of the connections of a pool.
#[derive(Clone)]
pub(super) struct Settings {
    url: SqliteUrl,
    setup: Arc<Setup>,
}

impl Settings {
    pub(super) fn new(
        url: &str,
        setup: impl Fn(&Connection) -> Result<()> + Send + Sync + 'static,
    ) -> std::result::Result<Self, InvalidUrl> {
        let url = SqliteUrl::parse(url)?;
        if url.shared_cache == Some(true) {
            return Err(SqliteUrl::invalid("`cache=shared` is not supported, because it makes readers wait"));
        }
        Ok(Self { url, setup: Arc::new(setup) })
    }

    /// Returns the settings of connections that do not create the file. An empty one would hide that it is gone.
    pub(super) fn of_existing_file(mut self) -> Self {
        if self.url.mode == SqliteMode::Create {
            self.url.mode = SqliteMode::ReadWrite;
        }
        self
    }

    pub(super) fn path(&self) -> &str {
        &self.url.path
    }

    pub(super) fn is_in_memory(&self) -> bool {
        self.url.is_in_memory()
    }

    /// Returns the largest number of read connections.
    pub(super) fn max_readers(&self) -> usize {
        match self.url.size.connections {
            Some(connections) => usize::try_from(connections).unwrap_or(usize::MAX),
            None => std::thread::available_parallelism().map_or(4, |threads| 2 * threads.get()),
        }
    }

    /// Returns how long a call waits for a read connection.
    pub(super) fn pool_timeout(&self) -> Duration {
        self.url.size.timeout.unwrap_or(Duration::from_secs(30))
    }

    pub(super) fn busy_timeout(&self) -> Duration {
        self.url.busy_timeout
    }

    /// Opens the connection that writes, or a database in memory.
    pub(super) fn open_writer(&self) -> Result<Connection> {
        let flag = match self.url.mode {
            SqliteMode::ReadOnly => OpenFlags::SQLITE_OPEN_READ_ONLY,
            SqliteMode::ReadWrite => OpenFlags::SQLITE_OPEN_READ_WRITE,
            SqliteMode::Create | SqliteMode::Memory => {
                OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
            }
        };
        let connection = self.open(flag)?;
        // The journal mode of a read-only file cannot be changed.
        if !self.url.is_read_only() {
            connection.pragma_update(None, "journal_mode", "WAL")?;
        }
        self.set_up(&connection)?;
        // The application may have set another one.
        connection.busy_timeout(self.busy_timeout())?;
        Ok(connection)
    }

    /// Opens a connection that only reads.
    pub(super) fn open_reader(&self) -> Result<Connection> {
        let is_read_only = self.url.is_read_only();
        let connection =
            self.open(if is_read_only { OpenFlags::SQLITE_OPEN_READ_ONLY } else { OpenFlags::SQLITE_OPEN_READ_WRITE })?;
        self.set_up(&connection)?;
        connection.pragma_update(None, "query_only", true)?;
        Ok(connection)
    }

    fn open(&self, flag: OpenFlags) -> Result<Connection> {
        let flags = flag | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        let connection = match &self.url.vfs {
            _ if self.is_in_memory() => Connection::open_in_memory_with_flags(flags)?,
            None => Connection::open_with_flags(self.uri(), flags)?,
            Some(vfs) => Connection::open_with_flags_and_vfs(self.uri(), flags, vfs.as_str())?,
        };
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.busy_timeout(self.busy_timeout())?;
        connection.pragma_update(None, "foreign_keys", true)?;
        // If a mapped file is truncated, the operating system ends the process with SIGBUS.
        connection.pragma_update(None, "mmap_size", 0)?;
        Ok(connection)
    }

    /// Runs the function of the application, and ends what it leaves.
    fn set_up(&self, connection: &Connection) -> Result<()> {
        (self.setup)(connection)?;
        if settle(connection) { Ok(()) } else { Err(NoConnection::Unfinished.into()) }
    }

    /// Returns the URI of the file for SQLite, in which some characters have a meaning.
    fn uri(&self) -> String {
        let path = self.path().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
        // A path that begins with two slashes would begin with the name of a host.
        let authority = if path.starts_with('/') { "//" } else { "" };
        let parameters = if self.url.immutable == Some(true) { "?immutable=1" } else { "" };
        format!("file:{authority}{path}{parameters}")
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.url.fmt(f)
    }
}
