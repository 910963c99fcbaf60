//! Calls that fail or are dropped leave their connection clean.

use std::time::Duration;

use adapter_prisma_compatible::PrismaAdapter;
use lucia_core::{AdapterErrorKind as Kind, UserAdapter as _};

use super::drop_at_await::drop_at_await;
use crate::support::{Database, Scratch, config, count, execute, key, kind, rows, run, run_on, single, sql, user};

#[tokio::test]
async fn s3_s4_s5_a_failed_call_leaves_its_connection_clean() {
    let database = Database::create(config()).await;
    let adapter = PrismaAdapter::with_config(single(&database.scratch).await, config()).await.unwrap();
    adapter.set_user(&user("u1"), Some(&key("p:k", "u1"))).await.unwrap();

    // The application's own transaction is on another connection, so it is neither joined nor rolled back.
    let mut transaction = database.pool.begin().await.unwrap();
    execute(&mut transaction, &sql(r#"SELECT count(*) FROM "User""#)).await;
    for _ in 0..20 {
        assert_eq!(kind(adapter.set_user(&user("u2"), Some(&key("p:k", "u2"))).await), Kind::DuplicateKeyId);
    }
    adapter.set_user(&user("u3"), Some(&key("p:k3", "u3"))).await.unwrap();
    transaction.rollback().await.unwrap();
    assert_eq!(count(&database.pool, "User").await, 2);
}

#[tokio::test]
async fn s3_a_call_dropped_halfway_is_rolled_back() {
    let database = Database::create(config()).await;
    for index in 0..50_u32 {
        let id = format!("u{index}");
        let (user, key) = (user(&id), key(&format!("p:{index}"), &id));
        let setting = database.set_user(&user, Some(&key));
        let _ = tokio::time::timeout(Duration::from_micros(u64::from(index) * 40), setting).await;
        let deleting = database.delete_user(&user.id);
        let _ = tokio::time::timeout(Duration::from_micros(u64::from(index % 7) * 100), deleting).await;
    }
    database.set_user(&user("last"), Some(&key("p:last", "last"))).await.unwrap();
    // In one statement, because the server may still run one of the dropped calls.
    let halves = r#"SELECT "id" FROM "User" WHERE "id" NOT IN (SELECT "user_id" FROM "Key")"#;
    assert_eq!(rows(&database.pool, &sql(halves)).await, Vec::<Vec<_>>::new());
}

/// Later writes on the same connection would be lost with that transaction.
#[tokio::test]
async fn s3_a_call_dropped_at_any_await_leaves_no_open_transaction() {
    for nth in 1.. {
        let scratch = Scratch::create().await;
        run(&scratch.pool, "CREATE TABLE written (id INTEGER)").await;
        let small = single(&scratch).await;
        let mut dropped = drop_at_await(nth, config().create_tables(&small)).await;
        run_on(&small, "INSERT INTO written VALUES (1)").await;
        assert_eq!(count(&scratch.pool, "written").await, 1, "dropped at wait {nth} of making tables");

        config().create_tables(&small).await.unwrap();
        let adapter = PrismaAdapter::with_config(small.clone(), config()).await.unwrap();
        let (u1, its_key) = (user("u1"), key("p:k", "u1"));
        dropped |= drop_at_await(nth, adapter.set_user(&u1, Some(&its_key))).await;
        run_on(&small, "INSERT INTO written VALUES (2)").await;
        assert_eq!(count(&scratch.pool, "written").await, 2, "dropped at wait {nth} of making a user");
        if !dropped {
            assert!(nth > 1, "something was dropped");
            break;
        }
    }
}
