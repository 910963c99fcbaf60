//! Connection settings and the driver for SQLite, on sqlx.

mod cell;
mod failure;
mod connection;
mod connect;

use lucia_sql::driver::{Connection, Driver, Pool};
use sqlx::{SqliteConnection, SqlitePool};

pub use self::connect::{connect, connect_options, pool_options};
use crate::{
    family::Prisma,
    pooled::{ConnectionDriver, PoolDriver},
};

impl Pool<Prisma> for SqlitePool {
    fn driver(&self) -> Box<dyn Driver> {
        PoolDriver::retrying(self.clone())
    }
}

impl Connection<Prisma> for SqliteConnection {
    fn driver(&mut self) -> Box<dyn Driver + '_> {
        ConnectionDriver::of(self)
    }
}
