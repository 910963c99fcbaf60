//! Pools as in an application with Diesel.

use diesel::{ConnectionError, SqliteConnection};
use diesel_async::{
    AsyncConnection as _, AsyncMysqlConnection, AsyncPgConnection, SimpleAsyncConnection as _,
    pooled_connection::{
        AsyncDieselConnectionManager, ManagerConfig, PoolableConnection, RecyclingMethod,
        deadpool::{BuildError, Pool},
    },
    sync_connection_wrapper::SyncConnectionWrapper,
};

pub(crate) fn postgres(url: &str) -> Result<Pool<AsyncPgConnection>, BuildError> {
    Pool::builder(AsyncDieselConnectionManager::new_with_config(url, without_ping())).build()
}

pub(crate) fn mysql(url: &str) -> Result<Pool<AsyncMysqlConnection>, BuildError> {
    Pool::builder(AsyncDieselConnectionManager::new_with_config(over_tcp(url), without_ping())).build()
}

/// Returns a pool at a lower isolation level than the default.
#[allow(dead_code, reason = "not every test uses it")]
pub(crate) fn mysql_read_committed(url: &str) -> Result<Pool<AsyncMysqlConnection>, BuildError> {
    let mut config = without_ping();
    config.custom_setup = Box::new(|url| {
        let url = url.to_owned();
        Box::pin(async move {
            let mut connection = AsyncMysqlConnection::establish(&url).await?;
            let setting = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";
            connection.batch_execute(setting).await.map_err(ConnectionError::CouldntSetupConfiguration)?;
            Ok(connection)
        })
    });
    Pool::builder(AsyncDieselConnectionManager::new_with_config(over_tcp(url), config)).build()
}

/// The driver would otherwise bypass a proxy, and use the server's socket.
fn over_tcp(url: &str) -> String {
    format!("{url}?prefer_socket=false")
}

/// Returns a pool with the settings that concurrent writers need.
pub(crate) fn sqlite(file: &str) -> Result<Pool<SyncConnectionWrapper<SqliteConnection>>, BuildError> {
    let mut config = without_ping();
    config.custom_setup = Box::new(|url| {
        let url = url.to_owned();
        Box::pin(async move {
            let mut connection = SyncConnectionWrapper::<SqliteConnection>::establish(&url).await?;
            let settings = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON;";
            connection.batch_execute(settings).await.map_err(ConnectionError::CouldntSetupConfiguration)?;
            Ok(connection)
        })
    });
    Pool::builder(AsyncDieselConnectionManager::new_with_config(file, config)).build()
}

/// Disables the ping before each use of a connection, which costs a round trip.
fn without_ping<C: PoolableConnection + 'static>() -> ManagerConfig<C>
where
    ManagerConfig<C>: Default,
{
    let mut config = ManagerConfig::default();
    config.recycling_method = RecyclingMethod::Fast;
    config
}
