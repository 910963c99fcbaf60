use adapter_prisma_compatible::{Connection, Prisma, PrismaAdapter};
use diesel_async::{AsyncConnection, TransactionManager as _, pooled_connection::deadpool::Object};
use lucia_core::UserAdapter as _;

use crate::{drop_at_await::drop_at_await, on_mysql, on_postgres, on_sqlite, user};

/// Asserts that a write after a dropped call is committed. Returns `true` if the call was dropped.
async fn commits_the_next_write<C>(
    nth: usize,
    adapter: &PrismaAdapter,
    resize: impl Fn(usize),
    hold: impl AsyncFn() -> C,
) -> bool {
    resize(1);
    let ((ada, her_key), (bob, _)) = (user("u1", "ada"), user("u2", "bob"));
    let dropped = drop_at_await(nth, adapter.set_user(&ada, Some(&her_key))).await;
    adapter.set_user(&bob, None).await.unwrap();
    let held = hold().await;
    resize(2);
    assert!(adapter.get_user(&bob.id).await.unwrap().is_some(), "dropped at wait {nth}");
    drop(held);
    dropped
}

/// When a call is dropped, diesel-async blocks until SQLite is done, which a single-threaded runtime does not allow.
#[tokio::test(flavor = "multi_thread")]
async fn s3_a_dropped_call_leaves_no_open_transaction_on_sqlite() {
    for nth in 1.. {
        let (pool, adapter, _kept) = on_sqlite().await;
        let hold = async || pool.get().await.unwrap();
        if !commits_the_next_write(nth, &adapter, |size| pool.resize(size), hold).await {
            break;
        }
    }
}

#[tokio::test]
async fn s3_a_dropped_call_leaves_no_open_transaction_on_postgres() {
    for nth in 1.. {
        let (pool, adapter, _kept) = on_postgres().await;
        let hold = async || pool.get().await.unwrap();
        if !commits_the_next_write(nth, &adapter, |size| pool.resize(size), hold).await {
            break;
        }
    }
}

#[tokio::test]
async fn s3_a_dropped_call_leaves_no_open_transaction_on_mysql() {
    for nth in 1.. {
        let (pool, adapter, _kept) = on_mysql().await;
        let hold = async || pool.get().await.unwrap();
        if !commits_the_next_write(nth, &adapter, |size| pool.resize(size), hold).await {
            break;
        }
    }
}

/// Asserts that a call that is dropped in a transaction of the application stores no half, and that nothing before it is
/// lost without an error. Returns `true` if the call was dropped.
async fn stores_no_half<C: Connection<Prisma> + AsyncConnection>(
    nth: usize,
    adapter: &PrismaAdapter,
    mut connection: C,
) -> bool {
    let ((ada, her_key), (bob, _)) = (user("u1", "ada"), user("u2", "bob"));
    C::TransactionManager::begin_transaction(&mut connection).await.unwrap();
    adapter.set_user_in(&mut connection, &bob, None).await.unwrap();
    let dropped = drop_at_await(nth, adapter.set_user_in(&mut connection, &ada, Some(&her_key))).await;
    let committed = C::TransactionManager::commit_transaction(&mut connection).await;
    drop(connection);
    let stored = adapter.get_user(&ada.id).await.unwrap().is_some();
    assert_eq!(stored, adapter.get_key(&her_key.id).await.unwrap().is_some(), "dropped at wait {nth}");
    if committed.is_ok() {
        assert!(adapter.get_user(&bob.id).await.unwrap().is_some(), "dropped at wait {nth}");
    }
    assert!(dropped || stored);
    dropped
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_dropped_in_a_transaction_stores_no_half_on_sqlite() {
    for nth in 1.. {
        let (pool, adapter, _kept) = on_sqlite().await;
        if !stores_no_half(nth, &adapter, Object::take(pool.get().await.unwrap())).await {
            break;
        }
    }
}

#[tokio::test]
async fn a_call_dropped_in_a_transaction_stores_no_half_on_postgres() {
    for nth in 1.. {
        let (pool, adapter, _kept) = on_postgres().await;
        if !stores_no_half(nth, &adapter, Object::take(pool.get().await.unwrap())).await {
            break;
        }
    }
}

#[tokio::test]
async fn a_call_dropped_in_a_transaction_stores_no_half_on_mysql() {
    for nth in 1.. {
        let (pool, adapter, _kept) = on_mysql().await;
        if !stores_no_half(nth, &adapter, Object::take(pool.get().await.unwrap())).await {
            break;
        }
    }
}
