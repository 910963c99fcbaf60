use std::{fmt::Write as _, str::FromStr, time::Duration};

use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions},
};

use super::is_locked;
use crate::driver::Attempts;

/// How long SQLite waits for another writer before it refuses.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Nothing is mapped: where a mapped file is truncated, the operating system ends the process with SIGBUS.
const MAPPED_BYTES: &str = "0";

/// Why a url is not one of a SQLite database. It does not repeat the url.
#[derive(Debug, thiserror::Error)]
#[error("not the url of a SQLite database: {reason}")]
pub struct InvalidUrl {
    reason: &'static str,
}

/// Opens a pool: [`connect_options`] with [`pool_options`].
///
/// `connection_limit`, where the url has one, is the size of the pool. A database in memory gets a single connection that
/// stays open, because it lives as long as that.
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
/// [`sqlx::Error::Configuration`] for a url that is not one of SQLite, and what opening the database fails of: a file that
/// is not there is not created, unless the url says `?mode=rwc`.
pub async fn connect(url: &str) -> Result<SqlitePool, sqlx::Error> {
    let parsed = Url::parse(url).map_err(configuration)?;
    let mut pool = pool_options();
    if let Some(limit) = parsed.connection_limit {
        pool = pool.max_connections(limit);
    }
    if parsed.in_memory {
        pool = pool.max_connections(1).min_connections(1).idle_timeout(None).max_lifetime(None);
    }
    let options = connect_options(url)?;
    // The first change to WAL needs a lock that SQLite does not wait for.
    let mut attempts = Attempts::default();
    loop {
        match pool.clone().connect_with(options.clone()).await {
            Err(error) if attempts.may_repeat(is_locked(&error)).await => {}
            connected => return connected,
        }
    }
}

/// Connection settings for a url of sqlx (`sqlite://dev.db`) or Prisma (`file:./dev.db`): foreign keys on, write-ahead
/// log, a busy timeout of five seconds, and no part of the file mapped into memory.
///
/// `connect_options(url)?.pragma("mmap_size", "268435456")` maps 256 MiB of the file. Do that only where nothing can truncate the
/// file while the process runs: the operating system then ends the process.
///
/// A relative path is relative to the working directory, as it is for Prisma's driver adapters. Of Prisma's own url
/// parameters, `socket_timeout` (in seconds) becomes the busy timeout; `connection_limit`, `pool_timeout` and `schema` are
/// left to the pool or have no meaning here. Any other that sqlx does not know is an error.
///
/// ```
/// use adapter_prisma_compatible::sqlite;
///
/// let options = sqlite::connect_options("file:./dev.db?connection_limit=1")?.create_if_missing(true);
/// # Ok::<(), adapter_prisma_compatible::sqlx::Error>(())
/// ```
///
/// # Errors
/// [`sqlx::Error::Configuration`].
pub fn connect_options(url: &str) -> Result<SqliteConnectOptions, sqlx::Error> {
    let url = Url::parse(url).map_err(configuration)?;
    let options = SqliteConnectOptions::from_str(&url.for_sqlx)?;
    let options = options.foreign_keys(true).busy_timeout(url.busy_timeout).pragma("mmap_size", MAPPED_BYTES);
    // A read-only file cannot be changed to another journal.
    Ok(if url.read_only { options } else { options.journal_mode(SqliteJournalMode::Wal) })
}

/// Pool settings: as many connections as sqlx opens, without its ping before each statement, which is a second round trip.
#[must_use]
pub fn pool_options() -> SqlitePoolOptions {
    SqlitePoolOptions::new().test_before_acquire(false)
}

fn configuration(error: InvalidUrl) -> sqlx::Error {
    sqlx::Error::Configuration(Box::new(error))
}

/// A url, and what is read from it that sqlx would refuse.
#[derive(Debug)]
struct Url {
    for_sqlx: String,
    busy_timeout: Duration,
    connection_limit: Option<u32>,
    in_memory: bool,
    read_only: bool,
}

impl Url {
    fn parse(url: &str) -> Result<Self, InvalidUrl> {
        let invalid = |reason| Err(InvalidUrl { reason });
        let (address, parameters) = url.split_once('?').unwrap_or((url, ""));
        let path = match address.split_once(':') {
            Some(("sqlite", path)) => path.strip_prefix("//").unwrap_or(path).to_owned(),
            // sqlx decodes percent signs in a path, and Prisma does not.
            Some(("file", path)) => path.replace('%', "%25"),
            Some(("prisma" | "prisma+postgres", _)) => {
                return invalid("it is one of Prisma Accelerate; give the database's own");
            }
            _ => return invalid("it must begin with `sqlite:` or `file:`"),
        };
        if path.is_empty() {
            return invalid("it names no file");
        }
        let mut parsed = Self {
            in_memory: path == ":memory:",
            for_sqlx: format!("sqlite://{path}"),
            busy_timeout: BUSY_TIMEOUT,
            connection_limit: None,
            read_only: false,
        };
        let mut separator = '?';
        for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            match (name, value.parse::<u32>()) {
                ("pool_timeout" | "schema", _) => continue,
                ("connection_limit", Ok(limit @ 1..)) => parsed.connection_limit = Some(limit),
                ("socket_timeout", Ok(seconds)) => parsed.busy_timeout = Duration::from_secs(seconds.into()),
                ("connection_limit" | "socket_timeout", _) => return invalid("a parameter is not a number"),
                _ => {
                    parsed.in_memory |= parameter == "mode=memory";
                    parsed.read_only |= parameter == "mode=ro" || name == "immutable";
                    let _ = write!(parsed.for_sqlx, "{separator}{parameter}");
                    separator = '&';
                }
            }
        }
        Ok(parsed)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn prisma_urls_become_urls_of_sqlx() {
        let url = Url::parse("file:./dev%41.db?connection_limit=3&mode=rwc&socket_timeout=7&cache=shared").unwrap();
        assert_eq!(url.for_sqlx, "sqlite://./dev%2541.db?mode=rwc&cache=shared");
        assert_eq!((url.connection_limit, url.busy_timeout.as_secs()), (Some(3), 7));
        assert_eq!(connect_options("file:/var/lib/a%41.db").unwrap().get_filename().to_str(), Some("/var/lib/a%41.db"));
        assert_eq!(connect_options("sqlite://dev.db").unwrap().get_filename().to_str(), Some("dev.db"));
        assert!(Url::parse("sqlite::memory:").unwrap().in_memory);
    }

    #[test]
    fn other_urls_are_refused() {
        let urls =
            ["postgres://u:hunter2@h/d", "prisma://x", "dev.db", "file:", "sqlite://", "file:a?connection_limit=0"];
        for url in urls {
            let error = connect_options(url).unwrap_err();
            assert!(matches!(error, sqlx::Error::Configuration(_)), "{url}");
            assert!(!format!("{error:?} {error}").contains("hunter2"));
        }
        assert!(connect_options("file:a.db?pgbouncer=true").is_err());
    }

    proptest! {
        #[test]
        fn no_url_panics_or_is_repeated(
            start in "(file:|file://|)",
            rest in "[ -~é]{0,40}",
            query in "(\\?(mode|connection_limit|socket_timeout|cache|immutable|[a-z]{1,5})=[ -~]{0,9}(&[a-z]{1,9}=[ -~é]{0,9})?)?",
        ) {
            let url = format!("{start}hunter2{rest}{query}");
            if let Err(error) = connect_options(&url) {
                prop_assert!(!format!("{error:?} {error}").contains("hunter2"), "{url}: {error:?}");
            }
        }
    }
}
