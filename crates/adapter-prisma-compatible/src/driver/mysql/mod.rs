//! MySQL and MariaDB through sqlx: ready-made connection settings, and the driver itself.

mod cell;
mod connect;
mod failure;
mod raw;

use sqlx::{MySqlConnection, MySqlPool};

pub use self::connect::{connect, connect_options, ping_after, pool_options};
use super::{Connection, Driver, Pool, pool::PoolDriver, sealed::IntoDriver};

impl Pool for MySqlPool {}

impl IntoDriver for MySqlPool {
    #[expect(private_interfaces, reason = "nobody outside can name it, which is what seals the trait")]
    fn driver(self) -> Box<dyn Driver> {
        Box::new(PoolDriver(self))
    }
}

impl Connection for MySqlConnection {}
