use adapter_prisma_compatible::PrismaAdapter;
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
