//! Tests of concurrent calls: no write is lost or partial, and no call fails because of a lock.

use std::sync::Arc;

use lucia_core::{Adapter, KeyId, KeySchema, SessionAdapter, UserAdapter};
use tokio::task::JoinSet;

use crate::support::{Database, config, count, renewal, session, user};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_under_load_do_not_fail_on_locks() {
    let database = Arc::new(Database::create(config()).await);
    database.set_user(&user("u1"), None).await.unwrap();
    let mut writers = JoinSet::new();
    for writer in 0..40 {
        let database = Arc::clone(&database);
        writers.spawn(async move {
            for round in 0..10 {
                let id = format!("{writer}-{round}");
                database.set_session_and_get_user(&session(&id, "u1")).await.unwrap();
                database.update_session(&id.as_str().into(), &renewal(8_000, 9_000, Some(2_000))).await.unwrap();
                assert!(database.get_session_and_user(&id.as_str().into()).await.unwrap().is_some());
                let key = KeySchema::new(KeyId::from_stored(format!("p:{id}")), format!("u{id}"));
                database.set_user(&user(&format!("u{id}")), Some(&key)).await.unwrap();
            }
        });
    }
    while let Some(writer) = writers.join_next().await {
        writer.unwrap();
    }
    assert_eq!(count(&database.pool, "Session").await, 400);
    assert_eq!(count(&database.pool, "User").await, 401);
    assert_eq!(count(&database.pool, "Key").await, 400);
}
