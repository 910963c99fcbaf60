use async_trait::async_trait;
use diesel::{
    connection::CacheSize,
    dsl::{AsExprOf, select},
    query_builder::{QueryFragment, SqlQuery},
    sql_types::Integer,
};
use diesel_async::{
    AsyncConnection,
    methods::LoadQuery,
    pooled_connection::{
        PoolableConnection,
        deadpool::{Object, Pool, PoolError},
    },
};
use lucia_sql::driver::{DriverError, Failure, Query};

use crate::pooled::{RawConnection, RawPool};

/// The bounds other than `RawConnection` are those of the pool.
#[async_trait]
impl<C> RawPool for Pool<C>
where
    C: RawConnection + AsyncConnection + PoolableConnection + 'static,
    for<'a> select<AsExprOf<i32, Integer>>: LoadQuery<'a, C, i32>,
    SqlQuery: QueryFragment<C::Backend>,
{
    type Connection = C;
    type Object = Object<C>;

    fn idle(&self) -> usize {
        self.status().available
    }

    /// A transaction would stay open in the pool, with its locks, until this connection is used again.
    fn must_discard_on_drop(&self, _is_transaction: bool) -> bool {
        true
    }

    async fn checkout(&self) -> Result<Object<C>, DriverError> {
        self.get().await.map_err(unavailable)
    }

    fn connection(object: &mut Object<C>) -> &mut C {
        object
    }

    fn discard(object: Object<C>) {
        drop(Object::take(object));
    }

    /// Disables the cache and does not keep the connection, because the previous size of its cache is unknown.
    async fn forget_statements(object: &mut Object<C>) -> bool {
        object.set_prepared_statement_cache_size(CacheSize::Disabled);
        false
    }

    async fn is_alive(object: &mut Object<C>) -> bool {
        object.fetch_all(&Query::new("SELECT 1", [])).await.is_ok()
    }
}

/// Returns the error for a pool without an available connection.
fn unavailable(error: PoolError) -> DriverError {
    DriverError::new(Failure::Unavailable, error)
}
