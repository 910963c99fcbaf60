//! A user who is stored again while a deletion of the same id runs, on tables without foreign keys.

use adapter_prisma_compatible::PrismaAdapter;
use lucia_core::UserAdapter as _;

use crate::{
    blocked::until_blocked,
    gate::{Gate, isolated},
    server::Scratch,
    support::{config, count, key, user},
};

/// The deletion has not found the user, and deletes the rows of users who do not exist.
#[tokio::test]
async fn a_user_who_is_stored_during_a_deletion_keeps_its_key() {
    let scratch = Scratch::create().await;
    config().without_foreign_keys().create_tables(&scratch.pool).await.unwrap();
    let pool = isolated(&scratch, "read committed").await;
    let adapter = PrismaAdapter::with_config(pool, config()).await.unwrap();
    let mut gate = Gate::after_deletions(&scratch).await;
    gate.close().await;
    let deleting = tokio::spawn({
        let adapter = adapter.clone();
        async move { adapter.delete_user(&"u1".into()).await }
    });
    assert!(until_blocked(&scratch, 1, || deleting.is_finished()).await);
    adapter.set_user(&user("u1"), Some(&key("p:u1", "u1"))).await.unwrap();
    gate.open().await;
    deleting.await.unwrap().unwrap();
    assert_eq!((count(&scratch.pool, "User").await, count(&scratch.pool, "Key").await), (1, 1));
}
