use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
};

use rusqlite::{Connection, Error, Result};

use super::{
    NoConnection,
    settings::Settings,
    statement::{roll_back, settle},
};

/// The connection that writes. Every function finds it in autocommit mode and without a running statement. Otherwise, a
/// write would be acknowledged and not committed. A connection that cannot be brought to this state is replaced.
pub(super) struct WriteConnection {
    settings: Settings,
    /// `None` until a closed connection is replaced.
    connection: Option<Connection>,
    /// `true` if the connection cannot be used, and not be replaced either.
    is_stuck: bool,
}

impl WriteConnection {
    pub(super) fn new(settings: Settings, connection: Connection) -> Self {
        Self { settings: settings.of_existing_file(), connection: Some(connection), is_stuck: false }
    }

    /// Runs a function of this module, and rolls back the transaction that it leaves.
    pub(super) fn write<T>(&mut self, run: impl FnOnce(&Connection) -> T) -> Result<T, NoConnection> {
        self.run(|connection| run(connection), roll_back)
    }

    /// Runs a function of the application, which may panic, and ends what it leaves.
    pub(super) fn call<T>(
        &mut self,
        function: impl FnOnce(&mut Connection) -> T,
    ) -> Result<thread::Result<T>, NoConnection> {
        self.run(|connection| catch_unwind(AssertUnwindSafe(|| function(connection))), settle)
    }

    fn run<T>(
        &mut self,
        run: impl FnOnce(&mut Connection) -> T,
        end: fn(&Connection) -> bool,
    ) -> Result<T, NoConnection> {
        let connection = self.get()?;
        let value = run(connection);
        if !end(connection) {
            // Closing it releases its locks. It would also delete a database in memory.
            self.is_stuck = self.settings.is_in_memory();
            if !self.is_stuck {
                self.connection = None;
            }
        }
        Ok(value)
    }

    fn get(&mut self) -> Result<&mut Connection, NoConnection> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => reopen(&self.settings)?,
        };
        let connection = self.connection.insert(connection);
        self.is_stuck = self.is_stuck && !settle(connection);
        if self.is_stuck { Err(NoConnection::Unfinished) } else { Ok(connection) }
    }
}

fn reopen(settings: &Settings) -> Result<Connection, NoConnection> {
    // The setup of the application may panic.
    let opened = catch_unwind(AssertUnwindSafe(|| settings.open_writer()));
    opened.unwrap_or(Err(Error::UnwindingPanic)).map_err(|error| NoConnection::NotReplaced(Arc::new(error)))
}
