use std::{net::IpAddr, time::Duration};

use sqlx::{
    Connection as _, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
};

use crate::url::{InvalidUrl, PoolSize, SslMode, Tls, Url};

/// How long a connection may have been idle before it is asked whether it is still there.
const TRUSTED_IDLE: Duration = Duration::from_secs(30);

/// Opens a pool: [`connect_options`] with [`pool_options`].
///
/// Of the URL's parameters, `connection_limit` is the size of the pool, and `pool_timeout` how many seconds a call waits for
/// a connection, where 0 means no limit.
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
/// [`sqlx::Error::Configuration`] with [`InvalidUrl`](crate::InvalidUrl) for a URL that cannot be used, and any error from connecting.
pub async fn connect(url: &str) -> Result<PgPool, sqlx::Error> {
    let (options, size) = parse(url)?;
    size.apply(pool_options()).connect_with(options).await
}

/// Returns connection settings for a URL of sqlx, Prisma, libpq or node-postgres: `postgres://` or `postgresql://`.
///
/// | parameter | |
/// |---|---|
/// | `schema` | the `search_path`, where the adapter looks for its tables |
/// | `socket_timeout` | the `statement_timeout` of the server, in seconds |
/// | `statement_cache_size` | how many prepared statements each connection keeps |
/// | `pgbouncer=true` | for `PgBouncer` in transaction mode: see below |
/// | `sslmode` | as in libpq: with `sslrootcert`, `require` is `verify-ca`; `no-verify` is TLS that checks no certificate |
/// | `sslaccept=strict` | `sslmode=verify-full` |
/// | `sslrootcert`, `sslcert`, `sslkey` | as in libpq: `sslrootcert=system` is `sslmode=verify-full`; `sslcert` without `sslkey` is the authority's certificate, as in Prisma |
/// | `host`, `port`, `dbname`, `user`, `password`, `application_name`, `options` | as in libpq |
/// | `hostaddr` | the IP address, in place of `host`; not with `sslmode=verify-full`, which checks the name |
/// | `target_session_attrs` | `any`, `read-write` or `primary`: the adapter leaves a server that takes no writes anyhow |
/// | `connection_limit`, `pool_timeout` | left to [`connect`] |
/// | `connect_timeout`, `channel_binding`, `uselibpqcompat`, `supa` | no effect |
///
/// Any other is an error. `pgbouncer=true` has sqlx cache no statements. On a pool with that setting
/// (`statement_cache_capacity(0)`) the adapter prepares without names, and runs each statement in a transaction, for which
/// `PgBouncer` keeps one connection to the server; that takes 3 round trips for a read and 4 for a write. `PgBouncer` takes
/// neither a `socket_timeout` nor a `schema` other than `public`: set [`PrismaConfig::schema`](crate::PrismaConfig::schema).
/// From version 1.21 on, with `max_prepared_statements`, the parameter is not needed.
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
/// [`sqlx::Error::Configuration`] with [`InvalidUrl`](crate::InvalidUrl).
pub fn connect_options(url: &str) -> Result<PgConnectOptions, sqlx::Error> {
    Ok(parse(url)?.0)
}

/// Returns pool settings: as many connections as sqlx opens, without its ping before each statement, which is a second round
/// trip. Only a connection that was idle for half a minute is pinged: [`ping_after`] changes that.
#[must_use]
pub fn pool_options() -> PgPoolOptions {
    ping_after(PgPoolOptions::new().test_before_acquire(false), TRUSTED_IDLE)
}

/// Sets how long a connection may have been idle before it is pinged, as its next use would fail if it is gone.
///
/// Set it below the time after which the server or a firewall ends idle connections. It replaces the pool's `before_acquire`.
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
            url.invalid("`hostaddr` cannot be used with `sslmode=verify-full`, which checks the name of the host")
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

/// Takes the settings of sessions and statements.
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
                "`schema` has no effect through PgBouncer: leave it out and set `PrismaConfig::schema` instead",
            ));
        }
    }
    if let Some(seconds) = url.take_number::<u32>(&["socket_timeout"])? {
        if behind_pgbouncer {
            return Err(url.invalid("`socket_timeout` has no effect through PgBouncer: leave it out"));
        }
        options = options.options([("statement_timeout", u64::from(seconds) * 1_000)]);
    }
    for (name, value) in url.take_prefixed("options[") {
        options = options.options([(name.trim_end_matches(']'), value)]);
    }
    if let Some(capacity) = url.take_number(&["statement_cache_size", "statement-cache-capacity"])? {
        options = options.statement_cache_capacity(capacity);
    }
    // PgBouncer 1.18 refuses a startup parameter that it does not know. Floats are read as bytes, which need no digits.
    Ok(if behind_pgbouncer { options.statement_cache_capacity(0).extra_float_digits(None) } else { options })
}
