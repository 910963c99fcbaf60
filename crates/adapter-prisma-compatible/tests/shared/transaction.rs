//! Writes inside a transaction of the application.

use adapter_prisma_compatible::PrismaUserAdapter;
use lucia_auth::{Auth, Error, NewKey, NewSession, NewUser};
use lucia_core::{Adapter, AdapterErrorKind as Kind, SessionAdapter, UserAdapter};
use serde_json::json;

use crate::support::{Database, config, count, execute, key, kind, run, session, sql, user};

/// The application has another table, whose rows belong to users.
pub(crate) async fn with_cart() -> Database {
    let database = Database::create(config()).await;
    let cart = r#"CREATE TABLE cart (user_id VARCHAR(191) NOT NULL, FOREIGN KEY (user_id) REFERENCES "User" ("id"))"#;
    run(&database.pool, &sql(cart)).await;
    database
}

#[tokio::test]
async fn writes_of_the_application_are_committed_or_rolled_back_with_the_user() {
    let database = with_cart().await;
    for commits in [false, true] {
        let mut transaction = database.pool.begin().await.unwrap();
        database.set_user_in(&mut *transaction, &user("u1"), Some(&key("p:k", "u1"))).await.unwrap();
        database.set_key_in(&mut *transaction, &key("p:k2", "u1")).await.unwrap();
        database.set_session_in(&mut *transaction, &session("s1", "u1")).await.unwrap();
        execute(&mut transaction, "INSERT INTO cart VALUES ('u1')").await;
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

/// A sign-up that stores rows of the application, too.
#[tokio::test]
async fn a_prepared_user_is_signed_in_if_the_transaction_is_committed() {
    let database = with_cart().await;
    let auth = Auth::builder(database.adapter.clone()).build().unwrap();
    for commits in [false, true] {
        let key = NewKey::with_password(("username", "ada"), "correct horse");
        let new = NewUser::new().id("u1").key(key).attributes(&json!({ "username": "ada" }));
        let user = auth.prepare_user(new).await.unwrap();
        let oauth = auth.prepare_key(&user.row, NewKey::new(("github", "1"))).await.unwrap();
        let session = auth.prepare_session(NewSession::new(user.row.id.clone())).unwrap();

        let mut transaction = database.pool.begin().await.unwrap();
        database.set_user_in(&mut *transaction, &user.row, user.key.as_ref()).await.unwrap();
        database.set_key_in(&mut *transaction, &oauth).await.unwrap();
        database.set_session_in(&mut *transaction, &session.row).await.unwrap();
        execute(&mut transaction, "INSERT INTO cart VALUES ('u1')").await;
        if commits {
            transaction.commit().await.unwrap();
            let session = auth.complete_session(session, &user.row).await.unwrap();
            assert_eq!(auth.validate_session(&session.token).await.unwrap().user.id, user.row.id);
            for key in [
                auth.use_key_with_password(("username", "ada"), "correct horse").await,
                auth.use_key(("github", "1")).await,
            ] {
                assert_eq!(key.unwrap().user_id, user.row.id);
            }
        } else {
            transaction.rollback().await.unwrap();
            assert!(database.get_session(&session.row.id).await.unwrap().is_none());
            let unknown = auth.use_key_with_password(("username", "ada"), "correct horse").await;
            assert!(matches!(unknown, Err(Error::InvalidKeyId { .. })));
            assert!(matches!(auth.get_user(&user.row.id).await, Err(Error::InvalidUserId { .. })));
        }
        let rows = if commits { [1, 2, 1, 1] } else { [0; 4] };
        for (table, expected) in ["User", "Key", "Session", "cart"].into_iter().zip(rows) {
            assert_eq!(count(&database.pool, table).await, expected, "{table}");
        }
    }
}

#[tokio::test]
async fn writes_on_a_connection_without_a_transaction_are_committed() {
    let database = with_cart().await;
    let users = PrismaUserAdapter::with_config(database.pool.clone(), config()).await.unwrap();
    let mut connection = database.pool.acquire().await.unwrap();
    users.set_user_in(&mut *connection, &user("u1"), Some(&key("p:k", "u1"))).await.unwrap();
    assert_eq!(
        kind(users.set_user_in(&mut *connection, &user("u2"), Some(&key("p:k", "u2"))).await),
        Kind::DuplicateKeyId
    );
    users.set_key_in(&mut *connection, &key("p:k2", "u1")).await.unwrap();
    assert_eq!((count(&database.pool, "User").await, count(&database.pool, "Key").await), (1, 2));
}

#[tokio::test]
async fn a_session_is_inserted_and_its_user_read_atomically() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), None).await.unwrap();
    let found = database.set_session_and_get_user(&session("s1", "u1")).await.unwrap();
    assert_eq!(found.attributes().get("username"), Some(&json!("name of u1")));
    assert_eq!(kind(database.set_session_and_get_user(&session("s1", "u1")).await), Kind::DuplicateSessionId);
    assert_eq!(kind(database.set_session_and_get_user(&session("s2", "u9")).await), Kind::InvalidUserId);
    assert_eq!(count(&database.pool, "Session").await, 1);
}
