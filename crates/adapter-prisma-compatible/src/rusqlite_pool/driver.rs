use std::slice;

use async_trait::async_trait;
use lucia_sql::driver::{Database, Driver, DriverError, Pool, Query, Retrying, Row};

use super::RusqlitePool;
use crate::{family::Prisma, timer::TokioTimer};

impl Pool<Prisma> for RusqlitePool {
    fn driver(&self) -> Box<dyn Driver> {
        Box::new(Retrying::new(RusqliteDriver(self.clone()), TokioTimer))
    }
}

/// A driver for a pool.
#[derive(Debug)]
struct RusqliteDriver(RusqlitePool);

#[async_trait]
impl Driver for RusqliteDriver {
    fn database(&self) -> Database {
        Database::Sqlite
    }

    fn address(&self) -> Option<String> {
        Some(self.0.path().to_owned())
    }

    async fn fetch_optional(&self, query: &Query) -> Result<Option<Row>, DriverError> {
        Ok(self.0.fetch(query, 1).await?.into_iter().next())
    }

    async fn fetch_all(&self, query: &Query) -> Result<Vec<Row>, DriverError> {
        self.0.fetch(query, usize::MAX).await
    }

    async fn write_and_fetch(&self, query: &Query) -> Result<Vec<Row>, DriverError> {
        Ok(self.0.run(slice::from_ref(query)).await?.rows)
    }

    async fn execute(&self, query: &Query) -> Result<u64, DriverError> {
        Ok(self.0.run(slice::from_ref(query)).await?.count)
    }

    async fn execute_all(&self, queries: &[Query]) -> Result<(), DriverError> {
        self.0.run(queries).await.map(drop)
    }
}
