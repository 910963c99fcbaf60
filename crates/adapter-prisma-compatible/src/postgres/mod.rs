//! Connection settings and the driver for Postgres, on sqlx.

mod argument;
mod cell;
mod failure;
mod connect;
mod connection;
mod pool;

use lucia_sql::driver::{Connection, Driver, Pool};
use sqlx::{PgConnection, PgPool};

pub use self::connect::{connect, connect_options, ping_after, pool_options};
use crate::{
    family::Prisma,
    pooled::{ConnectionDriver, PoolDriver},
};

impl Pool<Prisma> for PgPool {
    fn driver(&self) -> Box<dyn Driver> {
        PoolDriver::retrying(pool::Pool::new(self.clone()))
    }
}

impl Connection<Prisma> for PgConnection {
    fn driver(&mut self) -> Box<dyn Driver + '_> {
        ConnectionDriver::of(self)
    }
}
