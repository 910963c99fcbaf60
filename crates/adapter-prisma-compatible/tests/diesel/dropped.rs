use adapter_prisma_compatible::PrismaAdapter;
use lucia_core::UserAdapter as _;

use crate::{drop_at_wait::drop_at_wait, on_mysql, on_postgres, on_sqlite, user};

/// What is written next on the only connection of a pool is there for all others. Whether the call was dropped before.
async fn keeps_what_follows<C>(
    nth: usize,
    adapter: &PrismaAdapter,
    resize: impl Fn(usize),
    hold: impl AsyncFn() -> C,
) -> bool {
    resize(1);
    let ((ada, her_key), (bob, _)) = (user("u1", "ada"), user("u2", "bob"));
    let dropped = drop_at_wait(nth, adapter.set_user(&ada, Some(&her_key))).await;
    adapter.set_user(&bob, None).await.unwrap();
    let held = hold().await;
    resize(2);
    assert!(adapter.get_user(&bob.id).await.unwrap().is_some(), "dropped at wait {nth}");
    drop(held);
    dropped
}

/// Where a call is dropped, diesel-async blocks until SQLite is done with it, which a runtime of one thread does not allow.
#[tokio::test(flavor = "multi_thread")]
async fn s3_a_call_that_is_dropped_leaves_no_transaction_open_on_sqlite() {
    for nth in 1.. {
        let (pool, adapter, _kept) = on_sqlite().await;
        let hold = async || pool.get().await.unwrap();
        if !keeps_what_follows(nth, &adapter, |size| pool.resize(size), hold).await {
            break;
        }
    }
}

#[tokio::test]
async fn s3_a_call_that_is_dropped_leaves_no_transaction_open_on_postgres() {
    for nth in 1.. {
        let (pool, adapter, _kept) = on_postgres().await;
        let hold = async || pool.get().await.unwrap();
        if !keeps_what_follows(nth, &adapter, |size| pool.resize(size), hold).await {
            break;
        }
    }
}

#[tokio::test]
async fn s3_a_call_that_is_dropped_leaves_no_transaction_open_on_mysql() {
    for nth in 1.. {
        let (pool, adapter, _kept) = on_mysql().await;
        let hold = async || pool.get().await.unwrap();
        if !keeps_what_follows(nth, &adapter, |size| pool.resize(size), hold).await {
            break;
        }
    }
}
