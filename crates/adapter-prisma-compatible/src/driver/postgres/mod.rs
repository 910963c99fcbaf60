//! Postgres through sqlx: ready-made connection settings, and the driver itself.

mod argument;
mod cell;
mod connect;
mod connection;
mod failure;

use async_trait::async_trait;
use sqlx::{
    AssertSqlSafe, Connection as _, PgPool, Postgres, Row as _, Transaction,
    postgres::{PgArguments, PgRow},
    query::Query as SqlxQuery,
};

pub use self::connect::{InvalidUrl, connect, connect_options, pool_options};
use self::{
    argument::Argument,
    failure::{classify, is_in_the_way, is_lost},
};
use super::{
    Attempts, Driver, DriverError, Pool, Query, Row, StepError,
    lease::{give_back, lease},
    sealed::IntoDriver,
};
use crate::dialect::{self, Dialect};

impl Pool for PgPool {}

impl IntoDriver for PgPool {
    #[expect(private_interfaces, reason = "nobody outside can name it, which is what seals the trait")]
    fn driver(self) -> Box<dyn Driver> {
        Box::new(PgDriver(self))
    }
}

#[derive(Debug)]
struct PgDriver(PgPool);

#[async_trait]
impl Driver for PgDriver {
    fn dialect(&self) -> &'static dyn Dialect {
        &dialect::Postgres
    }

    async fn fetch_optional(&self, query: &Query) -> Result<Option<Row>, DriverError> {
        let mut repeats = self.repeats();
        loop {
            match bind(query).fetch_optional(&self.0).await {
                Ok(row) => return row.as_ref().map(cells).transpose().map_err(classify),
                Err(error) if repeats.may_read_again(&error).await => {}
                Err(error) => return Err(classify(error)),
            }
        }
    }

    async fn fetch_all(&self, query: &Query) -> Result<Vec<Row>, DriverError> {
        let mut repeats = self.repeats();
        loop {
            match bind(query).fetch_all(&self.0).await {
                Ok(rows) => return rows.iter().map(cells).collect::<Result<_, _>>().map_err(classify),
                Err(error) if repeats.may_read_again(&error).await => {}
                Err(error) => return Err(classify(error)),
            }
        }
    }

    async fn write_and_fetch(&self, query: &Query) -> Result<Option<Row>, DriverError> {
        let mut attempts = Attempts::default();
        loop {
            match bind(query).fetch_optional(&self.0).await {
                Ok(row) => return row.as_ref().map(cells).transpose().map_err(classify),
                Err(error) if attempts.may_repeat(is_in_the_way(&error)).await => {}
                Err(error) => return Err(classify(error)),
            }
        }
    }

    async fn execute(&self, query: &Query) -> Result<u64, DriverError> {
        let mut attempts = Attempts::default();
        loop {
            match bind(query).execute(&self.0).await {
                Ok(done) => return Ok(done.rows_affected()),
                Err(error) if attempts.may_repeat(is_in_the_way(&error)).await => {}
                Err(error) => return Err(classify(error)),
            }
        }
    }

    async fn execute_all(&self, queries: &[Query]) -> Result<(), StepError> {
        let mut attempts = Attempts::default();
        loop {
            match self.transaction(queries).await {
                Ok(()) => return Ok(()),
                Err((_, error)) if attempts.may_repeat(is_in_the_way(&error)).await => {}
                Err((step, error)) => return Err(StepError { step, error: classify(error) }),
            }
        }
    }
}

impl PgDriver {
    async fn transaction(&self, queries: &[Query]) -> Result<(), (Option<usize>, sqlx::Error)> {
        let nothing = |error| (None, error);
        let mut connection = lease(&self.0).await.map_err(nothing)?;
        let done = run_all(connection.begin().await.map_err(nothing)?, queries).await;
        give_back(connection);
        done
    }

    fn repeats(&self) -> Repeats {
        Repeats { attempts: Attempts::default(), connections: self.0.size() }
    }
}

async fn run_all(
    mut transaction: Transaction<'_, Postgres>,
    queries: &[Query],
) -> Result<(), (Option<usize>, sqlx::Error)> {
    for (step, query) in queries.iter().enumerate() {
        bind(query).execute(&mut *transaction).await.map_err(|error| (Some(step), error))?;
    }
    transaction.commit().await.map_err(|error| (None, error))
}

/// When a read is tried again.
struct Repeats {
    attempts: Attempts,
    /// Every connection of the pool may be one that the server has closed in the meantime; each is found out only once.
    connections: u32,
}

impl Repeats {
    async fn may_read_again(&mut self, error: &sqlx::Error) -> bool {
        if is_lost(error) && self.connections > 0 {
            self.connections -= 1;
            return true;
        }
        self.attempts.may_repeat(is_in_the_way(error)).await
    }
}

/// The text was rendered by this crate from quoted names; every value is a parameter.
fn bind(query: &Query) -> SqlxQuery<'_, Postgres, PgArguments> {
    let statement = sqlx::query(AssertSqlSafe(query.sql()));
    query.bound().fold(statement, |statement, parameter| statement.bind(Argument(parameter)))
}

fn cells(row: &PgRow) -> Result<Row, sqlx::Error> {
    (0..row.len()).map(|index| cell::read(&row.try_get_raw(index)?).map_err(sqlx::Error::Decode)).collect()
}
