//! The checks when an adapter is created.

use std::{error::Error as _, time::Duration};

use adapter_redis::{
    ConnectConfig, RedisSessionAdapter, RedisTokenAdapter, SetupError,
    redis::{RedisError, cmd},
};
use lucia_core::{AdapterErrorKind as Kind, SessionAdapter, SessionScan as _, SessionUpdate, TokenAdapter as _};

use crate::place::{KIND, Place, assert_kind, hours, id, now, session, token, url, user};

#[tokio::test]
async fn an_unreachable_server_is_unavailable() {
    // Bound, so that nothing else listens on its port.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let port = socket.local_addr().unwrap().port();
    let refused = adapter_redis::connect(&format!("redis://app:hunter2@127.0.0.1:{port}")).await.unwrap_err();
    assert!(matches!(refused, SetupError::Unavailable { .. }), "{refused:?}");
    // Shown when `main` returns the error.
    for shown in [refused.to_string(), format!("{refused:?}")] {
        assert!(shown.contains(&format!("Redis at 127.0.0.1:{port}")) && !shown.contains("hunter2"), "{shown}");
    }
}

#[tokio::test]
async fn a_silent_server_is_unavailable_in_time() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://127.0.0.1:{}", silent.local_addr().unwrap().port());
    let (connection, response) = (Duration::from_millis(200), Duration::from_millis(100));
    let config = ConnectConfig::new().connect_timeout(connection).response_timeout(response);
    let in_time = tokio::time::timeout(Duration::from_secs(10), config.connect(&url)).await;
    let late = in_time.unwrap().unwrap_err();
    assert!(matches!(late, SetupError::Unavailable { .. }) && late.to_string().contains("127.0.0.1:"), "{late:?}");
}

const NO_URLS: [&str; 6] =
    ["", "localhost", "http://localhost", "redis://", "redis://app:hunter2@127.0.0.1/db", "redis://hunter2@:x"];

fn assert_names_the_url<T>(outcome: Result<T, SetupError>) {
    let refused = outcome.err().unwrap();
    let source = refused.source().unwrap();
    let text = format!("{refused} {refused:?} {source} {source:?}");
    assert!(matches!(refused, SetupError::InvalidUrl(_)) && text.contains("invalid Redis URL"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
}

#[tokio::test]
async fn invalid_urls_are_rejected() {
    for url in NO_URLS {
        assert_names_the_url(adapter_redis::connect(url).await);
    }
}

#[cfg(feature = "cluster")]
#[tokio::test]
async fn invalid_urls_of_a_cluster_are_rejected() {
    let config = ConnectConfig::new();
    for url in NO_URLS {
        assert_names_the_url(config.connect_cluster([url]).await);
    }
    assert_names_the_url(config.connect_cluster([] as [&str; 0]).await);
    let apart = ["redis://:one@127.0.0.1", "redis://:hunter2@127.0.0.1"].map(str::to_owned);
    assert_names_the_url(config.connect_cluster(&apart).await);
}

#[cfg(feature = "sentinel")]
#[tokio::test]
async fn invalid_urls_of_sentinels_are_rejected() {
    for url in NO_URLS {
        let node = redis::sentinel::SentinelNodeConnectionInfo::default();
        assert_names_the_url(ConnectConfig::new().connect_sentinel(vec![url.to_owned()], "mymaster", node).await);
    }
}

/// URLs in a configuration are usually a `String`.
#[tokio::test]
async fn urls_of_every_string_type_are_accepted() {
    let (owned, shared) = (url().to_owned(), std::sync::Arc::<str>::from(url()));
    adapter_redis::connect(&owned).await.unwrap();
    adapter_redis::connect(&shared).await.unwrap();
    ConnectConfig::new().connect(&owned).await.unwrap();
}

#[tokio::test]
async fn the_user_of_an_access_control_list_is_in_the_url() {
    let place = Place::new().await;
    let (name, password) = (format!("app{}", place.name), "hunter2");
    let mut acl = cmd("ACL");
    acl.arg("SETUSER").arg(&name).arg("on").arg(format!(">{password}")).arg(format!("~{}:*", place.name));
    // The required commands and keys.
    for command in listed_commands() {
        acl.arg(format!("+{command}"));
    }
    let _: () = place.query(&acl).await;
    let own = url().replace("redis://", &format!("redis://{name}:{password}@"));
    let connection = adapter_redis::connect(&own).await.unwrap();
    assert!(!format!("{connection:?}").contains(password));
    let tokens = RedisTokenAdapter::with_config(connection.clone(), place.config()).await.unwrap();
    let adapter = RedisSessionAdapter::with_config(connection, place.config()).await.unwrap();
    adapter.set_session(&session("s", "u")).await.unwrap();
    adapter.update_session(&id("s"), &SessionUpdate::renewal(hours(2), hours(20))).await.unwrap();
    adapter.rotate_session(&id("s"), &id("t"), &SessionUpdate::default()).await.unwrap();
    assert_eq!(adapter.get_sessions_by_user_id(&user("u")).await.unwrap().len(), 1);
    adapter.delete_session(&id("t")).await.unwrap();
    adapter.delete_sessions_by_user_id(&user("u")).await.unwrap();
    adapter.delete_oldest_sessions(&user("u"), &id("t"), "created_at", 1).await.unwrap();
    adapter.scan_sessions(None, 100).await.unwrap();
    tokens.set_token(&token("t1", "u")).await.unwrap();
    assert!(tokens.take_token(&KIND, &"t1".into()).await.unwrap().is_some());
    tokens.set_token(&token("t1", "u")).await.unwrap();
    tokens.delete_tokens(None, &user("u")).await.unwrap();
    // As if a thousand calls had been made before.
    place.run::<i64>("HSET", &place.counter_key("k"), &["#1", "oldest", "oldest", "1 1"]).await;
    tokens.add_to_counter("k", 1, Duration::from_secs(60), now()).await.unwrap();
    assert!(!place.run::<bool>("HEXISTS", &place.counter_key("k"), "oldest").await);

    let elsewhere = adapter_redis::connect(&own).await.unwrap();
    let forbidden = RedisSessionAdapter::new(elsewhere).await.unwrap();
    assert_kind(forbidden.get_session(&id("s")).await, Kind::Backend);
    let wrong = adapter_redis::connect(&own.replace(password, "wrong")).await.unwrap_err();
    assert!(matches!(wrong, SetupError::Refused { .. }), "{wrong:?}");
    let _: i64 = place.query(cmd("ACL").arg("DELUSER").arg(&name)).await;
}

#[tokio::test]
async fn the_error_of_the_server_is_the_source() {
    let place = Place::new().await;
    let name = format!("reader{}", place.name);
    let mut acl = cmd("ACL");
    acl.arg("SETUSER").arg(&name).arg(&["on", ">hunter2", "+@all", "~userSession:*", "~user_sessions:*"]);
    let _: () = place.query(&acl).await;
    let own = url().replace("redis://", &format!("redis://{name}:hunter2@"));
    let adapter = RedisSessionAdapter::new(adapter_redis::connect(&own).await.unwrap()).await.unwrap();
    let error = assert_kind(adapter.get_session(&id("s")).await, Kind::Backend);
    let source = error.source().and_then(|source| source.downcast_ref::<RedisError>()).unwrap();
    assert_eq!(source.code(), Some("NOPERM"));
    let _: i64 = place.query(cmd("ACL").arg("DELUSER").arg(&name)).await;
}

/// Returns the commands in the guide.
fn listed_commands() -> impl Iterator<Item = &'static str> {
    let (_, list) = include_str!("../../../../docs/redis.md").split_once("Required commands: `").unwrap();
    list.split_once('`').unwrap().0.split_whitespace()
}
