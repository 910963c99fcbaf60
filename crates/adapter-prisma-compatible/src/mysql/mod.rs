//! Connection settings and the driver for MySQL and MariaDB, on sqlx.

mod cell;
mod failure;
mod connect;
mod connection;

use lucia_sql::driver::{Connection, Driver, Pool};
use sqlx::{MySqlConnection, MySqlPool};

pub use self::connect::{connect, connect_options, ping_after, pool_options};
use crate::{
    family::Prisma,
    pooled::{ConnectionDriver, PoolDriver},
};

impl Pool<Prisma> for MySqlPool {
    fn driver(&self) -> Box<dyn Driver> {
        PoolDriver::retrying(self.clone())
    }
}

impl Connection<Prisma> for MySqlConnection {
    fn driver(&mut self) -> Box<dyn Driver + '_> {
        ConnectionDriver::of(self)
    }
}
