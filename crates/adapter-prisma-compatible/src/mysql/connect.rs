use std::time::Duration;

use sqlx::{
    Connection as _, Executor as _, MySqlPool,
    mysql::{MySqlConnectOptions, MySqlPoolOptions, MySqlSslMode},
};

use crate::url::{InvalidUrl, PoolSize, SslMode, Tls, Url};

/// The idle time after which a connection is pinged before its next use.
const TRUSTED_IDLE: Duration = Duration::from_secs(30);

/// Without this mode, the server silently truncates values that are too long, for example ids.
const STRICT: &str = "SET SESSION sql_mode = CONCAT(@@SESSION.sql_mode, ',STRICT_TRANS_TABLES')";

/// Opens a connection pool with the settings of [`connect_options`] and [`pool_options`].
///
/// The parameter `connection_limit` of the URL sets the size of the pool. `pool_timeout` sets the number of seconds for
/// which a call waits for a connection; 0 means no limit.
///
/// ```no_run
/// use adapter_prisma_compatible::{PrismaAdapter, mysql};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let pool = mysql::connect("mysql://app:secret@localhost:3306/app?connection_limit=5").await?;
/// let adapter = PrismaAdapter::new(pool).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
/// Returns [`sqlx::Error::Configuration`] with an [`InvalidUrl`](crate::InvalidUrl) if the URL is invalid, and the
/// error of sqlx if connecting fails.
pub async fn connect(url: &str) -> Result<MySqlPool, sqlx::Error> {
    let (options, size) = parse(url)?;
    size.apply(pool_options()).connect_with(options).await
}

/// Returns the connection settings of a URL for sqlx or Prisma: `mysql://` or `mariadb://`.
///
/// | parameter | meaning |
/// |---|---|
/// | `statement_cache_size` | the number of prepared statements that each connection caches |
/// | `sslmode` | `disable`, `prefer`, `require`, `verify-ca` or `verify-full`, or their names in MySQL; `no-verify` is `require` |
/// | `sslaccept=strict` | `sslmode=verify-full` |
/// | `sslca`, `sslcert`, `sslkey` | PEM files; `sslcert` without `sslkey` is the certificate of the authority, as in Prisma |
/// | `socket` | the path of a Unix socket |
/// | `charset`, `collation`, `timezone` | as in sqlx |
/// | `connection_limit`, `pool_timeout` | used by [`connect`] only |
/// | `connect_timeout`, `socket_timeout` | no effect; set a timeout around calls instead |
///
/// Any other parameter is an error.
///
/// ```
/// use adapter_prisma_compatible::mysql;
///
/// let options = mysql::connect_options("mysql://app:secret@localhost/app?connection_limit=5&sslaccept=strict")?;
/// assert_eq!(options.get_database(), Some("app"));
/// # Ok::<(), adapter_prisma_compatible::sqlx::Error>(())
/// ```
///
/// # Errors
/// Returns [`sqlx::Error::Configuration`] with an [`InvalidUrl`](crate::InvalidUrl) if the URL is invalid.
pub fn connect_options(url: &str) -> Result<MySqlConnectOptions, sqlx::Error> {
    Ok(parse(url)?.0)
}

/// Returns pool settings with sqlx's default number of connections and a strict `sql_mode`.
///
/// By default, sqlx pings a connection before each statement, which costs a second round trip. With these settings,
/// only a connection that was idle for 30 seconds is pinged; see [`ping_after`].
#[must_use]
pub fn pool_options() -> MySqlPoolOptions {
    ping_after(MySqlPoolOptions::new().test_before_acquire(false), TRUSTED_IDLE)
        .after_connect(|connection, _| Box::pin(async move { connection.execute(STRICT).await.map(drop) }))
}

/// Sets the idle time after which a connection is pinged before its next use, because the server may have closed it.
///
/// Set it below the server's `wait_timeout`, and below the time after which a firewall closes idle connections. This
/// replaces the pool's `before_acquire` callback.
///
/// ```
/// use std::time::Duration;
/// use adapter_prisma_compatible::mysql;
///
/// let options = mysql::ping_after(mysql::pool_options(), Duration::from_secs(5));
/// # let _ = options;
/// ```
#[must_use]
pub fn ping_after(options: MySqlPoolOptions, idle: Duration) -> MySqlPoolOptions {
    options.before_acquire(move |connection, metadata| {
        Box::pin(async move { Ok(metadata.idle_for < idle || connection.ping().await.is_ok()) })
    })
}

fn parse(url: &str) -> Result<(MySqlConnectOptions, PoolSize), InvalidUrl> {
    let mut url = Url::parse("MySQL", &["mysql", "mariadb"], url)?;
    let mut options: MySqlConnectOptions =
        url.server("mysql", &["socket", "charset", "collation", "timezone", "time-zone"])?;
    if options.get_database().is_none() {
        return Err(url.invalid("the name of a database must follow the host"));
    }
    let size = url.take_pool()?;
    let Tls { mode, authority, certificate, key } = url.take_tls()?;
    if let Some(mode) = mode {
        options = options.ssl_mode(match mode {
            SslMode::Disable => MySqlSslMode::Disabled,
            SslMode::Allow | SslMode::Prefer => MySqlSslMode::Preferred,
            SslMode::NoVerify | SslMode::Require => MySqlSslMode::Required,
            SslMode::VerifyCa => MySqlSslMode::VerifyCa,
            SslMode::VerifyFull => MySqlSslMode::VerifyIdentity,
        });
    }
    if let Some(file) = authority {
        options = options.ssl_ca(file);
    }
    if let Some(file) = certificate {
        options = options.ssl_client_cert(file);
    }
    if let Some(file) = key {
        options = options.ssl_client_key(file);
    }
    if let Some(capacity) = url.take_number(&["statement_cache_size", "statement-cache-capacity"])? {
        options = options.statement_cache_capacity(capacity);
    }
    url.take_number::<u32>(&["socket_timeout"])?;
    url.finish()?;
    Ok((options, size))
}
