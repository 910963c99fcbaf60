//! What is found out when an adapter is made.

use std::time::Duration;

use adapter_redis::{ConnectOptions, RedisSessionAdapter, SetupError, redis::cmd};
use lucia_core::{AdapterErrorKind as Kind, SessionAdapter, SessionUpdate};

use crate::place::{Place, assert_kind, hours, id, session, url, user};

#[tokio::test]
async fn a_server_that_is_not_there_is_an_outage() {
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let refused = adapter_redis::connect(format!("redis://127.0.0.1:{port}")).await.unwrap_err();
    assert!(matches!(refused, SetupError::Unavailable(_)), "{refused:?}");
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_an_outage_in_time() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://127.0.0.1:{}", silent.local_addr().unwrap().port());
    let (connection, response) = (Duration::from_millis(200), Duration::from_millis(100));
    let options = ConnectOptions::new().connection_timeout(connection).response_timeout(response);
    let in_time = tokio::time::timeout(Duration::from_secs(10), options.connect(url)).await;
    let late = in_time.unwrap().unwrap_err();
    assert!(matches!(late, SetupError::Unavailable(_)), "{late:?}");
}

#[tokio::test]
async fn what_is_no_url_is_refused() {
    for url in
        ["", "localhost", "http://localhost", "redis://", "redis://app:hunter2@127.0.0.1/db", "redis://hunter2@:x"]
    {
        let refused = adapter_redis::connect(url).await.unwrap_err();
        assert!(matches!(refused, SetupError::Refused(_)), "{url}: {refused:?}");
        assert!(!format!("{refused} {refused:?}").contains("hunter2"));
    }
}

#[tokio::test]
async fn users_of_access_control_lists_come_through_the_url() {
    let place = Place::new().await;
    let (name, password) = (format!("app{}", place.name), "hunter2");
    let mut acl = cmd("ACL");
    acl.arg("SETUSER").arg(&name).arg("on").arg(format!(">{password}")).arg(format!("~{}:*", place.name));
    // All that the adapter needs.
    for command in readme_commands() {
        acl.arg(format!("+{command}"));
    }
    let _: () = place.query(&acl).await;
    let own = url().replace("redis://", &format!("redis://{name}:{password}@"));
    let connection = adapter_redis::connect(own.as_str()).await.unwrap();
    assert!(!format!("{connection:?}").contains(password));
    let adapter = RedisSessionAdapter::with_options(connection, place.options()).await.unwrap();
    adapter.set_session(&session("s", "u")).await.unwrap();
    adapter.update_session(&id("s"), &SessionUpdate::renewal(hours(2), hours(20))).await.unwrap();
    adapter.rotate_session(&id("s"), &id("t"), &SessionUpdate::default()).await.unwrap();
    assert_eq!(adapter.get_sessions_by_user_id(&user("u")).await.unwrap().len(), 1);
    adapter.delete_session(&id("t")).await.unwrap();
    adapter.delete_sessions_by_user_id(&user("u")).await.unwrap();

    let elsewhere = adapter_redis::connect(own.as_str()).await.unwrap();
    let forbidden = RedisSessionAdapter::new(elsewhere).await.unwrap();
    assert_kind(forbidden.get_session(&id("s")).await, Kind::Backend);
    let wrong = adapter_redis::connect(own.replace(password, "wrong")).await.unwrap_err();
    assert!(matches!(wrong, SetupError::Refused(_)), "{wrong:?}");
    let _: i64 = place.query(cmd("ACL").arg("DELUSER").arg(&name)).await;
}

/// As the README lists them.
fn readme_commands() -> impl Iterator<Item = &'static str> {
    let (_, list) = include_str!("../../README.md").split_once("commands that the user needs: `").unwrap();
    list.split_once('`').unwrap().0.split_whitespace()
}
