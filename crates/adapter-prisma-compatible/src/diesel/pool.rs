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

use crate::raw::{RawConnection, RawPool};

/// The bounds beside `RawConnection` are those of the pool's own.
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

    /// What was begun on it would go on in the pool, with its locks, until somebody is given this very connection.
    fn is_spoilt_by_drop(&self, _is_transaction: bool) -> bool {
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

    /// The connection is not kept: the size of the cache that it had cannot be told.
    async fn forget_statements(object: &mut Object<C>) -> bool {
        object.set_prepared_statement_cache_size(CacheSize::Disabled);
        false
    }

    async fn is_alive(object: &mut Object<C>) -> bool {
        object.fetch_all(&Query::new("SELECT 1", [])).await.is_ok()
    }
}

/// A pool that has no connection to give.
fn unavailable(error: PoolError) -> DriverError {
    DriverError::new(Failure::Unavailable, error)
}
