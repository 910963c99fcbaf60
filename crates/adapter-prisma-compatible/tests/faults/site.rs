use std::time::Duration;

use adapter_prisma_compatible::mysql;
use adapter_prisma_compatible::postgres;
use adapter_prisma_compatible::{PrismaAdapter, PrismaConfig, SetupError};
use adapter_tests::service::{self, ServerBuilder};
use lucia_core::{
    AdapterError, AdapterErrorKind, HashedPassword, KeyId, KeySchema, SessionSchema, UnixMillis, UserSchema,
};

/// How long a call waits for a connection.
pub(crate) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);

/// Longer than any call may take, whatever happens to the server.
pub(crate) const BOUND: Duration = Duration::from_secs(20);

/// A database server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Postgres,
    MySql,
}

impl Kind {
    pub(crate) fn server(self) -> ServerBuilder {
        match self {
            Self::Postgres => service::postgres_server().unwrap(),
            Self::MySql => service::mysql_server().unwrap(),
        }
    }

    pub(crate) fn url(self, port: u16) -> String {
        match self {
            Self::Postgres => format!("postgres://lucia:lucia@127.0.0.1:{port}/postgres"),
            Self::MySql => format!("mysql://lucia:lucia@127.0.0.1:{port}/lucia"),
        }
    }

    /// A pool of so many connections.
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

    /// Makes the database and its tables.
    pub(crate) async fn prepare(self, port: u16) {
        if self == Self::MySql {
            let server = mysql::connect(&format!("mysql://lucia:lucia@127.0.0.1:{port}/mysql")).await.unwrap();
            sqlx::query("CREATE DATABASE lucia").execute(&server).await.unwrap();
            server.close().await;
        }
        let pool = self.pool(&self.url(port), 1).await;
        pool.create_tables().await;
        pool.close().await;
    }
}

/// A pool of either database.
#[derive(Clone, Debug)]
pub(crate) enum Pool {
    Postgres(sqlx::PgPool),
    MySql(sqlx::MySqlPool),
}

/// Runs the same on either pool.
macro_rules! on_pool {
    ($pool:expr, $name:ident => $body:expr) => {
        match $pool {
            Pool::Postgres($name) => $body,
            Pool::MySql($name) => $body,
        }
    };
}

impl Pool {
    pub(crate) async fn adapter(&self) -> Result<PrismaAdapter, SetupError> {
        on_pool!(self, pool => PrismaAdapter::new(pool.clone()).await)
    }

    async fn create_tables(&self) {
        on_pool!(self, pool => PrismaConfig::default().create_tables(pool).await.unwrap());
    }

    pub(crate) async fn execute(&self, sql: &'static str) {
        on_pool!(self, pool => { sqlx::raw_sql(sql).execute(pool).await.unwrap(); });
    }

    /// A connection that runs this and keeps what it locked, until it is dropped.
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

/// A call must end within the bound, and fail of nothing but the outage.
pub(crate) async fn bounded<T>(call: impl Future<Output = Result<T, AdapterError>>) -> Result<T, AdapterError> {
    let result = tokio::time::timeout(BOUND, call).await.expect("a call ends");
    if let Err(error) = &result {
        assert_eq!(error.kind(), AdapterErrorKind::Unavailable, "{error:?}");
    }
    result
}
