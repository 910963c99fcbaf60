//! Postgres through sqlx: ready-made connection settings, and the driver itself.

mod argument;
mod cell;
mod connect;
mod failure;
mod raw;

use sqlx::{PgConnection, PgPool};

pub use self::connect::{connect, connect_options, ping_after, pool_options};
use super::{Connection, Driver, Pool, pool::PoolDriver, sealed::IntoDriver};

impl Pool for PgPool {}

impl IntoDriver for PgPool {
    #[expect(private_interfaces, reason = "nobody outside can name it, which is what seals the trait")]
    fn driver(self) -> Box<dyn Driver> {
        Box::new(PoolDriver(raw::Pool::new(self)))
    }
}

impl Connection for PgConnection {}
