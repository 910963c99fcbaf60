use std::{sync::Arc, time::Duration};

use proptest::prelude::*;
use sqlx::{
    ConnectOptions as _,
    mysql::{MySqlConnectOptions, MySqlSslMode},
    postgres::{PgConnectOptions, PgSslMode},
};

use super::Url;
use crate::{mysql, postgres, sqlite};

fn on_postgres(parameters: &str) -> Result<PgConnectOptions, sqlx::Error> {
    postgres::connect_options(&format!("postgres://u:hunter2@h/d?{parameters}"))
}

fn on_mysql(parameters: &str) -> Result<MySqlConnectOptions, sqlx::Error> {
    mysql::connect_options(&format!("mysql://u:hunter2@h/d?{parameters}"))
}

const UNENCODED: &str = "(percent-encode `?`, `&` and `@` in passwords, as `%3F`, `%26` and `%40`)";

/// Returns the text of the error after the name of the database.
fn reason<O>(result: Result<O, sqlx::Error>) -> String {
    let Err(error @ sqlx::Error::Configuration(_)) = result else { panic!("it is accepted") };
    let text = error.to_string();
    assert!(!format!("{error:?} {text}").contains("hunter2"), "{text}");
    let (start, reason) = text.split_once(" URL: ").unwrap_or_else(|| panic!("{text}"));
    assert!(start.starts_with("error with configuration: invalid "), "{text}");
    reason.to_owned()
}

#[test]
fn settings_of_the_pool_are_the_same_on_all_databases() {
    for (url, schemes) in [
        ("postgres://h/d", ["postgres", "postgresql"]),
        ("mysql://h/d", ["mysql", "mariadb"]),
        ("file:a.db", ["sqlite", "file"]),
    ] {
        let size = |parameters| {
            let url = format!("{url}?{parameters}");
            let size = Url::parse("", &schemes, &url).unwrap().take_pool().unwrap();
            (size.connections, size.timeout)
        };
        assert_eq!(size("connection_limit=3&pool_timeout=7"), (Some(3), Some(Duration::from_secs(7))));
        assert_eq!(size("connection_limit=%34&connect_timeout=1"), (Some(4), None));
        assert_eq!(size("pool_timeout=0"), (None, Some(Duration::from_secs(u32::MAX.into()))), "no limit");
    }
}

#[test]
fn mistakes_have_the_same_errors_on_all_databases() {
    for (parameters, expected) in [
        ("connection_limit=0", "`connection_limit` must be at least 1"),
        ("connection_limit=many", "`connection_limit` must be a whole number in range"),
        ("pool_timeout=-1", "`pool_timeout` must be a whole number in range"),
        ("connect_timeout=1.5", "`connect_timeout` must be a whole number in range"),
        ("socket_timeout=x", "`socket_timeout` must be a whole number in range"),
        ("connectionlimit=1", "parameter `connectionlimit` is unknown"),
        ("connection_limit=%zz", "parameter `connection_limit` is not percent-encoded UTF-8"),
        ("connection_limit=1%", "parameter `connection_limit` is not percent-encoded UTF-8"),
        ("connection_limit=%3", "parameter `connection_limit` is not percent-encoded UTF-8"),
        ("connection_limit=%+3", "parameter `connection_limit` is not percent-encoded UTF-8"),
        ("connection_limit=%3é", "parameter `connection_limit` is not percent-encoded UTF-8"),
        ("connection_limit=%e9", "parameter `connection_limit` is not percent-encoded UTF-8"),
        ("vfs%ff=x", "a parameter is not percent-encoded UTF-8"),
        ("hunter2@x", &format!("a parameter is unknown {UNENCODED}")),
    ] {
        assert_eq!(reason(on_postgres(parameters)), expected);
        assert_eq!(reason(on_mysql(parameters)), expected);
        assert_eq!(reason(sqlite::connect_options(&format!("file:a.db?{parameters}"))), expected);
    }
    for (parameters, expected) in [
        (
            "sslmode=sometimes",
            "`sslmode` must be one of: disable, allow, prefer, require, no-verify, verify-ca, verify-full",
        ),
        ("sslaccept=Strict", "`sslaccept` must be one of: strict, accept_invalid_certs"),
        ("sslcert=", "`sslcert` must be the name of a file"),
        ("statement_cache_size=all", "`statement_cache_size` must be a whole number in range"),
        (
            "sslidentity=a.p12&sslpassword=hunter2",
            "`sslidentity` is not supported: set `sslcert` and `sslkey` to the certificate and its key in PEM",
        ),
    ] {
        assert_eq!(reason(on_postgres(parameters)), expected);
        assert_eq!(reason(on_mysql(parameters)), expected);
    }
}

#[test]
fn errors_of_addresses_contain_the_reason() {
    let accelerate = "`prisma://` is for Prisma Accelerate: use the URL of the database itself";
    assert_eq!(reason(postgres::connect_options("prisma://hunter2")), accelerate);
    assert_eq!(reason(mysql::connect_options("prisma://hunter2")), accelerate);
    assert_eq!(reason(sqlite::connect_options("prisma://hunter2")), accelerate);
    let redis = ", and begins with `redis:`, which is another kind of database";
    for (url, end) in [("hunter2", ""), ("hunter2:x@h", ""), ("hunter2://u@h", ""), ("redis://hunter2@h", redis)] {
        let begin = "it must begin with ";
        assert_eq!(reason(postgres::connect_options(url)), format!("{begin}`postgres:` or `postgresql:`{end}"));
        assert_eq!(reason(mysql::connect_options(url)), format!("{begin}`mysql:` or `mariadb:`{end}"));
        assert_eq!(reason(sqlite::connect_options(url)), format!("{begin}`sqlite:` or `file:`{end}"));
    }
    let text =
        "it must begin with `postgres:` or `postgresql:`, and begins with `mysql:`, which is another kind of database";
    assert_eq!(reason(postgres::connect_options("mysql://u:hunter2@h/d")), text);
    let encoded = "(percent-encode special characters in the user name and password)";
    for (rest, expected) in [
        ("://u:hunter2@h1:5432,h2:5432/d", "several hosts are not supported: use one, for example that of a proxy"),
        ("://u:hunter2@h:port/d", &format!("invalid port number {encoded}")),
        ("://u:hunter2/x@h/d", &format!("invalid port number {encoded}")),
        ("://u:hunter2#x@h/d", "`#` must be percent-encoded, as `%23`"),
        (":u:hunter2@h/d", "`://` must follow the scheme"),
    ] {
        assert_eq!(reason(postgres::connect_options(&format!("postgres{rest}"))), expected, "{rest}");
        let text = reason(mysql::connect_options(&format!("mysql{rest}")));
        assert_eq!(text, expected, "{rest}");
    }
    for rest in [
        "u:12?hunter2@h/d",
        "u:12?hunter2=x@h/d",
        "u:12?hunter2&x=y@h/d",
        "u:1@2?hunter2&x=y@h/d",
        "u:12?hunter2=%zz&x=y@h/d",
        "u:12?x=y&hunter2@h/d?sslmode=require",
        "h/d?password=a&hunter2=x",
        "h/d?password=a&hunter2=%zz",
    ] {
        let text = reason(postgres::connect_options(&format!("postgres://{rest}")));
        assert!(text.starts_with("a parameter is ") && text.ends_with(UNENCODED), "{rest}: {text}");
        // Most of these URLs do not name a database.
        reason(mysql::connect_options(&format!("mysql://{rest}")));
    }
    on_postgres("application_name=a@b").unwrap();
    assert_eq!(
        reason(on_postgres("host=h1,h2")),
        "several hosts are not supported: use one, for example that of a proxy"
    );
    for url in ["mysql://u:hunter2@h", "mysql://u:hunter2@h/"] {
        assert_eq!(reason(mysql::connect_options(url)), "the name of a database must follow the host");
    }
    for url in ["file:", "sqlite://"] {
        assert_eq!(reason(sqlite::connect_options(url)), "it must contain the name of a file or `:memory:`");
    }
    assert_eq!(reason(sqlite::connect_options("file:a.db?mode=write")), "`mode` must be one of: ro, rw, rwc, memory");
    assert_eq!(reason(sqlite::connect_options("file:a.db?pgbouncer=true")), "parameter `pgbouncer` is unknown");
}

#[test]
fn prisma_urls_become_settings_of_postgres() {
    let url = "postgresql://u%40:p%2F@db.example:6543/app%20db?schema=auth&socket_timeout=5&sslmode=require\
               &application_name=the+shop&options=-c%20geqo%3Doff&options[jit]=off";
    let options = postgres::connect_options(url).unwrap();
    assert_eq!((options.get_host(), options.get_port()), ("db.example", 6543));
    assert_eq!((options.get_username(), options.get_database()), ("u@", Some("app db")));
    let settings = "-c geqo=off -c search_path=\"auth\" -c statement_timeout=5000 -c jit=off";
    assert_eq!(options.get_options(), Some(settings));
    assert_eq!(options.get_application_name(), Some("the shop"));
    assert!(matches!(options.get_ssl_mode(), PgSslMode::Require));

    let options = postgres::connect_options("postgres:///d?host=%2Frun%2Fpostgresql&port=6000&user=a%40b").unwrap();
    assert_eq!(options.get_socket().unwrap().to_str(), Some("/run/postgresql"));
    assert_eq!((options.get_username(), options.get_port()), ("a@b", 6_000));
    let options = on_postgres("hostaddr=127.0.0.2&dbname=other").unwrap();
    assert_eq!((options.get_host(), options.get_database()), ("127.0.0.2", Some("other")));
    assert_eq!(reason(on_postgres("hostaddr=db.example")), "`hostaddr` must be an IP address");
    assert_eq!(reason(on_postgres("port=99999")), "`port` must be a whole number in range");
    assert_eq!(reason(on_postgres("schema=a%22b")), "`schema` must be the name of a schema");
}

/// Every type that dereferences to `&str` is accepted.
#[tokio::test]
async fn a_url_may_be_a_string() {
    let url = String::from("sqlite::memory:");
    sqlite::connect(&url).await.unwrap().close().await;
    sqlite::connect_options(&Arc::<str>::from(url)).unwrap();
    let url = String::from("postgres://u:hunter2@127.0.0.1:port/d");
    reason(postgres::connect(&url).await);
    let url = String::from("mysql://u:hunter2@127.0.0.1:port/d");
    reason(mysql::connect(&url).await);
}

/// The URLs of Neon, Supabase, Vercel and Heroku.
#[test]
fn urls_of_providers_are_accepted() {
    for parameters in [
        "sslmode=require&channel_binding=require",
        "sslmode=no-verify",
        "sslmode=require&uselibpqcompat=true",
        "sslmode=require&supa=base-pooler.x",
        "pgbouncer=true&connection_limit=1",
        "pgbouncer=true&schema=public",
        "target_session_attrs=read-write",
    ] {
        on_postgres(parameters).unwrap();
    }
    let text = "`target_session_attrs` must be one of: any, read-write, primary";
    assert_eq!(reason(on_postgres("target_session_attrs=standby")), text);
}

#[test]
fn pgbouncer_gets_no_named_statements_and_no_settings() {
    let options = on_postgres("pgbouncer=true&schema=public&statement_cache_size=50").unwrap();
    assert_eq!(options.get_options(), None);
    assert!(options.to_url_lossy().query().unwrap().contains("statement-cache-capacity=0"));
    let text = "`schema` has no effect through PgBouncer: remove it, and set `PrismaConfig::schema` instead";
    assert_eq!(reason(on_postgres("schema=auth&pgbouncer=true")), text);
    let text = "`socket_timeout` has no effect through PgBouncer: remove it";
    assert_eq!(reason(on_postgres("pgbouncer=true&socket_timeout=5")), text);
    assert_eq!(reason(on_postgres("pgbouncer=yes")), "`pgbouncer` must be one of: true, false");
    assert_eq!(on_postgres("pgbouncer=false&schema=a").unwrap().get_options(), Some("-c search_path=\"a\""));
}

#[test]
fn all_names_of_tls_parameters_are_equivalent() {
    for (mode, postgres, mysql) in [
        ("disable", PgSslMode::Disable, MySqlSslMode::Disabled),
        ("allow", PgSslMode::Allow, MySqlSslMode::Preferred),
        ("PREFERRED", PgSslMode::Prefer, MySqlSslMode::Preferred),
        ("no-verify", PgSslMode::Require, MySqlSslMode::Required),
        ("REQUIRED", PgSslMode::Require, MySqlSslMode::Required),
        ("VERIFY_CA", PgSslMode::VerifyCa, MySqlSslMode::VerifyCa),
        ("verify-full", PgSslMode::VerifyFull, MySqlSslMode::VerifyIdentity),
    ] {
        let same = |one: &dyn std::fmt::Debug, other: &dyn std::fmt::Debug| {
            assert_eq!(format!("{one:?}"), format!("{other:?}"), "{mode}");
        };
        same(&on_postgres(&format!("sslmode={mode}")).unwrap().get_ssl_mode(), &postgres);
        same(&on_mysql(&format!("ssl-mode={mode}")).unwrap().get_ssl_mode(), &mysql);
    }
    let parameters = "sslmode=require&sslaccept=strict&sslcert=%2Fetc%2Fca.pem";
    let tls = Url::parse("", &["postgres"], &format!("postgres://h/d?{parameters}")).unwrap().take_tls().unwrap();
    assert_eq!((tls.authority.as_deref(), tls.certificate, tls.key), (Some("/etc/ca.pem"), None, None));
    assert!(matches!(on_mysql(parameters).unwrap().get_ssl_mode(), MySqlSslMode::VerifyIdentity));
    let url = "postgres://h/d?sslrootcert=system&sslcert=c.pem&sslkey=c.key";
    let tls = Url::parse("", &["postgres"], url).unwrap().take_tls().unwrap();
    assert_eq!((tls.authority, tls.certificate.as_deref(), tls.key.as_deref()), (None, Some("c.pem"), Some("c.key")));
}

/// As in libpq, a certificate of an authority is always verified.
#[test]
fn a_certificate_of_an_authority_is_verified() {
    let mode = |parameters| on_postgres(parameters).unwrap().get_ssl_mode();
    for (parameters, expected) in [
        ("sslrootcert=system", PgSslMode::VerifyFull),
        ("sslrootcert=system&sslmode=verify-full", PgSslMode::VerifyFull),
        ("sslrootcert=system&sslmode=require&sslaccept=strict", PgSslMode::VerifyFull),
        ("sslrootcert=ca.pem&sslmode=require", PgSslMode::VerifyCa),
        ("sslrootcert=ca.pem&sslmode=verify-full", PgSslMode::VerifyFull),
        // Verification is disabled explicitly, or `sslcert` is used as in Prisma, which does not enable it.
        ("sslrootcert=ca.pem&sslmode=no-verify", PgSslMode::Require),
        ("sslrootcert=ca.pem&sslmode=require&sslaccept=accept_invalid_certs", PgSslMode::Require),
        ("sslcert=ca.pem&sslmode=require", PgSslMode::Require),
    ] {
        assert_eq!(format!("{:?}", mode(parameters)), format!("{expected:?}"), "{parameters}");
    }
    assert!(matches!(on_mysql("sslca=system").unwrap().get_ssl_mode(), MySqlSslMode::VerifyIdentity));
    assert!(matches!(on_mysql("sslca=ca.pem&sslmode=require").unwrap().get_ssl_mode(), MySqlSslMode::Required));
    let text = "`sslrootcert=system` needs `sslmode=verify-full`, or no `sslmode`";
    for weaker in ["disable", "allow", "prefer", "require", "no-verify", "verify-ca"] {
        assert_eq!(reason(on_postgres(&format!("sslrootcert=system&sslmode={weaker}"))), text);
        assert_eq!(reason(on_mysql(&format!("sslmode={weaker}&ssl-ca=system"))), text);
    }
    let text = "`hostaddr` cannot be used with `sslmode=verify-full`, which verifies the name of the host";
    for checks_names in ["sslmode=verify-full", "sslaccept=strict", "sslrootcert=system"] {
        assert_eq!(reason(on_postgres(&format!("host=db.example&hostaddr=10.0.0.1&{checks_names}"))), text);
    }
    assert_eq!(on_postgres("host=db.example&hostaddr=10.0.0.1&sslmode=verify-ca").unwrap().get_host(), "10.0.0.1");
}

#[test]
fn prisma_urls_become_settings_of_mysql() {
    let options = mysql::connect_options("mysql://us%40er:p%3Fw@db.example:3307/app?charset=utf8mb4").unwrap();
    assert_eq!((options.get_host(), options.get_port()), ("db.example", 3_307));
    assert_eq!((options.get_username(), options.get_database()), ("us@er", Some("app")));
    let options = mysql::connect_options("mariadb://root@localhost/app?socket=%2Frun%2Fmysqld%2Fmy+sql.sock").unwrap();
    assert_eq!(options.get_socket().unwrap().to_str(), Some("/run/mysqld/my sql.sock"));
    assert!(matches!(options.get_ssl_mode(), MySqlSslMode::Preferred));
}

#[test]
fn prisma_urls_become_settings_of_sqlite() {
    let file = |url| sqlite::connect_options(url).unwrap().get_filename().to_str().unwrap().to_owned();
    // sqlx decodes percent signs in a path, Prisma does not.
    assert_eq!(file("file:./dev%41.db?connection_limit=3&mode=rwc&cache=shared&schema=x"), "./dev%41.db");
    assert_eq!(file("file:/var/lib/a#b.db"), "/var/lib/a#b.db");
    assert_eq!(file("sqlite://dev%41.db"), "devA.db");
}

proptest! {
    #[test]
    fn no_url_panics_or_is_contained_in_the_error(
        start in "(postgres:|postgres://|mysql:|mysql://|file:|sqlite://|)",
        rest in "[ -~é]{0,40}",
        query in "(\\?(schema|sslmode|connection_limit|options|pgbouncer|sslcert|socket|mode|[a-z]{1,5})=[ -~]{0,9}(&[a-z]{1,9}=[ -~é]{0,9})?)?",
    ) {
        let url = format!("{start}hunter2{rest}{query}");
        let errors = [
            postgres::connect_options(&url).err(),
            mysql::connect_options(&url).err(),
            sqlite::connect_options(&url).err(),
        ];
        for error in errors.into_iter().flatten() {
            prop_assert!(!format!("{error:?} {error}").contains("hunter2"), "{url}: {error:?}");
        }
    }
}
