use std::time::Duration;

use adapter_prisma_compatible::mysql;
use adapter_prisma_compatible::postgres;
use adapter_prisma_compatible::{PrismaAdapter, PrismaConfig, PrismaTokenAdapter, SetupError, Table};
use lucia_core::{
    AdapterError, AdapterErrorKind, HashedPassword, KeyId, KeySchema, SessionSchema, UnixMillis, UserSchema,
};
use test_servers::ServerBuilder;

use crate::disguise::AsMySql;

/// The time that a call waits for a connection.
pub(crate) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);

/// The time in which every call must return, whatever happens to the server.
pub(crate) const BOUND: Duration = Duration::from_secs(20);

/// Evaluates the same expression for either pool.
macro_rules! on_pool {
    ($pool:expr, $name:ident => $body:expr) => {
        match $pool {
            $crate::site::Pool::Postgres($name) => $body,
            $crate::site::Pool::MySql($name) => $body,
        }
    };
}

pub(crate) use on_pool;

/// A database server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Postgres,
    MySql,
}

impl Kind {
    pub(crate) fn server(self) -> ServerBuilder {
        match self {
            Self::Postgres => test_servers::postgres_server().unwrap(),
            Self::MySql => test_servers::mysql_server().unwrap(),
        }
    }

    pub(crate) fn url(self, port: u16) -> String {
        match self {
            Self::Postgres => format!("postgres://lucia:lucia@127.0.0.1:{port}/postgres"),
            Self::MySql => format!("mysql://lucia:lucia@127.0.0.1:{port}/lucia"),
        }
    }

    /// Creates a pool with a number of connections.
    pub(crate) async fn pool(self, url: &str, size: u32) -> Pool {
        match self {
            Self::Postgres => {
                let options = postgres::pool_options().max_connections(size).acquire_timeout(ACQUIRE_TIMEOUT);
                Pool::Postgres(options.connect_with(postgres::connect_options(url).unwrap()).await.unwrap())
            }
            Self::MySql => {
                let options = mysql::pool_options().max_connections(size).acquire_timeout(ACQUIRE_TIMEOUT);
                Pool::MySql(options.connect_with(mysql::connect_options(url).unwrap()).await.unwrap())
            }
        }
    }

    /// Creates the database and its tables.
    pub(crate) async fn prepare(self, port: u16) {
        self.prepare_with(port, &PrismaConfig::default().token(Table::named("Token"))).await;
    }

    pub(crate) async fn prepare_with(self, port: u16, config: &PrismaConfig) {
        if self == Self::MySql {
            let server = mysql::connect(&format!("mysql://lucia:lucia@127.0.0.1:{port}/mysql")).await.unwrap();
            sqlx::query("CREATE DATABASE lucia").execute(&server).await.unwrap();
            server.close().await;
        }
        let pool = self.pool(&self.url(port), 1).await;
        pool.create_tables(config).await;
        pool.close().await;
    }

    /// Creates a user without administrator rights, whose writes a read-only server rejects.
    pub(crate) async fn create_application_user(self, port: u16) {
        if self == Self::MySql {
            let root = self.pool(&self.url(port), 1).await;
            root.execute("CREATE USER 'application'@'%'").await;
            root.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON lucia.* TO 'application'@'%'").await;
            root.close().await;
        }
    }

    pub(crate) fn application_url(self, port: u16) -> String {
        match self {
            Self::Postgres => self.url(port),
            Self::MySql => format!("mysql://application@127.0.0.1:{port}/lucia"),
        }
    }

    /// Makes the server read-only or writable.
    pub(crate) async fn set_read_only(self, port: u16, is_read_only: bool) {
        let root = self.pool(&self.url(port), 1).await;
        match (self, is_read_only) {
            (Self::Postgres, true) => root.execute("ALTER SYSTEM SET default_transaction_read_only = on").await,
            (Self::Postgres, false) => root.execute("ALTER SYSTEM RESET default_transaction_read_only").await,
            (Self::MySql, true) => root.execute("SET GLOBAL read_only = ON").await,
            (Self::MySql, false) => root.execute("SET GLOBAL read_only = OFF").await,
        }
        if self == Self::Postgres {
            root.execute("SELECT pg_reload_conf()").await;
            // Other sessions are notified by a signal.
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        root.close().await;
    }

    /// Waits until the server has closed all other connections.
    pub(crate) async fn wait_until_disconnected(self, port: u16) {
        let root = self.pool(&self.url(port), 1).await;
        let connected = match self {
            Self::Postgres => {
                "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            }
            Self::MySql => {
                "SELECT count(*) FROM information_schema.PROCESSLIST WHERE USER = 'lucia' AND ID <> CONNECTION_ID()"
            }
        };
        while on_pool!(&root, pool => sqlx::query_scalar::<_, i64>(connected).fetch_one(pool).await.unwrap()) > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        root.close().await;
    }
}

/// A pool of either database.
#[derive(Clone, Debug)]
pub(crate) enum Pool {
    Postgres(sqlx::PgPool),
    MySql(sqlx::MySqlPool),
}

impl Pool {
    pub(crate) async fn adapter(&self) -> Result<PrismaAdapter, SetupError> {
        on_pool!(self, pool => PrismaAdapter::new(pool.clone()).await)
    }

    async fn create_tables(&self, config: &PrismaConfig) {
        on_pool!(self, pool => config.create_tables(pool).await.unwrap());
    }

    /// Returns an adapter for tokens. On MySQL, there is one for each kind of server.
    pub(crate) async fn token_adapters(&self) -> Vec<PrismaTokenAdapter> {
        match self {
            Self::Postgres(pool) => vec![PrismaTokenAdapter::new(pool.clone()).await.unwrap()],
            Self::MySql(pool) => vec![
                PrismaTokenAdapter::new(pool.clone()).await.unwrap(),
                PrismaTokenAdapter::new(AsMySql(pool.clone())).await.unwrap(),
            ],
        }
    }

    pub(crate) async fn execute(&self, sql: &'static str) {
        on_pool!(self, pool => { sqlx::raw_sql(sql).execute(pool).await.unwrap(); });
    }

    /// Executes a statement in a transaction that keeps its locks until it is dropped.
    pub(crate) async fn hold(&self, sql: &'static str) -> Held {
        match self {
            Self::Postgres(pool) => {
                let mut transaction = pool.begin().await.unwrap();
                sqlx::raw_sql(sql).execute(&mut *transaction).await.unwrap();
                Held::Postgres { _transaction: transaction }
            }
            Self::MySql(pool) => {
                let mut transaction = pool.begin().await.unwrap();
                sqlx::raw_sql(sql).execute(&mut *transaction).await.unwrap();
                Held::MySql { _transaction: transaction }
            }
        }
    }

    pub(crate) async fn close(&self) {
        on_pool!(self, pool => pool.close().await);
    }
}

/// A transaction that is rolled back when it is dropped.
pub(crate) enum Held {
    Postgres { _transaction: sqlx::Transaction<'static, sqlx::Postgres> },
    MySql { _transaction: sqlx::Transaction<'static, sqlx::MySql> },
}

pub(crate) fn user(id: &str) -> (UserSchema, KeySchema) {
    let key = KeySchema::new(KeyId::new("test", id).unwrap(), id).with_hashed_password(HashedPassword::new("hash"));
    (UserSchema::new(id), key)
}

pub(crate) fn session(id: &str, user_id: &str) -> SessionSchema {
    SessionSchema::new(id, user_id, UnixMillis::new(1_000), UnixMillis::new(2_000))
}

/// Checks that a call ends within the bound, and fails only because of the outage.
pub(crate) async fn bounded<T>(call: impl Future<Output = Result<T, AdapterError>>) -> Result<T, AdapterError> {
    let result = tokio::time::timeout(BOUND, call).await.expect("the call did not return in time");
    if let Err(error) = &result {
        assert_eq!(error.kind(), AdapterErrorKind::Unavailable, "{error:?}");
    }
    result
}
