use async_trait::async_trait;
use lucia_sql::driver::{Database, DriverError, Query, Row};
use sqlx::{ConnectOptions as _, Connection as _, PgPool, Postgres, pool::PoolConnection, postgres::PgConnectOptions};

use super::{connection::begin, failure::classify};
use crate::pooled::{RawConnection, RawPool};

/// A connection pool of the application, possibly behind a pooler.
pub(super) struct Pool {
    pool: PgPool,
    /// `true` if each statement is prepared without a name, in a transaction. A pooler such as `PgBouncer` may use
    /// another connection to the server for every transaction, on which a name is unknown or belongs to another client.
    is_unnamed: bool,
}

impl Pool {
    pub(super) fn new(pool: PgPool) -> Self {
        let is_unnamed = caches_nothing(&pool.connect_options());
        Self { pool, is_unnamed }
    }
}

/// Returns `true` if sqlx does not cache statements. Only the URL of the options contains this setting.
fn caches_nothing(options: &PgConnectOptions) -> bool {
    // A host or user name that cannot be part of a URL would cause a panic.
    let url = options.clone().host("localhost").username("lucia").to_url_lossy();
    url.query_pairs().any(|(name, value)| name == "statement-cache-capacity" && value == "0")
}

#[async_trait]
impl RawPool for Pool {
    type Connection = Pooled;
    type Object = Pooled;

    fn address(&self) -> Option<String> {
        RawPool::address(&self.pool)
    }

    fn idle(&self) -> usize {
        RawPool::idle(&self.pool)
    }

    /// If a transaction is dropped while it begins, sqlx 0.9.0 assumes that it never began (launchbadge/sqlx#4393). It
    /// would stay open, and later writes on the connection would be lost with it.
    fn must_discard_on_drop(&self, is_transaction: bool) -> bool {
        is_transaction || self.is_unnamed
    }

    async fn checkout(&self) -> Result<Pooled, DriverError> {
        let connection = self.pool.acquire().await.map_err(classify)?;
        Ok(Pooled { connection, is_unnamed: self.is_unnamed })
    }

    fn connection(object: &mut Pooled) -> &mut Pooled {
        object
    }

    fn discard(mut object: Pooled) {
        object.connection.close_on_drop();
    }

    async fn forget_statements(object: &mut Pooled) -> bool {
        object.connection.clear_cached_statements().await.is_ok()
    }
}

/// A connection of a pool.
pub(super) struct Pooled {
    connection: PoolConnection<Postgres>,
    is_unnamed: bool,
}

#[async_trait]
impl RawConnection for Pooled {
    const DATABASE: Database = Database::Postgres;

    /// The transaction of a read is rolled back while the connection returns to the pool.
    async fn fetch_all(&mut self, query: &Query) -> Result<Vec<Row>, DriverError> {
        if self.is_unnamed {
            return begin(&mut self.connection).await?.fetch_all(query).await;
        }
        self.connection.fetch_all(query).await
    }

    async fn write_and_fetch(&mut self, query: &Query) -> Result<Vec<Row>, DriverError> {
        if !self.is_unnamed {
            return self.connection.fetch_all(query).await;
        }
        let mut transaction = begin(&mut self.connection).await?;
        let rows = transaction.fetch_all(query).await.map_err(DriverError::before_commit)?;
        transaction.commit().await.map_err(classify)?;
        Ok(rows)
    }

    async fn execute(&mut self, query: &Query) -> Result<u64, DriverError> {
        if !self.is_unnamed {
            return self.connection.execute(query).await;
        }
        let mut transaction = begin(&mut self.connection).await?;
        let count = transaction.execute(query).await.map_err(DriverError::before_commit)?;
        transaction.commit().await.map_err(classify)?;
        Ok(count)
    }

    async fn execute_all(&mut self, queries: &[Query], is_part: bool) -> Result<(), DriverError> {
        self.connection.execute_all(queries, is_part).await
    }
}
