//! SQLite through sqlx: ready-made connection settings, and the driver itself.

mod connect;
mod failure;
mod raw;

use sqlx::{SqliteConnection, SqlitePool};

pub use self::connect::{connect, connect_options, pool_options};
use super::{Connection, Driver, Pool, pool::PoolDriver, sealed::IntoDriver};

impl Pool for SqlitePool {}

impl IntoDriver for SqlitePool {
    #[expect(private_interfaces, reason = "nobody outside can name it, which is what seals the trait")]
    fn driver(self) -> Box<dyn Driver> {
        Box::new(PoolDriver(self))
    }
}

impl Connection for SqliteConnection {}
