use std::{net::IpAddr, time::Duration};

use sqlx::{
    Connection as _, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
};

use crate::url::{InvalidUrl, PoolSize, SslMode, Tls, Url};

/// The idle time after which a connection is pinged before its next use.
const TRUSTED_IDLE: Duration = Duration::from_secs(30);

/// Opens a connection pool with the settings of [`connect_options`] and [`pool_options`].
///
/// The parameter `connection_limit` of the URL sets the size of the pool. `pool_timeout` sets the number of seconds for
/// which a call waits for a connection; 0 means no limit.
///
/// ```no_run
/// use adapter_prisma_compatible::{PrismaAdapter, postgres};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let pool = postgres::connect("postgresql://app:secret@localhost:5432/app?schema=auth&connection_limit=20").await?;
/// let adapter = PrismaAdapter::new(pool).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
/// Returns [`sqlx::Error::Configuration`] with an [`InvalidUrl`](crate::InvalidUrl) if the URL is invalid, and the
/// error of sqlx if connecting fails.
pub async fn connect(url: &str) -> Result<PgPool, sqlx::Error> {
    let (options, size) = parse(url)?;
    size.apply(pool_options()).connect_with(options).await
}

/// Returns the connection settings of a URL for sqlx, Prisma, libpq or node-postgres: `postgres://` or `postgresql://`.
///
/// | parameter | meaning |
/// |---|---|
/// | `schema` | the `search_path`, in which the adapter finds its tables |
/// | `socket_timeout` | the `statement_timeout` of the server, in seconds |
/// | `statement_cache_size` | the number of prepared statements that each connection caches |
/// | `pgbouncer=true` | for `PgBouncer` in transaction mode: see below |
/// | `sslmode` | as in libpq: with `sslrootcert`, `require` is `verify-ca`; `no-verify` is TLS without verification of the certificate |
/// | `sslaccept=strict` | `sslmode=verify-full` |
/// | `sslrootcert`, `sslcert`, `sslkey` | as in libpq: `sslrootcert=system` is `sslmode=verify-full`; `sslcert` without `sslkey` is the certificate of the authority, as in Prisma |
/// | `host`, `port`, `dbname`, `user`, `password`, `application_name`, `options` | as in libpq |
/// | `hostaddr` | the IP address, instead of `host`; not with `sslmode=verify-full`, which verifies the name |
/// | `target_session_attrs` | `any`, `read-write` or `primary`, without effect: the adapter always leaves a read-only server |
/// | `connection_limit`, `pool_timeout` | used by [`connect`] only |
/// | `connect_timeout`, `channel_binding`, `uselibpqcompat`, `supa` | no effect |
///
/// Any other parameter is an error.
///
/// With `pgbouncer=true`, sqlx does not cache statements. On a pool with that setting (`statement_cache_capacity(0)`),
/// the adapter prepares statements without names, and runs each in a transaction, for which `PgBouncer` uses one
/// connection to the server. A read then takes 3 round trips, and a write 4. `PgBouncer` accepts neither a
/// `socket_timeout` nor a `schema` other than `public`; set [`PrismaConfig::schema`](crate::PrismaConfig::schema)
/// instead. As of version 1.21 of `PgBouncer`, with `max_prepared_statements`, the parameter is not needed.
///
/// ```
/// use adapter_prisma_compatible::postgres;
///
/// let options = postgres::connect_options("postgresql://app:secret@localhost/app?schema=auth&sslmode=prefer")?;
/// assert_eq!(options.get_options(), Some(r#"-c search_path="auth""#));
/// # Ok::<(), adapter_prisma_compatible::sqlx::Error>(())
/// ```
///
/// # Errors
/// Returns [`sqlx::Error::Configuration`] with an [`InvalidUrl`](crate::InvalidUrl) if the URL is invalid.
pub fn connect_options(url: &str) -> Result<PgConnectOptions, sqlx::Error> {
    Ok(parse(url)?.0)
}

/// Returns pool settings with sqlx's default number of connections.
///
/// By default, sqlx pings a connection before each statement, which costs a second round trip. With these settings,
/// only a connection that was idle for 30 seconds is pinged; see [`ping_after`].
#[must_use]
pub fn pool_options() -> PgPoolOptions {
    ping_after(PgPoolOptions::new().test_before_acquire(false), TRUSTED_IDLE)
}

/// Sets the idle time after which a connection is pinged before its next use, because the server may have closed it.
///
/// Set it below the time after which the server or a firewall closes idle connections. This replaces the pool's
/// `before_acquire` callback.
///
/// ```
/// use std::time::Duration;
/// use adapter_prisma_compatible::postgres;
///
/// let options = postgres::ping_after(postgres::pool_options(), Duration::from_secs(5));
/// # let _ = options;
/// ```
#[must_use]
pub fn ping_after(options: PgPoolOptions, idle: Duration) -> PgPoolOptions {
    options.before_acquire(move |connection, metadata| {
        Box::pin(async move { Ok(metadata.idle_for < idle || connection.ping().await.is_ok()) })
    })
}

fn parse(url: &str) -> Result<(PgConnectOptions, PoolSize), InvalidUrl> {
    let mut url = Url::parse("Postgres", &["postgres", "postgresql"], url)?;
    let address = url.take(&["hostaddr"]);
    let has_address = address.is_some();
    if let Some(address) = address {
        if address.parse::<IpAddr>().is_err() {
            return Err(url.invalid("`hostaddr` must be an IP address"));
        }
        url.put("host", address);
    }
    let port = url.take_number(&["port"])?;
    let read_by_sqlx = ["host", "dbname", "user", "password", "application_name", "options"];
    let mut options: PgConnectOptions = url.server("postgres", &read_by_sqlx)?;
    if let Some(port) = port {
        options = options.port(port);
    }
    let size = url.take_pool()?;
    let Tls { mode, authority, certificate, key } = url.take_tls()?;
    if has_address && mode == Some(SslMode::VerifyFull) {
        return Err(
            url.invalid("`hostaddr` cannot be used with `sslmode=verify-full`, which verifies the name of the host")
        );
    }
    if let Some(mode) = mode {
        options = options.ssl_mode(match mode {
            SslMode::Disable => PgSslMode::Disable,
            SslMode::Allow => PgSslMode::Allow,
            SslMode::Prefer => PgSslMode::Prefer,
            SslMode::Require if authority.is_some() => PgSslMode::VerifyCa,
            SslMode::NoVerify | SslMode::Require => PgSslMode::Require,
            SslMode::VerifyCa => PgSslMode::VerifyCa,
            SslMode::VerifyFull => PgSslMode::VerifyFull,
        });
    }
    if let Some(file) = authority {
        options = options.ssl_root_cert(file);
    }
    if let Some(file) = certificate {
        options = options.ssl_client_cert(file);
    }
    if let Some(file) = key {
        options = options.ssl_client_key(file);
    }
    options = with_settings(&mut url, options)?;
    url.take_word("target_session_attrs", &["any", "read-write", "primary"])?;
    url.take_all(&["channel_binding", "uselibpqcompat", "supa"]);
    url.finish()?;
    Ok((options, size))
}

/// Removes and applies the settings of sessions and statements.
fn with_settings(url: &mut Url<'_>, mut options: PgConnectOptions) -> Result<PgConnectOptions, InvalidUrl> {
    let behind_pgbouncer = url.take_word("pgbouncer", &["true", "false"])?.as_deref() == Some("true");
    if let Some(schema) = url.take(&["schema"]) {
        if !lucia_sql::is_valid_name(&schema) {
            return Err(url.invalid("`schema` must be the name of a schema"));
        }
        if !behind_pgbouncer {
            options = options.options([("search_path", format!("\"{schema}\""))]);
        } else if schema != "public" {
            return Err(url.invalid(
                "`schema` has no effect through PgBouncer: remove it, and set `PrismaConfig::schema` instead",
            ));
        }
    }
    if let Some(seconds) = url.take_number::<u32>(&["socket_timeout"])? {
        if behind_pgbouncer {
            return Err(url.invalid("`socket_timeout` has no effect through PgBouncer: remove it"));
        }
        options = options.options([("statement_timeout", u64::from(seconds) * 1_000)]);
    }
    for (name, value) in url.take_prefixed("options[") {
        options = options.options([(name.trim_end_matches(']'), value)]);
    }
    if let Some(capacity) = url.take_number(&["statement_cache_size", "statement-cache-capacity"])? {
        options = options.statement_cache_capacity(capacity);
    }
    // PgBouncer 1.18 rejects unknown startup parameters. `extra_float_digits` is not needed, because floats are read in
    // binary format.
    Ok(if behind_pgbouncer { options.statement_cache_capacity(0).extra_float_digits(None) } else { options })
}
