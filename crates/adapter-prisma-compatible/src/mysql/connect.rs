use std::time::Duration;

use sqlx::{
    Connection as _, Executor as _, MySqlPool,
    mysql::{MySqlConnectOptions, MySqlPoolOptions, MySqlSslMode},
};

use crate::url::{InvalidUrl, PoolSize, SslMode, Tls, Url};

/// How long a connection may be idle and still be used without asking whether it is alive.
const TRUSTED_IDLE: Duration = Duration::from_secs(30);

/// Without it the server cuts a value that is too long, an id for example, and says nothing.
const STRICT: &str = "SET SESSION sql_mode = CONCAT(@@SESSION.sql_mode, ',STRICT_TRANS_TABLES')";

/// Opens a pool: [`connect_options`] with [`pool_options`].
///
/// Of the URL's parameters, `connection_limit` is the size of the pool, and `pool_timeout` how many seconds a call waits for
/// a connection, where 0 means no limit.
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
/// [`sqlx::Error::Configuration`] with [`InvalidUrl`](crate::InvalidUrl) for a URL that cannot be used, and any error from connecting.
pub async fn connect(url: &str) -> Result<MySqlPool, sqlx::Error> {
    let (options, size) = parse(url)?;
    size.apply(pool_options()).connect_with(options).await
}

/// Returns connection settings for a URL of sqlx or Prisma: `mysql://` or `mariadb://`.
///
/// | parameter | |
/// |---|---|
/// | `statement_cache_size` | how many prepared statements each connection keeps |
/// | `sslmode` | `disable`, `prefer`, `require`, `verify-ca` or `verify-full`, or MySQL's names of them; `no-verify` is `require` |
/// | `sslaccept=strict` | `sslmode=verify-full` |
/// | `sslca`, `sslcert`, `sslkey` | files in PEM; `sslcert` without `sslkey` is the authority's certificate, as in Prisma |
/// | `socket` | the path of a Unix socket |
/// | `charset`, `collation`, `timezone` | as in sqlx |
/// | `connection_limit`, `pool_timeout` | left to [`connect`] |
/// | `connect_timeout`, `socket_timeout` | no effect: set a time limit around calls |
///
/// Any other is an error.
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
/// [`sqlx::Error::Configuration`] with [`InvalidUrl`](crate::InvalidUrl).
pub fn connect_options(url: &str) -> Result<MySqlConnectOptions, sqlx::Error> {
    Ok(parse(url)?.0)
}

/// Returns pool settings: as many connections as sqlx opens, each with a strict `sql_mode`, and without sqlx's ping before each
/// statement, which is a second round trip. Only a connection that was idle for half a minute is pinged: [`ping_after`] changes
/// that.
#[must_use]
pub fn pool_options() -> MySqlPoolOptions {
    ping_after(MySqlPoolOptions::new().test_before_acquire(false), TRUSTED_IDLE)
        .after_connect(|connection, _| Box::pin(async move { connection.execute(STRICT).await.map(drop) }))
}

/// Sets how long a connection may have been idle before it is pinged, as its next use would fail if it is gone.
///
/// Set it below the server's `wait_timeout`, and below the time after which a firewall ends idle connections. It replaces the
/// pool's `before_acquire`.
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
        return Err(url.invalid("it must name a database after the host"));
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
