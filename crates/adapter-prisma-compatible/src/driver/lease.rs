use sqlx::{Connection as _, Database, Pool, Transaction, pool::PoolConnection};

/// A connection of a pool, for one transaction. It is closed, and not given back, if the call is dropped before that has ended.
///
/// sqlx 0.9.0 takes a transaction for one that never began when it is dropped while it begins (its issue 4393): it would stay
/// open, and what is written next on the connection would be lost with it. When it is dropped while MySQL prepares a statement,
/// sqlx takes the answer for another one and may wait forever for the rest, and the pool with it.
#[derive(Debug)]
pub(super) struct Lease<DB: Database> {
    connection: PoolConnection<DB>,
    has_ended: bool,
}

impl<DB: Database> Lease<DB> {
    pub(super) async fn of(pool: &Pool<DB>) -> Result<Self, sqlx::Error> {
        Ok(Self { connection: pool.acquire().await?, has_ended: false })
    }

    pub(super) async fn begin(&mut self) -> Result<Transaction<'_, DB>, sqlx::Error> {
        self.connection.begin().await
    }

    /// Gives the connection back. The transaction has been committed, or is rolled back on the way.
    pub(super) fn give_back(mut self) {
        self.has_ended = true;
    }
}

impl<DB: Database> Drop for Lease<DB> {
    fn drop(&mut self) {
        if !self.has_ended {
            self.connection.close_on_drop();
        }
    }
}
