use adapter_prisma_compatible::{PrismaAdapter, diesel_async::SimpleAsyncConnection as _};
use lucia_core::{AdapterErrorKind as Kind, SessionAdapter as _, SessionSchema, UnixMillis, UserAdapter as _};
use test_servers::Proxy;

use crate::{config, on_mysql, on_postgres, on_sqlite, pools, reasons, user};

/// Asserts that errors have the kinds of the contract, name the column of a unique attribute, and contain no value.
async fn assert_errors_are_typed(adapter: &PrismaAdapter) {
    let (ada, key) = user("u1", "ada");
    adapter.set_user(&ada, Some(&key)).await.unwrap();
    let (same_id, _) = user("u1", "bob");
    let (same_name, _) = user("u2", "ada");
    let (other, mut same_key) = user("u3", "eve");
    same_key.id = key.id.clone();
    let errors = [
        (adapter.set_user(&same_id, None).await.unwrap_err(), Kind::DuplicateUserId),
        (adapter.set_user(&same_name, None).await.unwrap_err(), Kind::DuplicateAttribute),
        (adapter.set_user(&other, Some(&same_key)).await.unwrap_err(), Kind::DuplicateKeyId),
    ];
    for (error, kind) in errors {
        assert_eq!(error.kind(), kind, "{error:?}");
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("'ada'") && !shown.contains("username:ada"), "{shown}");
        if kind == Kind::DuplicateAttribute {
            assert_eq!(error.attribute(), Some("username"));
        }
    }
    assert_eq!(adapter.get_user(&other.id).await.unwrap(), None);
    let orphan = SessionSchema::new("s1", "nobody", UnixMillis::MAX, UnixMillis::MAX);
    assert_eq!(adapter.set_session(&orphan).await.unwrap_err().kind(), Kind::InvalidUserId);
}

#[tokio::test]
async fn errors_are_typed_on_sqlite() {
    let (_, adapter, _kept) = on_sqlite().await;
    assert_errors_are_typed(&adapter).await;
}

#[tokio::test]
async fn errors_are_typed_on_postgres() {
    let (_, adapter, _kept) = on_postgres().await;
    assert_errors_are_typed(&adapter).await;
}

#[tokio::test]
async fn errors_are_typed_on_mysql() {
    let (_, adapter, _kept) = on_mysql().await;
    assert_errors_are_typed(&adapter).await;
}

#[tokio::test]
async fn a_rejected_write_names_the_reason_on_sqlite() {
    let (pool, _, folder) = on_sqlite().await;
    let mut connection = pool.get().await.unwrap();
    connection.batch_execute(r#"DROP TABLE "Session"; DROP TABLE "Key"; DROP TABLE "User""#).await.unwrap();
    connection.batch_execute(reasons::TABLES).await.unwrap();
    let adapter = PrismaAdapter::with_config(pool, reasons::config()).await.unwrap();
    reasons::rejected_writes_name_the_reason(&adapter, false).await;
    connection.batch_execute(reasons::POST).await.unwrap();
    reasons::a_referenced_row_is_not_deleted(&adapter, false).await;
    drop(folder);
}

#[tokio::test]
async fn a_rejected_write_names_the_reason_on_postgres() {
    let (pool, _, scratch) = on_postgres().await;
    let mut connection = pool.get().await.unwrap();
    connection.batch_execute(r#"DROP TABLE "Session"; DROP TABLE "Key"; DROP TABLE "User""#).await.unwrap();
    connection.batch_execute(reasons::TABLES).await.unwrap();
    let adapter = PrismaAdapter::with_config(pool, reasons::config()).await.unwrap();
    reasons::rejected_writes_name_the_reason(&adapter, true).await;
    connection.batch_execute(reasons::POST).await.unwrap();
    reasons::a_referenced_row_is_not_deleted(&adapter, true).await;
    drop((connection, scratch));
}

#[tokio::test]
async fn a_rejected_write_names_the_reason_on_mysql() {
    let (pool, _, scratch) = on_mysql().await;
    let mut connection = pool.get().await.unwrap();
    connection.batch_execute("DROP TABLE `Session`; DROP TABLE `Key`; DROP TABLE `User`").await.unwrap();
    connection.batch_execute(&reasons::TABLES.replace('"', "`")).await.unwrap();
    let adapter = PrismaAdapter::with_config(pool, reasons::config()).await.unwrap();
    reasons::rejected_writes_name_the_reason(&adapter, true).await;
    connection.batch_execute(&reasons::POST.replace('"', "`")).await.unwrap();
    reasons::a_referenced_row_is_not_deleted(&adapter, true).await;
    drop((connection, scratch));
}

/// Diesel has a kind of error for a closed connection on Postgres, and none on MySQL.
async fn assert_unavailable(adapter: &PrismaAdapter, proxy: &Proxy) {
    let (ada, key) = user("u1", "ada");
    adapter.set_user(&ada, Some(&key)).await.unwrap();
    proxy.set_refusing(true);
    proxy.cut();
    for _ in 0..3 {
        let error = adapter.get_user(&ada.id).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Unavailable, "{error:?}");
        let error = adapter.delete_user(&ada.id).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Unavailable, "{error:?}");
    }
    proxy.set_refusing(false);
    // Without a ping, a pool fails once for each closed connection.
    let mut found = adapter.get_user(&ada.id).await;
    for _ in 0..8 {
        if found.is_ok() {
            break;
        }
        found = adapter.get_user(&ada.id).await;
    }
    assert_eq!(found.unwrap(), Some(ada));
}

#[tokio::test]
async fn a_lost_connection_is_unavailable_on_postgres() {
    let server = test_servers::postgres_server().unwrap().start().unwrap();
    let proxy = Proxy::start(server.port()).unwrap();
    let pool = pools::postgres(&format!("postgres://lucia:lucia@127.0.0.1:{}/postgres", proxy.port())).unwrap();
    config().create_tables(&pool).await.unwrap();
    let adapter = PrismaAdapter::with_config(pool, config()).await.unwrap();
    assert_unavailable(&adapter, &proxy).await;
}

#[tokio::test]
async fn a_lost_connection_is_unavailable_on_mysql() {
    let server = test_servers::mysql_server().unwrap().start().unwrap();
    let proxy = Proxy::start(server.port()).unwrap();
    let url = |database: &str| format!("mysql://lucia:lucia@127.0.0.1:{}/{database}", proxy.port());
    let root = sqlx::MySqlPool::connect(&url("mysql")).await.unwrap();
    sqlx::query("CREATE DATABASE lucia").execute(&root).await.unwrap();
    root.close().await;
    let pool = pools::mysql(&url("lucia")).unwrap();
    config().create_tables(&pool).await.unwrap();
    let adapter = PrismaAdapter::with_config(pool, config()).await.unwrap();
    assert_unavailable(&adapter, &proxy).await;
}

/// The statement of a validation is prepared once for each connection; afterwards it takes one round trip.
#[tokio::test]
async fn a_validation_takes_one_round_trip_on_postgres() {
    use lucia_core::Adapter as _;
    let server = test_servers::postgres_server().unwrap().start().unwrap();
    let proxy = Proxy::start(server.port()).unwrap();
    let pool = pools::postgres(&format!("postgres://lucia:lucia@127.0.0.1:{}/postgres", proxy.port())).unwrap();
    config().create_tables(&pool).await.unwrap();
    let adapter = PrismaAdapter::with_config(pool, config()).await.unwrap();
    adapter.set_user(&user("u1", "ada").0, None).await.unwrap();
    let session = SessionSchema::new("s1", "u1", UnixMillis::MAX, UnixMillis::MAX);
    adapter.set_session(&session).await.unwrap();
    adapter.get_session_and_user(&session.id).await.unwrap().unwrap();
    let before = proxy.requests();
    adapter.get_session_and_user(&session.id).await.unwrap().unwrap();
    assert_eq!(proxy.requests() - before, 1);
}
