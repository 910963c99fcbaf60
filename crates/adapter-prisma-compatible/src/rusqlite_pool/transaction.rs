//! Connections of the application, which may be in a transaction.

use std::{fmt, slice};

use async_trait::async_trait;
use lucia_sql::driver::{Connection, Database, Driver, DriverError, Query, Row};
use rusqlite::{Savepoint, Transaction};
use send_wrapper::SendWrapper;

use super::{
    call::Written,
    failure::classify,
    group::{write, write_part},
    statement::fetch,
};
use crate::family::Prisma;

impl Connection<Prisma> for Transaction<'_> {
    fn driver(&mut self) -> Box<dyn Driver + '_> {
        Box::new(ConnectionDriver(SendWrapper::new(self)))
    }
}

impl Connection<Prisma> for Savepoint<'_> {
    fn driver(&mut self) -> Box<dyn Driver + '_> {
        Box::new(ConnectionDriver(SendWrapper::new(self)))
    }
}

impl Connection<Prisma> for rusqlite::Connection {
    fn driver(&mut self) -> Box<dyn Driver + '_> {
        Box::new(ConnectionDriver(SendWrapper::new(self)))
    }
}

/// A driver for a connection, in whose thread it runs. It does not retry.
///
/// A driver can be sent to another thread, and a reference to a connection cannot. This driver never waits, so it is
/// created, used and dropped within one poll of the call that needs it.
struct ConnectionDriver<'c>(SendWrapper<&'c rusqlite::Connection>);

impl ConnectionDriver<'_> {
    fn run(&self, queries: &[Query]) -> Result<Written, DriverError> {
        if self.0.is_autocommit() { write(&self.0, queries) } else { write_part(&self.0, queries)? }
    }
}

#[async_trait]
impl Driver for ConnectionDriver<'_> {
    fn database(&self) -> Database {
        Database::Sqlite
    }

    async fn fetch_all(&self, query: &Query) -> Result<Vec<Row>, DriverError> {
        fetch(&self.0, query, usize::MAX).map_err(classify)
    }

    async fn write_and_fetch(&self, query: &Query) -> Result<Vec<Row>, DriverError> {
        Ok(self.run(slice::from_ref(query))?.rows)
    }

    async fn execute(&self, query: &Query) -> Result<u64, DriverError> {
        Ok(self.run(slice::from_ref(query))?.count)
    }

    async fn execute_all(&self, queries: &[Query]) -> Result<(), DriverError> {
        self.run(queries).map(drop)
    }
}

impl fmt::Debug for ConnectionDriver<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionDriver").finish_non_exhaustive()
    }
}
