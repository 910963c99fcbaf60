use adapter_prisma_compatible::{Connection, Prisma, PrismaAdapter, TransactionEnded};
use diesel::SqliteConnection;
use diesel_async::{
    AsyncConnection, SimpleAsyncConnection as _, TransactionManager as _,
    sync_connection_wrapper::SyncConnectionWrapper,
};
use lucia_auth::{Auth, Error, NewKey, NewSession, NewUser};
use lucia_core::{
    AdapterErrorKind as Kind, KeySchema, SessionAdapter as _, SessionSchema, UnixMillis, UserAdapter as _, UserSchema,
};

use crate::{on_mysql, on_postgres, on_sqlite, user};

/// Asserts that a user, its key and its session are stored exactly if the transaction of the application is committed.
async fn assert_transactional<C: Connection<Prisma> + AsyncConnection>(connection: &mut C, adapter: &PrismaAdapter) {
    let (ada, key) = user("u1", "ada");
    let session = SessionSchema::new("s1", "u1", UnixMillis::MAX, UnixMillis::MAX);
    for commits in [false, true] {
        C::TransactionManager::begin_transaction(connection).await.unwrap();
        adapter.set_user_in(connection, &ada, Some(&key)).await.unwrap();
        adapter.set_session_in(connection, &session).await.unwrap();
        if commits {
            C::TransactionManager::commit_transaction(connection).await.unwrap();
        } else {
            C::TransactionManager::rollback_transaction(connection).await.unwrap();
        }
        assert_eq!(adapter.get_user(&ada.id).await.unwrap().is_some(), commits);
        assert_eq!(adapter.get_key(&key.id).await.unwrap().is_some(), commits);
        assert_eq!(adapter.get_session(&session.id).await.unwrap().is_some(), commits);
    }
}

/// Asserts that a prepared user is signed in exactly if the transaction of the application is committed.
async fn assert_prepared<C: Connection<Prisma> + AsyncConnection>(connection: &mut C, adapter: &PrismaAdapter) {
    let auth = Auth::builder(adapter.clone()).build().unwrap();
    for commits in [false, true] {
        let key = NewKey::with_password(("username", "ada"), "correct horse");
        let new = NewUser::new().key(key).attributes(&serde_json::json!({ "username": "ada" }));
        let user = auth.prepare_user(new).await.unwrap();
        let session = auth.prepare_session(NewSession::new(user.row.id.clone())).unwrap();
        C::TransactionManager::begin_transaction(connection).await.unwrap();
        adapter.set_user_in(connection, &user.row, user.key.as_ref()).await.unwrap();
        adapter.set_session_in(connection, &session.row).await.unwrap();
        if commits {
            C::TransactionManager::commit_transaction(connection).await.unwrap();
            let session = auth.complete_session(session, &user.row).await.unwrap();
            assert_eq!(auth.validate_session(&session.token).await.unwrap().user.id, user.row.id);
            auth.use_key_with_password(("username", "ada"), "correct horse").await.unwrap();
        } else {
            C::TransactionManager::rollback_transaction(connection).await.unwrap();
            assert_eq!(adapter.get_user(&user.row.id).await.unwrap(), None);
            assert_eq!(adapter.get_session(&session.row.id).await.unwrap(), None);
            let unknown = auth.use_key_with_password(("username", "ada"), "correct horse").await;
            assert!(matches!(unknown, Err(Error::InvalidKeyId { .. })));
        }
    }
}

/// Asserts that a rejected key leaves no user, even if the application commits afterwards.
async fn assert_no_user_is_left<C: Connection<Prisma> + AsyncConnection>(connection: &mut C, adapter: &PrismaAdapter) {
    let (ada, key) = user("u1", "ada");
    adapter.set_user(&ada, Some(&key)).await.unwrap();
    let (bob, mut his) = user("u2", "bob");
    his.id = key.id.clone();
    C::TransactionManager::begin_transaction(connection).await.unwrap();
    let error = adapter.set_user_in(connection, &bob, Some(&his)).await.unwrap_err();
    assert_eq!(error.kind(), Kind::DuplicateKeyId);
    // Postgres rolls back a transaction in which a statement failed.
    let _ = C::TransactionManager::commit_transaction(connection).await;
    assert_eq!(adapter.get_user(&bob.id).await.unwrap(), None);
}

#[tokio::test]
async fn a_user_follows_its_transaction_on_sqlite() {
    let (pool, adapter, _kept) = on_sqlite().await;
    assert_transactional(&mut *pool.get().await.unwrap(), &adapter).await;
}

#[tokio::test]
async fn a_user_follows_its_transaction_on_postgres() {
    let (pool, adapter, _kept) = on_postgres().await;
    assert_transactional(&mut *pool.get().await.unwrap(), &adapter).await;
}

#[tokio::test]
async fn a_user_follows_its_transaction_on_mysql() {
    let (pool, adapter, _kept) = on_mysql().await;
    assert_transactional(&mut *pool.get().await.unwrap(), &adapter).await;
}

#[tokio::test]
async fn a_prepared_user_follows_their_transaction_on_sqlite() {
    let (pool, adapter, _kept) = on_sqlite().await;
    assert_prepared(&mut *pool.get().await.unwrap(), &adapter).await;
}

#[tokio::test]
async fn a_rejected_key_leaves_no_user_on_sqlite() {
    let (pool, adapter, _kept) = on_sqlite().await;
    assert_no_user_is_left(&mut *pool.get().await.unwrap(), &adapter).await;
}

#[tokio::test]
async fn a_prepared_user_follows_their_transaction_on_postgres() {
    let (pool, adapter, _kept) = on_postgres().await;
    assert_prepared(&mut *pool.get().await.unwrap(), &adapter).await;
}

#[tokio::test]
async fn a_rejected_key_leaves_no_user_on_postgres() {
    let (pool, adapter, _kept) = on_postgres().await;
    assert_no_user_is_left(&mut *pool.get().await.unwrap(), &adapter).await;
}

#[tokio::test]
async fn a_prepared_user_follows_their_transaction_on_mysql() {
    let (pool, adapter, _kept) = on_mysql().await;
    assert_prepared(&mut *pool.get().await.unwrap(), &adapter).await;
}

#[tokio::test]
async fn a_rejected_key_leaves_no_user_on_mysql() {
    let (pool, adapter, _kept) = on_mysql().await;
    assert_no_user_is_left(&mut *pool.get().await.unwrap(), &adapter).await;
}

/// Diesel does not know a transaction that the application began with a `BEGIN` statement. A second `BEGIN` and its
/// `COMMIT` would end it.
async fn assert_transaction_stays_open<C: Connection<Prisma> + AsyncConnection>(
    connection: &mut C,
    adapter: &PrismaAdapter,
) {
    let (ada, key) = user("u1", "ada");
    connection.batch_execute("BEGIN").await.unwrap();
    adapter.set_user_in(connection, &ada, Some(&key)).await.unwrap();
    connection.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(adapter.get_user(&ada.id).await.unwrap(), None);
    assert_eq!(adapter.get_key(&key.id).await.unwrap(), None);
}

#[tokio::test]
async fn a_transaction_unknown_to_diesel_stays_open_on_postgres() {
    let (pool, adapter, _kept) = on_postgres().await;
    assert_transaction_stays_open(&mut *pool.get().await.unwrap(), &adapter).await;
}

#[tokio::test]
async fn a_transaction_unknown_to_diesel_stays_open_on_mysql() {
    let (pool, adapter, _kept) = on_mysql().await;
    let mut connection = pool.get().await.unwrap();
    assert_transaction_stays_open(&mut *connection, &adapter).await;
    let ((ada, key), (bob, mut his)) = (user("u1", "ada"), user("u2", "bob"));
    his.id = key.id.clone();
    connection.batch_execute("BEGIN").await.unwrap();
    adapter.set_user_in(&mut *connection, &ada, Some(&key)).await.unwrap();
    let error = adapter.set_user_in(&mut *connection, &bob, Some(&his)).await.unwrap_err();
    assert_eq!(error.kind(), Kind::DuplicateKeyId);
    connection.batch_execute("COMMIT").await.unwrap();
    assert_eq!(adapter.get_key(&key.id).await.unwrap(), Some(key));
    assert_eq!(adapter.get_user(&bob.id).await.unwrap(), None);
}

#[tokio::test]
async fn a_transaction_unknown_to_diesel_is_rejected_on_sqlite() {
    let (pool, adapter, _kept) = on_sqlite().await;
    let mut connection = pool.get().await.unwrap();
    let (ada, key) = user("u1", "ada");
    connection.batch_execute("BEGIN").await.unwrap();
    let error = adapter.set_user_in(&mut *connection, &ada, Some(&key)).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Backend);
    connection.batch_execute("COMMIT").await.unwrap();
    assert_eq!(adapter.get_user(&ada.id).await.unwrap(), None);
}

#[tokio::test]
async fn connections_to_another_database_are_rejected() {
    let (pool, _, _kept) = on_sqlite().await;
    let (_, adapter, _also_kept) = on_postgres().await;
    let mut connection = pool.get().await.unwrap();
    let error = adapter.set_user_in(&mut *connection, &user("u1", "ada").0, None).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Backend);
}

/// Asserts that no call is committed outside of a transaction that the database has rolled back, of which Diesel does
/// not know.
async fn assert_refused<C: Connection<Prisma> + AsyncConnection>(connection: &mut C, adapter: &PrismaAdapter) {
    let (ada, key) = user("u1", "ada");
    let session = SessionSchema::new("s1", "u1", UnixMillis::MAX, UnixMillis::MAX);
    for depth in [1, 2] {
        for _ in 0..depth {
            C::TransactionManager::begin_transaction(connection).await.unwrap();
        }
        adapter.set_user_in(connection, &ada, Some(&key)).await.unwrap();
        connection.batch_execute("ROLLBACK").await.unwrap();
        for error in [
            adapter.set_user_in(connection, &ada, None).await.unwrap_err(),
            adapter.set_user_in(connection, &ada, Some(&key)).await.unwrap_err(),
            adapter.set_session_in(connection, &session).await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), Kind::Backend);
            assert!(error.downcast_ref::<TransactionEnded>().is_some(), "{error:?}");
        }
        for _ in 0..depth {
            let _ = C::TransactionManager::rollback_transaction(connection).await;
        }
        assert_eq!(adapter.get_user(&ada.id).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_transaction_that_was_rolled_back_refuses_calls_on_sqlite() {
    let (pool, adapter, _kept) = on_sqlite().await;
    assert_refused(&mut *pool.get().await.unwrap(), &adapter).await;
}

#[tokio::test]
async fn a_transaction_that_was_rolled_back_refuses_calls_on_mysql() {
    let (pool, adapter, _kept) = on_mysql().await;
    assert_refused(&mut *pool.get().await.unwrap(), &adapter).await;
}

/// SQLite ends the transaction by itself.
#[tokio::test]
async fn a_rolled_back_transaction_does_not_spoil_its_connection() {
    const STOP: &str = r#"CREATE TRIGGER stop AFTER INSERT ON "User" WHEN NEW."id" = 'u9' BEGIN
        SELECT RAISE(ROLLBACK, 'stopped'); END"#;
    let (pool, adapter, _kept) = on_sqlite().await;
    pool.get().await.unwrap().batch_execute(STOP).await.unwrap();
    let (stopped, its_key) = user("u9", "stopped");
    for round in 0..20 {
        let error = adapter.set_user(&stopped, Some(&its_key)).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Backend);
        let (ada, key) = user(&format!("u1 {round}"), &format!("ada {round}"));
        adapter.set_user(&ada, Some(&key)).await.unwrap();
        assert_eq!(adapter.get_key(&key.id).await.unwrap(), Some(key));
    }
}

/// The triggers end the transaction of a user `u9`.
async fn with_trigger(connection: &mut SyncConnectionWrapper<SqliteConnection>) -> (UserSchema, KeySchema) {
    const STOP: &str = r#"CREATE TRIGGER stop AFTER INSERT ON "User" WHEN NEW."id" = 'u9' BEGIN
        SELECT RAISE(ROLLBACK, 'stopped'); END"#;
    connection.batch_execute(STOP).await.unwrap();
    user("u9", "stopped")
}

#[tokio::test]
async fn a_call_that_sqlite_rolled_back_does_not_spoil_its_connection() {
    let (pool, adapter, _kept) = on_sqlite().await;
    let mut connection = pool.get().await.unwrap();
    let (stopped, its_key) = with_trigger(&mut connection).await;
    for round in 0..2 {
        let error = adapter.set_user_in(&mut *connection, &stopped, Some(&its_key)).await.unwrap_err();
        assert!(format!("{error:?}").contains("stopped"), "{error:?}");
        let (ada, key) = user(&format!("u1 {round}"), &format!("ada {round}"));
        adapter.set_user_in(&mut *connection, &ada, Some(&key)).await.unwrap();
        assert_eq!(adapter.get_key(&key.id).await.unwrap(), Some(key));
    }
}

#[tokio::test]
async fn a_transaction_that_sqlite_rolled_back_refuses_calls() {
    let (pool, adapter, _kept) = on_sqlite().await;
    let mut connection = pool.get().await.unwrap();
    let (stopped, its_key) = with_trigger(&mut connection).await;
    let (ada, key) = user("u1", "ada");
    for depth in [1, 2] {
        for _ in 0..depth {
            begin(&mut *connection).await;
        }
        let error = adapter.set_user_in(&mut *connection, &stopped, Some(&its_key)).await.unwrap_err();
        assert!(format!("{error:?}").contains("stopped"), "{error:?}");
        for key in [None, Some(&key)] {
            let refused = adapter.set_user_in(&mut *connection, &ada, key).await.unwrap_err();
            assert!(refused.downcast_ref::<TransactionEnded>().is_some(), "{refused:?}");
        }
        for _ in 0..depth {
            let _ = roll_back(&mut *connection).await;
        }
        assert_eq!(adapter.get_user(&ada.id).await.unwrap(), None);
    }
    adapter.set_user_in(&mut *connection, &ada, Some(&key)).await.unwrap();
    assert_eq!(adapter.get_key(&key.id).await.unwrap(), Some(key));
}

async fn begin<C: AsyncConnection>(connection: &mut C) {
    C::TransactionManager::begin_transaction(connection).await.unwrap();
}

async fn roll_back<C: AsyncConnection>(connection: &mut C) -> diesel::QueryResult<()> {
    C::TransactionManager::rollback_transaction(connection).await
}
