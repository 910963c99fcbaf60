//! Scans of all sessions of a server.

use std::collections::BTreeSet;

use adapter_redis::{RedisConfig, RedisSessionAdapter, RedisTokenAdapter};
use lucia_core::{AdapterErrorKind as Kind, AdapterResult, SessionAdapter, SessionScan, TokenAdapter};
use test_servers::redis_server;

use crate::place::{Place, assert_kind, id, session, token};

/// Returns the ids on all pages.
async fn scan(adapter: &impl SessionScan) -> AdapterResult<BTreeSet<String>> {
    let (mut ids, mut cursor) = (BTreeSet::new(), None);
    loop {
        let page = adapter.scan_sessions(cursor.as_deref(), 100).await?;
        ids.extend(page.session_ids.into_iter().map(|id| id.into_string()));
        cursor = match page.next {
            Some(next) => Some(next),
            None => return Ok(ids),
        };
    }
}

#[tokio::test]
async fn a_prefix_is_not_a_pattern() {
    let place = Place::new().await;
    let mut stored = Vec::new();
    for (number, prefix) in ["a*", "a?", "a[b]", "ab", "a\\", "a"].into_iter().enumerate() {
        let config = place.config().session_prefix(format!("{}:{prefix}", place.name));
        let adapter = RedisSessionAdapter::with_config(place.connections(), config).await.unwrap();
        let id = format!("s{number}");
        adapter.set_session(&session(&id, "u")).await.unwrap();
        stored.push((adapter, id));
    }
    for (adapter, id) in stored {
        assert_eq!(scan(&adapter).await.unwrap(), BTreeSet::from([id]));
    }
}

/// Without a prefix, every key may be a session.
#[tokio::test]
async fn a_scan_of_lucia_1_returns_sessions_only() {
    let server = redis_server().unwrap().start().unwrap();
    let place = Place::on(&format!("redis://127.0.0.1:{}", server.port())).await;
    let adapter = RedisSessionAdapter::with_config(place.connections(), RedisConfig::lucia_1()).await.unwrap();
    let tokens = RedisTokenAdapter::with_config(place.connections(), RedisConfig::lucia_1()).await.unwrap();
    for name in ["s1", "s2"] {
        adapter.set_session(&session(name, "u")).await.unwrap();
    }
    tokens.set_token(&token("t1", "u")).await.unwrap();
    place.run::<()>("SET", "of another program", "text").await;
    place.run::<()>("SET", "copy", session("s1", "u").to_json()).await;
    // No session has the key of a token, and no user that of a counter.
    place.run::<()>("SET", "token:s3", session("token:s3", "u").to_json()).await;
    place.run::<()>("SET", "s4", session("s4", "counter:u").to_json()).await;
    assert_eq!(scan(&adapter).await.unwrap(), BTreeSet::from(["s1".to_owned(), "s2".to_owned()]));
}

/// The cursor of a server means nothing to another one, nor to itself after a restart: sessions would be missed.
#[tokio::test]
async fn a_scan_does_not_continue_on_another_server() {
    let mut server = redis_server().unwrap().start().unwrap();
    let place = Place::on(&format!("redis://127.0.0.1:{}", server.port())).await;
    let adapter = place.adapter().await;
    for number in 0..2_000 {
        adapter.set_session(&session(&format!("s{number}"), "u")).await.unwrap();
    }
    assert_eq!(scan(&adapter).await.unwrap().len(), 2_000);
    let cursor = adapter.scan_sessions(None, 100).await.unwrap().next.unwrap();
    server.kill().unwrap();
    server.restart().unwrap();
    // The first call after the restart finds the lost connection.
    let _ = adapter.get_session(&id("s0")).await;
    let error = assert_kind(adapter.scan_sessions(Some(&cursor), 100).await, Kind::Unavailable);
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("start the scan again"), "{source}");
}

#[tokio::test]
async fn a_cursor_of_another_adapter_is_an_error() {
    let adapter = Place::new().await.adapter().await;
    for cursor in ["", "0", "s1", "@", "-1@id", "x@id"] {
        assert_kind(adapter.scan_sessions(Some(cursor), 100).await, Kind::Backend);
    }
}
