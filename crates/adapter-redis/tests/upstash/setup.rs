//! The checks when an adapter is created.

use adapter_redis::{RedisSessionAdapter, SetupError, UpstashConnection};
use lucia_core::SessionAdapter;

use super::{Database, Front, connection, session, set_up};

#[tokio::test]
async fn creating_an_adapter_takes_a_few_requests() {
    let (_database, front, _) = set_up().await;
    RedisSessionAdapter::new(connection(&front.url)).await.unwrap();
    assert_eq!(front.count(), 2, "the version, and one scan of a small database");
}

/// Upstash may support fewer commands over HTTP than Redis.
#[tokio::test]
async fn a_service_without_hello_is_checked_with_info() {
    let database = Database::start().await.unwrap();
    let front = Front::without(&database, Some("HELLO")).await.unwrap();
    let adapter = RedisSessionAdapter::new(connection(&front.url)).await.unwrap();
    assert_eq!(adapter.get_session(&"s1".into()).await.unwrap(), None);
}

#[tokio::test]
async fn a_wrong_token_is_rejected() {
    let (_database, front, _) = set_up().await;
    let connection = UpstashConnection::new(&front.url, "hunter2").unwrap();
    let refused = RedisSessionAdapter::new(connection).await.unwrap_err();
    assert!(matches!(refused, SetupError::Refused { .. }), "{refused:?}");
    assert!(!format!("{refused:?}").contains("hunter2"));
}

#[tokio::test]
async fn an_unreachable_api_is_unavailable() {
    // Bound, so that nothing else listens on its port.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let port = socket.local_addr().unwrap().port();
    let refused = RedisSessionAdapter::new(connection(&format!("http://127.0.0.1:{port}"))).await.unwrap_err();
    assert!(matches!(refused, SetupError::Unavailable { .. }), "{refused:?}");
}

#[tokio::test]
async fn an_index_without_sessions_of_lucia_js_is_rejected() {
    let (database, front, _) = set_up().await;
    database.run::<i64>(&["SADD", "user_sessions:u1", "theirs", "expired"]).await.unwrap();
    database.run::<()>(&["SET", "session:theirs", &session("theirs", "u1").to_json()]).await.unwrap();
    let refused = RedisSessionAdapter::new(connection(&front.url)).await.unwrap_err();
    assert!(matches!(refused, SetupError::OtherIndex { .. }), "{refused:?}");
}
