//! Writes inside a transaction of the application.

use lucia_core::{AdapterErrorKind as Kind, KeyId, KeySchema, SessionAdapter, UserAdapter, UserSchema};

use crate::support::{Database, config, count, kind, one, session, user};

fn key(id: &str, user_id: &str) -> KeySchema {
    KeySchema::new(KeyId::from_stored(id), user_id)
}

#[tokio::test]
async fn what_the_application_writes_with_a_user_is_committed_or_rolled_back_with_it() {
    let database = Database::create(config()).await;
    for commits in [false, true] {
        let mut transaction = database.pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
        database.set_user_in(&mut *transaction, &user("u1"), Some(&key("p:k", "u1"))).await.unwrap();
        database.set_key_in(&mut *transaction, &key("p:k2", "u1")).await.unwrap();
        database.set_session_in(&mut *transaction, &session("s1", "u1")).await.unwrap();
        assert_eq!(database.get_user(&"u1".into()).await.unwrap(), None, "nobody sees it before");
        if commits {
            transaction.commit().await.unwrap();
        } else {
            transaction.rollback().await.unwrap();
        }
        assert_eq!(database.get_user(&"u1".into()).await.unwrap().is_some(), commits);
        assert_eq!(database.get_session(&"s1".into()).await.unwrap().is_some(), commits);
        assert_eq!(database.get_keys_by_user_id(&"u1".into()).await.unwrap().len(), if commits { 2 } else { 0 });
    }
}

/// The transaction goes on, and has nothing of the call in it.
#[tokio::test]
async fn a_failure_leaves_no_half_in_a_transaction_that_goes_on() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), Some(&key("p:k", "u1"))).await.unwrap();
    let mut transaction = database.pool.begin().await.unwrap();
    let result = database.set_user_in(&mut *transaction, &user("u2"), Some(&key("p:k", "u2"))).await;
    assert_eq!(kind(result), Kind::DuplicateKeyId);
    let both = UserSchema::new("u1").with_attributes(one("username", "name of u1")).unwrap();
    assert_eq!(kind(database.set_user_in(&mut *transaction, &both, None).await), Kind::DuplicateUserId);
    assert_eq!(kind(database.set_session_in(&mut *transaction, &session("s1", "u9")).await), Kind::InvalidUserId);
    database.set_session_in(&mut *transaction, &session("s1", "u1")).await.unwrap();
    assert_eq!(kind(database.set_session_in(&mut *transaction, &session("s1", "u1")).await), Kind::DuplicateSessionId);
    transaction.commit().await.unwrap();
    assert_eq!((count(&database.pool, "User").await, count(&database.pool, "Session").await), (1, 1));
}
