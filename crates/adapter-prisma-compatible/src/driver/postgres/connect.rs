use std::{str::FromStr, time::Duration};

use sqlx::{
    Connection as _, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
};

/// How long a connection may have been idle before it is asked whether it is still there.
const TRUSTED_IDLE: Duration = Duration::from_secs(30);

/// Why a url is not one that a pool can be opened with. It does not repeat the url.
#[derive(Debug, thiserror::Error)]
#[error("not the url of a Postgres database: {reason}")]
pub struct InvalidUrl {
    reason: String,
}

/// Opens a pool: [`connect_options`] with [`pool_options`].
///
/// Of the url's parameters, `connection_limit` is the size of the pool, and `pool_timeout` how many seconds a call waits for
/// a connection.
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
/// [`sqlx::Error::Configuration`] for a url that is not one of Postgres, and what connecting fails of.
pub async fn connect(url: &str) -> Result<PgPool, sqlx::Error> {
    let parsed = Url::parse(url)?;
    let mut pool = pool_options();
    if let Some(limit) = parsed.connection_limit {
        pool = pool.max_connections(limit);
    }
    if let Some(timeout) = parsed.pool_timeout {
        pool = pool.acquire_timeout(timeout);
    }
    pool.connect_with(parsed.options).await
}

/// Connection settings for a url of sqlx or Prisma: `postgres://` or `postgresql://`.
///
/// Of Prisma's own parameters, `schema` becomes the `search_path`, where the adapter looks for its tables;
/// `socket_timeout` the `statement_timeout` of the server, in seconds; `statement_cache_size` the size of that cache;
/// `sslaccept=strict` has the server's certificate checked; and `sslcert`, where there is no `sslkey`, is what it is checked
/// against. `connection_limit` and `pool_timeout` are left to the pool; `connect_timeout` and `channel_binding` have no
/// counterpart. Any other that sqlx does not know is an error.
///
/// `pgbouncer=true` is an error as well: `PgBouncer` in its transaction mode may give every message of a statement to another
/// server, where sqlx would run somebody else's. From version 1.21 on, with `max_prepared_statements`, it keeps track of
/// statements, and the url needs no parameter; otherwise give the url of the database itself.
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
/// [`sqlx::Error::Configuration`].
pub fn connect_options(url: &str) -> Result<PgConnectOptions, sqlx::Error> {
    Ok(Url::parse(url)?.options)
}

/// Pool settings: as many connections as sqlx opens, without its ping before each statement, which is a second round trip.
/// Only a connection that was idle for half a minute is asked whether it is still there.
#[must_use]
pub fn pool_options() -> PgPoolOptions {
    PgPoolOptions::new().test_before_acquire(false).before_acquire(|connection, meta| {
        Box::pin(async move { Ok(meta.idle_for < TRUSTED_IDLE || connection.ping().await.is_ok()) })
    })
}

/// What a url says of the connections and of their pool.
struct Url {
    options: PgConnectOptions,
    connection_limit: Option<u32>,
    pool_timeout: Option<Duration>,
}

impl Url {
    fn parse(url: &str) -> Result<Self, sqlx::Error> {
        let (address, parameters) = url.split_once('?').unwrap_or((url, ""));
        match address.split_once("://") {
            Some(("postgres" | "postgresql", _)) => {}
            Some(("prisma" | "prisma+postgres", _)) => {
                return Err(invalid("it is one of Prisma Accelerate; give the database's own"));
            }
            _ => return Err(invalid("it must begin with `postgres://` or `postgresql://`")),
        }
        let parameters = || {
            let parameters = parameters.split('&').filter(|parameter| !parameter.is_empty());
            parameters.map(|parameter| parameter.split_once('=').unwrap_or((parameter, "")))
        };
        let of_sqlx =
            |name: &str| !is_prismas(name) && (name != "sslcert" || parameters().any(|(name, _)| name == "sslkey"));
        let mut for_sqlx = address.to_owned();
        for (index, (name, value)) in parameters().filter(|(name, _)| of_sqlx(name)).enumerate() {
            if !is_sqlxs(name) {
                return Err(invalid(format!("parameter `{}` is unknown", name.escape_debug())));
            }
            let separator = if index == 0 { '?' } else { '&' };
            for_sqlx.extend([separator.to_string().as_str(), name, "=", value]);
        }
        // The parser's error may repeat a part of the url.
        let options = PgConnectOptions::from_str(&for_sqlx).map_err(|_| invalid("it cannot be parsed"))?;
        let mut parsed = Self { options, connection_limit: None, pool_timeout: None };
        for (name, value) in parameters().filter(|(name, _)| !of_sqlx(name)) {
            parsed = parsed.with(name, value)?;
        }
        Ok(parsed)
    }

    /// Takes one of Prisma's own parameters.
    fn with(mut self, name: &str, value: &str) -> Result<Self, sqlx::Error> {
        let number = || value.parse::<u32>().map_err(|_| invalid(format!("parameter `{name}` is not a number")));
        match name {
            "schema" => {
                let schema = percent_decoded(value).filter(|schema| crate::config::is_valid_name(schema));
                let schema = schema.ok_or_else(|| invalid("parameter `schema` is not the name of one"))?;
                self.options = self.options.options([("search_path", format!("\"{schema}\""))]);
            }
            "connection_limit" => match number()? {
                0 => return Err(invalid("parameter `connection_limit` is 0")),
                limit => self.connection_limit = Some(limit),
            },
            // Nought is no limit; sqlx needs some.
            "pool_timeout" => {
                let seconds = match number()? {
                    0 => u32::MAX,
                    seconds => seconds,
                };
                self.pool_timeout = Some(Duration::from_secs(seconds.into()));
            }
            "socket_timeout" => {
                let millis = u64::from(number()?) * 1_000;
                self.options = self.options.options([("statement_timeout", millis)]);
            }
            "statement_cache_size" => {
                self.options = self.options.statement_cache_capacity(number()?.try_into().unwrap_or(usize::MAX));
            }
            "sslaccept" => match value {
                "strict" => self.options = self.options.ssl_mode(PgSslMode::VerifyFull),
                "accept_invalid_certs" => {}
                // Whoever spells `strict` otherwise does not want a connection that checks nothing.
                _ => return Err(invalid("parameter `sslaccept` is neither `strict` nor `accept_invalid_certs`")),
            },
            "sslcert" => {
                let file = percent_decoded(value).filter(|file| !file.is_empty());
                let file = file.ok_or_else(|| invalid("parameter `sslcert` is not the name of a file"))?;
                self.options = self.options.ssl_root_cert(file);
            }
            "pgbouncer" if value == "true" => {
                return Err(invalid(
                    "it says `pgbouncer=true`, and prepared statements need a PgBouncer that keeps track of them \
                     (`max_prepared_statements`; then leave it out) or the database's own url",
                ));
            }
            _ => {}
        }
        Ok(self)
    }
}

/// Parameters of Prisma that sqlx does not know, or knows as something else.
fn is_prismas(name: &str) -> bool {
    matches!(
        name,
        "schema"
            | "connection_limit"
            | "pool_timeout"
            | "connect_timeout"
            | "socket_timeout"
            | "statement_cache_size"
            | "pgbouncer"
            | "sslaccept"
            | "channel_binding"
    )
}

fn is_sqlxs(name: &str) -> bool {
    let plain = matches!(
        name,
        "sslmode"
            | "ssl-mode"
            | "sslrootcert"
            | "ssl-root-cert"
            | "ssl-ca"
            | "sslcert"
            | "ssl-cert"
            | "sslkey"
            | "ssl-key"
            | "statement-cache-capacity"
            | "host"
            | "hostaddr"
            | "port"
            | "dbname"
            | "user"
            | "password"
            | "application_name"
            | "options"
    );
    plain || name.starts_with("options[")
}

fn percent_decoded(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            b'+' => b' ',
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

fn invalid(reason: impl Into<String>) -> sqlx::Error {
    sqlx::Error::Configuration(Box::new(InvalidUrl { reason: reason.into() }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn prisma_urls_become_settings() {
        let url = "postgresql://u%40:p%2F@db.example:6543/app%20db?schema=auth&connection_limit=7&pool_timeout=3\
                   &socket_timeout=5&connect_timeout=2&sslmode=require&application_name=shop&channel_binding=require";
        let parsed = Url::parse(url).unwrap();
        assert_eq!((parsed.connection_limit, parsed.pool_timeout), (Some(7), Some(Duration::from_secs(3))));
        let options = parsed.options;
        assert_eq!((options.get_host(), options.get_port()), ("db.example", 6543));
        assert_eq!((options.get_username(), options.get_database()), ("u@", Some("app db")));
        assert_eq!(options.get_options(), Some("-c search_path=\"auth\" -c statement_timeout=5000"));
        assert_eq!(options.get_application_name(), Some("shop"));
        assert!(matches!(options.get_ssl_mode(), PgSslMode::Require));
        let options = connect_options("postgres://h/d?sslmode=require&sslaccept=strict&sslcert=%2Fca.pem").unwrap();
        assert!(matches!(options.get_ssl_mode(), PgSslMode::VerifyFull));
    }

    #[test]
    fn other_urls_are_refused() {
        for (url, reason) in [
            ("mysql://u:hunter2@h/d", "must begin"),
            ("prisma+postgres://accelerate.prisma-data.net/?api_key=hunter2", "Accelerate"),
            ("hunter2", "must begin"),
            ("postgres://u:hunter2@h:port/d", "cannot be parsed"),
            ("postgres://u:hunter2@h/d?sslidentity=x", "`sslidentity` is unknown"),
            ("postgres://u:hunter2@h/d?connection_limit=many", "`connection_limit` is not a number"),
            ("postgres://u:hunter2@h/d?connection_limit=0", "is 0"),
            ("postgres://u:hunter2@h/d?schema=a%22b", "`schema`"),
            ("postgres://u:hunter2@h/d?sslaccept=Strict", "neither `strict`"),
            ("postgres://u:hunter2@h/d?sslcert=%zz", "`sslcert`"),
            ("postgres://u:hunter2@h/d?sslcert=%+1", "`sslcert`"),
            ("postgres://u:hunter2@h/d?pgbouncer=true", "max_prepared_statements"),
        ] {
            let error = connect_options(url).unwrap_err();
            assert!(matches!(error, sqlx::Error::Configuration(_)), "{url}");
            let text = format!("{error:?} {error}");
            assert!(text.contains(reason) && !text.contains("hunter2"), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_url_panics_or_is_repeated(
            start in "(postgres:|postgres://|)",
            rest in "[ -~é]{0,40}",
            query in "(\\?(schema|sslmode|connection_limit|options|pgbouncer|sslcert|[a-z]{1,5})=[ -~]{0,9}(&[a-z]{1,9}=[ -~é]{0,9})?)?",
        ) {
            let url = format!("{start}hunter2{rest}{query}");
            if let Err(error) = connect_options(&url) {
                prop_assert!(!format!("{error:?} {error}").contains("hunter2"), "{url}: {error:?}");
            }
        }
    }
}
