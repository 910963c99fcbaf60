use scopeguard::ScopeGuard;
use sqlx::{Database, Pool, pool::PoolConnection};

/// A connection of a pool, for one transaction. It is closed unless it is [given back](give_back): where the call is dropped.
///
/// sqlx 0.9.0 takes a transaction for one that never began when it is dropped while it begins (its issue 4393): it would stay
/// open, and what is written next on the connection would be lost with it. When it is dropped while MySQL prepares a statement,
/// sqlx takes the answer for another one and may wait forever for the rest, and the pool with it.
pub(super) type Lease<DB> = ScopeGuard<PoolConnection<DB>, fn(PoolConnection<DB>)>;

pub(super) async fn lease<DB: Database>(pool: &Pool<DB>) -> Result<Lease<DB>, sqlx::Error> {
    Ok(scopeguard::guard(pool.acquire().await?, |mut connection| connection.close_on_drop()))
}

/// Gives the connection back. The transaction has been committed, or is rolled back on the way.
pub(super) fn give_back<DB: Database>(lease: Lease<DB>) {
    drop(ScopeGuard::into_inner(lease));
}
