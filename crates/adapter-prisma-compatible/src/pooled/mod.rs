//! Drivers for the pools and connections of async libraries.

mod connection;
mod pool;
mod connection_driver;
mod pool_driver;

pub(crate) use self::{
    connection::RawConnection, connection_driver::ConnectionDriver, pool::RawPool, pool_driver::PoolDriver,
};
