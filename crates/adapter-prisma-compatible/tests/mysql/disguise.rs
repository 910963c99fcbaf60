use adapter_prisma_compatible::{Pool, Prisma};
use lucia_core::async_trait;
use lucia_sql::driver::{Database, Driver, DriverError, Query, Row, SqlValue};

/// A pool whose server claims to be MySQL, so that the statements for MySQL run on MariaDB.
pub(crate) struct AsMySql<P>(pub(crate) P);

impl<P: Pool<Prisma>> Pool<Prisma> for AsMySql<P> {
    fn driver(&self) -> Box<dyn Driver> {
        Box::new(Disguised(self.0.driver()))
    }
}

#[derive(Debug)]
struct Disguised(Box<dyn Driver>);

#[async_trait]
impl Driver for Disguised {
    fn database(&self) -> Database {
        self.0.database()
    }

    async fn fetch_optional(&self, query: &Query) -> Result<Option<Row>, DriverError> {
        if &**query.sql() == "SELECT CAST(VERSION() AS CHAR)" {
            return Ok(Some(vec![SqlValue::from("8.4.0")]));
        }
        self.0.fetch_optional(query).await
    }

    async fn fetch_all(&self, query: &Query) -> Result<Vec<Row>, DriverError> {
        self.0.fetch_all(query).await
    }

    async fn write_and_fetch(&self, _query: &Query) -> Result<Vec<Row>, DriverError> {
        unreachable!("MySQL returns no rows of a write")
    }

    async fn execute(&self, query: &Query) -> Result<u64, DriverError> {
        self.0.execute(query).await
    }

    async fn execute_all(&self, queries: &[Query]) -> Result<(), DriverError> {
        self.0.execute_all(queries).await
    }

    async fn write_all_and_fetch(&self, queries: &[Query]) -> Result<Vec<Row>, DriverError> {
        self.0.write_all_and_fetch(queries).await
    }
}
