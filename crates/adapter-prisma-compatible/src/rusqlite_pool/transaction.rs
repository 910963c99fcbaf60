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
use crate::{family::Prisma, transaction_conflict::TransactionConflict, transaction_ended::TransactionEnded};

impl Connection<Prisma> for Transaction<'_> {
    fn driver(&mut self) -> Box<dyn Driver + '_> {
        ConnectionDriver::of(self, true)
    }
}

impl Connection<Prisma> for Savepoint<'_> {
    fn driver(&mut self) -> Box<dyn Driver + '_> {
        ConnectionDriver::of(self, true)
    }
}

impl Connection<Prisma> for rusqlite::Connection {
    fn driver(&mut self) -> Box<dyn Driver + '_> {
        ConnectionDriver::of(self, false)
    }
}

/// A driver for a connection, in whose thread it runs. It does not retry.
///
/// A driver can be sent to another thread, and a reference to a connection cannot. This driver never waits, so it is
/// created, used and dropped within one poll of the call that needs it.
struct ConnectionDriver<'c> {
    connection: SendWrapper<&'c rusqlite::Connection>,
    is_transaction: bool,
}

impl<'c> ConnectionDriver<'c> {
    fn of(connection: &'c rusqlite::Connection, is_transaction: bool) -> Box<dyn Driver + 'c> {
        Box::new(Self { connection: SendWrapper::new(connection), is_transaction })
    }

    fn fetch(&self, query: &Query) -> Result<Vec<Row>, DriverError> {
        self.check_transaction()?;
        fetch(&self.connection, query, usize::MAX).map_err(|error| TransactionConflict::name(classify(error)))
    }

    fn run(&self, queries: &[Query]) -> Result<Written, DriverError> {
        self.check_transaction()?;
        let written = if self.connection.is_autocommit() {
            write(&self.connection, queries)
        } else {
            write_part(&self.connection, queries).flatten()
        };
        written.map_err(TransactionConflict::name)
    }

    /// SQLite ends a transaction by itself after some errors.
    fn check_transaction(&self) -> Result<(), TransactionEnded> {
        if self.is_transaction && self.connection.is_autocommit() { Err(TransactionEnded) } else { Ok(()) }
    }
}

#[async_trait]
impl Driver for ConnectionDriver<'_> {
    fn database(&self) -> Database {
        Database::Sqlite
    }

    async fn fetch_all(&self, query: &Query) -> Result<Vec<Row>, DriverError> {
        self.fetch(query)
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
