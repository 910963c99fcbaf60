use std::{fmt::Write as _, str::FromStr, time::Duration};

use sqlx::{
    Connection as _, Executor as _, MySqlPool,
    mysql::{MySqlConnectOptions, MySqlPoolOptions, MySqlSslMode},
};

/// How long a connection may be idle and still be used without asking whether it is alive.
const TRUSTED_IDLE: Duration = Duration::from_secs(30);

/// Without it the server cuts a value that is too long, an id for example, and says nothing.
const STRICT: &str = "SET SESSION sql_mode = CONCAT(@@SESSION.sql_mode, ',STRICT_TRANS_TABLES')";

/// Why a url is not one of a MySQL database. It repeats no more of the url than the name of a parameter.
#[derive(Debug, thiserror::Error)]
pub enum InvalidUrl {
    /// It is one of something else.
    #[error("not the url of a MySQL database: it must begin with `mysql:` or `mariadb:`")]
    Scheme,
    /// There is nothing after the host.
    #[error("the url names no database")]
    NoDatabase,
    /// Neither sqlx nor Prisma has such a parameter.
    #[error("the url has a parameter `{0}`, which is not known")]
    UnknownParameter(String),
    /// The value of this parameter should be another.
    #[error("the parameter `{0}` of the url has a value that it cannot have")]
    InvalidParameter(&'static str),
    /// Prisma's client certificates are in PKCS #12, which sqlx cannot read.
    #[error("`sslidentity` is not supported: give the certificate and the key in PEM, with `ssl-cert` and `ssl-key`")]
    Identity,
}

/// Opens a pool: [`connect_options`] with [`pool_options`].
///
/// Prisma's `connection_limit` is the size of the pool, and its `pool_timeout` how many seconds to wait for a connection.
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
/// [`sqlx::Error::Configuration`] with [`InvalidUrl`] for a url that is not one of MySQL, and what connecting fails of.
pub async fn connect(url: &str) -> Result<MySqlPool, sqlx::Error> {
    let parsed = Url::parse(url).map_err(configuration)?;
    let mut pool = pool_options();
    if let Some(limit) = parsed.connection_limit {
        pool = pool.max_connections(limit);
    }
    if let Some(timeout) = parsed.pool_timeout {
        pool = pool.acquire_timeout(timeout);
    }
    pool.connect_with(parsed.options()?).await
}

/// Connection settings for a url of sqlx or Prisma.
///
/// Of Prisma's own parameters, `sslcert` is the certificate of the server's authority, unless there is an `sslkey` too, and
/// `sslaccept=strict` asks for a server that it vouches for, by name; both need one of sqlx's TLS features. `connect_timeout` and `socket_timeout` have no
/// counterpart: set a time limit around what is called.
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
/// [`sqlx::Error::Configuration`].
pub fn connect_options(url: &str) -> Result<MySqlConnectOptions, sqlx::Error> {
    Url::parse(url).map_err(configuration)?.options()
}

/// Pool settings: as many connections as sqlx opens, each with a strict `sql_mode`, and a ping only for those that were idle
/// for half a minute, where sqlx pings before every statement and so doubles the way to the server.
#[must_use]
pub fn pool_options() -> MySqlPoolOptions {
    MySqlPoolOptions::new()
        .test_before_acquire(false)
        .before_acquire(|connection, metadata| {
            Box::pin(async move {
                if metadata.idle_for > TRUSTED_IDLE {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .after_connect(|connection, _| Box::pin(async move { connection.execute(STRICT).await.map(drop) }))
}

fn configuration(error: InvalidUrl) -> sqlx::Error {
    sqlx::Error::Configuration(Box::new(error))
}

/// A url, and what is read from it that sqlx knows nothing of or takes for something else.
struct Url {
    for_sqlx: String,
    connection_limit: Option<u32>,
    pool_timeout: Option<Duration>,
    authority: Option<String>,
    verify: bool,
}

impl Url {
    fn parse(url: &str) -> Result<Self, InvalidUrl> {
        let (address, parameters) = url.split_once('?').unwrap_or((url, ""));
        let Some(("mysql" | "mariadb", place)) = address.split_once("://") else {
            return Err(InvalidUrl::Scheme);
        };
        if place.split_once('/').is_none_or(|(_, database)| database.trim_matches('/').is_empty()) {
            return Err(InvalidUrl::NoDatabase);
        }
        let mut parsed = Self {
            for_sqlx: format!("mysql://{place}"),
            connection_limit: None,
            pool_timeout: None,
            authority: None,
            verify: false,
        };
        let has_key = parameters.split('&').any(|parameter| parameter.starts_with("sslkey="));
        let mut separator = '?';
        for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            match (name, value.parse::<u32>()) {
                ("connection_limit", Ok(limit @ 1..)) => parsed.connection_limit = Some(limit),
                ("pool_timeout", Ok(seconds @ 1..)) => parsed.pool_timeout = Some(Duration::from_secs(seconds.into())),
                // Prisma's way to say that it should wait for ever; a caller that waits so long is gone.
                ("pool_timeout", Ok(0)) | ("connect_timeout" | "socket_timeout", Ok(_)) => {}
                ("connection_limit", _) => return Err(InvalidUrl::InvalidParameter("connection_limit")),
                ("pool_timeout", _) => return Err(InvalidUrl::InvalidParameter("pool_timeout")),
                ("connect_timeout", _) => return Err(InvalidUrl::InvalidParameter("connect_timeout")),
                ("socket_timeout", _) => return Err(InvalidUrl::InvalidParameter("socket_timeout")),
                ("sslcert", _) if !has_key => parsed.authority = Some(value.to_owned()),
                ("sslaccept", _) => match value {
                    "strict" => parsed.verify = true,
                    "accept_invalid_certs" => {}
                    _ => return Err(InvalidUrl::InvalidParameter("sslaccept")),
                },
                ("sslidentity" | "sslpassword", _) => return Err(InvalidUrl::Identity),
                (
                    "sslmode"
                    | "ssl-mode"
                    | "sslca"
                    | "ssl-ca"
                    | "sslcert"
                    | "ssl-cert"
                    | "sslkey"
                    | "ssl-key"
                    | "charset"
                    | "collation"
                    | "statement-cache-capacity"
                    | "socket"
                    | "timezone"
                    | "time-zone",
                    _,
                ) => {
                    let _ = write!(parsed.for_sqlx, "{separator}{parameter}");
                    separator = '&';
                }
                _ => return Err(InvalidUrl::UnknownParameter(name.to_owned())),
            }
        }
        Ok(parsed)
    }

    fn options(&self) -> Result<MySqlConnectOptions, sqlx::Error> {
        let mut options = MySqlConnectOptions::from_str(&self.for_sqlx)?;
        if let Some(authority) = &self.authority {
            options = options.ssl_ca(authority);
        }
        Ok(if self.verify { options.ssl_mode(MySqlSslMode::VerifyIdentity) } else { options })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn urls_of_prisma_become_settings_of_sqlx() {
        let url = "mysql://us%40er:p%3Fw@db.example:3307/app?connection_limit=3&pool_timeout=7&sslaccept=strict\
                   &sslcert=./ca.pem&charset=utf8mb4";
        let parsed = Url::parse(url).unwrap();
        assert_eq!(parsed.for_sqlx, "mysql://us%40er:p%3Fw@db.example:3307/app?charset=utf8mb4");
        assert_eq!((parsed.connection_limit, parsed.pool_timeout), (Some(3), Some(Duration::from_secs(7))));
        let options = connect_options(url).unwrap();
        assert_eq!((options.get_host(), options.get_port()), ("db.example", 3307));
        assert_eq!((options.get_username(), options.get_database()), ("us@er", Some("app")));
        assert!(matches!(options.get_ssl_mode(), MySqlSslMode::VerifyIdentity));

        let own = Url::parse("mysql://u@h/d?sslcert=./client.pem&sslkey=./client.key").unwrap();
        assert_eq!(own.for_sqlx, "mysql://u@h/d?sslcert=./client.pem&sslkey=./client.key");
        assert_eq!(own.authority, None);

        let options = connect_options("mariadb://root@localhost/app?socket=/run/mysqld.sock").unwrap();
        assert_eq!(options.get_socket().unwrap().to_str(), Some("/run/mysqld.sock"));
        assert!(matches!(options.get_ssl_mode(), MySqlSslMode::Preferred));
    }

    #[test]
    fn other_urls_are_refused_without_being_repeated() {
        for (url, text) in [
            ("postgres://u:hunter2@h/d", "must begin with `mysql:`"),
            ("prisma://hunter2", "must begin with `mysql:`"),
            ("hunter2", "must begin with `mysql:`"),
            ("mysql://u:hunter2@h", "names no database"),
            ("mysql://u:hunter2@h/", "names no database"),
            ("mysql://u:hunter2@h/d?pgbouncer=true", "a parameter `pgbouncer`"),
            ("mysql://u:hunter2@h/d?connection_limit=0", "`connection_limit`"),
            ("mysql://u:hunter2@h/d?sslaccept=maybe", "`sslaccept`"),
            ("mysql://u:hunter2@h/d?sslidentity=a.p12&sslpassword=hunter2", "`ssl-cert` and `ssl-key`"),
        ] {
            let error = connect_options(url).unwrap_err();
            let Some(source) = std::error::Error::source(&error) else { panic!("{error}") };
            assert!(source.to_string().contains(text), "{url}: {source}");
            assert!(!format!("{error:?} {error} {source}").contains("hunter2"), "{url}");
        }
        assert!(connect_options("mysql://u@h:port/d").is_err());
    }

    proptest! {
        #[test]
        fn no_url_panics_or_is_repeated(
            start in "(mysql:|mysql://|)",
            rest in "[ -~é]{0,40}",
            query in "(\\?(sslaccept|connection_limit|socket|charset|sslcert|pool_timeout|[a-z]{1,5})=[ -~]{0,9}(&[a-z]{1,9}=[ -~é]{0,9})?)?",
        ) {
            let url = format!("{start}hunter2{rest}{query}");
            if let Err(error) = connect_options(&url) {
                prop_assert!(!format!("{error:?} {error}").contains("hunter2"), "{url}: {error:?}");
            }
        }
    }
}
