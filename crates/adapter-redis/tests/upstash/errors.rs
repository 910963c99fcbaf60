//! Failures, which must differ from an absent session.

use std::time::Duration;

use adapter_redis::{HttpConfig, HttpError, RedisSessionAdapter, RedisTokenAdapter, UpstashConnection};
use lucia_core::{
    AdapterErrorKind as Kind, Clock as _, SessionAdapter, SystemClock, TokenAdapter as _, TokenKind, TokenSchema,
};
use test_servers::{Cut, Proxy};

use super::{TOKEN, connection, session, set_up};

#[tokio::test]
async fn other_responses_than_those_of_upstash_are_errors() {
    let (_database, front, adapter) = set_up().await;
    let json = "application/json";
    let answers = [
        (200, "text/html", "<html>sign in</html>".to_owned()),
        (200, json, "{}".to_owned()),
        (200, json, "null".to_owned()),
        (200, json, r#"{"result":{"a":1}}"#.to_owned()),
        (200, json, r#"{"result":"not base64!"}"#.to_owned()),
        (200, json, r#"{"result":7}"#.to_owned()),
        (200, json, r#"{"result":null,"success":false}"#.to_owned()),
        (403, json, r#"{"error":"WRONGPASS"}"#.to_owned()),
        (404, json, r#"{"error":"no such database"}"#.to_owned()),
        (405, json, r#"{"error":"ERR"}"#.to_owned()),
        (400, "text/plain", "x".repeat(1 << 20)),
        (400, json, r#"{"result":null}"#.to_owned()),
        (302, "text/plain", String::new()),
    ];
    for (status, content_type, body) in answers {
        let start = body.chars().take(30).collect::<String>();
        front.answer_with(status, content_type, body);
        let error = adapter.get_session(&"s1".into()).await.unwrap_err();
        assert!(matches!(error.kind(), Kind::Backend | Kind::Decode), "{status} {start}: {error:?}");
        assert!(adapter.get_sessions_by_user_id(&"u1".into()).await.is_err(), "{status} {start}");
        assert!(adapter.delete_session(&"s1".into()).await.is_err(), "{status} {start}");
        assert!(adapter.delete_sessions_by_user_id(&"u1".into()).await.is_err(), "{status} {start}");
    }
}

#[tokio::test]
async fn errors_of_redis_have_kinds_without_quotes() {
    let (_database, front, adapter) = set_up().await;
    for (text, kind) in [
        ("WRONGTYPE Operation against hunter2", Kind::Decode),
        ("READONLY You can't write against hunter2", Kind::Unavailable),
        ("OOM command not allowed hunter2", Kind::Unavailable),
        ("BUSY Redis is busy running a script: hunter2", Kind::Unavailable),
        ("LOADING hunter2", Kind::Unavailable),
        ("NOPERM hunter2", Kind::Backend),
        ("ERR max daily request limit exceeded. hunter2", Kind::Backend),
        ("hunter2", Kind::Backend),
    ] {
        for status in [200, 400] {
            front.answer_with(status, "application/json", format!(r#"{{"error":"{text}"}}"#));
            let error = adapter.get_session(&"s1".into()).await.unwrap_err();
            assert_eq!(error.kind(), kind, "{status} {text}");
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
    }
}

#[tokio::test]
async fn an_outage_has_its_status() {
    let (_database, front, adapter) = set_up().await;
    for status in [408, 429, 500, 502, 503, 504, 507] {
        front.answer_with(status, "text/html", "<html>hunter2</html>");
        let error = adapter.get_session(&"s1".into()).await.unwrap_err();
        let cause = error.downcast_ref::<HttpError>().and_then(HttpError::status);
        assert_eq!((error.kind(), cause), (Kind::Unavailable, Some(status)));
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}

#[tokio::test]
async fn a_large_response_is_not_read_completely() {
    let (_database, front, _) = set_up().await;
    let config = HttpConfig::new().max_response_bytes(1 << 20);
    let connection = UpstashConnection::with_config(&front.url, TOKEN, config).unwrap();
    let adapter = RedisSessionAdapter::new(connection).await.unwrap();
    front.answer_with(200, "application/json", format!(r#"{{"result":"{}"}}"#, "A".repeat(4 << 20)));
    let error = adapter.get_session(&"s1".into()).await.unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(error.kind() == Kind::Backend && cause.contains("max_response_bytes"), "{cause}");
}

/// A script that runs twice mistakes its own change for that of another writer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_script_is_not_retried_after_a_lost_response() {
    let (_database, front, direct) = set_up().await;
    let line = Proxy::start(front.url.rsplit_once(':').unwrap().1.parse().unwrap()).unwrap();
    let config = HttpConfig::new().attempt_timeout(Duration::from_secs(30)).timeout(Duration::from_secs(60));
    let url = format!("http://127.0.0.1:{}", line.port());
    let connection = UpstashConnection::with_config(&url, TOKEN, config).unwrap();
    let adapter = RedisSessionAdapter::new(connection).await.unwrap();
    // The server caches the script.
    adapter.set_session(&session("s0", "u0")).await.unwrap();
    front.count();
    let session = session("s1", "u1");
    line.cut_after(0, Cut::BeforeReply);
    assert_eq!(adapter.set_session(&session).await.unwrap_err().kind(), Kind::Unavailable);
    assert_eq!(front.count(), 1);
    assert_eq!(direct.get_session(&session.id).await.unwrap(), Some(session));
    line.cut_after(0, Cut::BeforeReply);
    front.count();
    assert_eq!(adapter.get_session(&"s0".into()).await.unwrap().map(|found| found.user_id), Some("u0".into()));
    assert_eq!(front.count(), 2, "a read is sent again");
    line.cut_after(0, Cut::BeforeReply);
    adapter.delete_session(&"s0".into()).await.unwrap();
    assert_eq!(direct.get_session(&"s0".into()).await.unwrap(), None);
}

/// Scripts for tokens and counters recognise a repeated call, so its lost response is not lost to the caller.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_on_tokens_and_counters_are_retried_after_a_lost_response() {
    const KIND: TokenKind = TokenKind::from_static("password_reset");
    let (_database, front, _) = set_up().await;
    let direct = RedisTokenAdapter::new(connection(&front.url)).await.unwrap();
    let line = Proxy::start(front.url.rsplit_once(':').unwrap().1.parse().unwrap()).unwrap();
    let config = HttpConfig::new().attempt_timeout(Duration::from_secs(30)).timeout(Duration::from_secs(60));
    let url = format!("http://127.0.0.1:{}", line.port());
    let connection = UpstashConnection::with_config(&url, TOKEN, config).unwrap();
    let adapter = RedisTokenAdapter::new(connection).await.unwrap();
    let (now, window) = (SystemClock.now(), Duration::from_secs(600));
    let token = |id: &str| TokenSchema::new(id, KIND, now.saturating_add(window)).with_user_id("u1");
    // The server caches the scripts.
    adapter.set_token(&token("t0")).await.unwrap();
    adapter.take_token(&KIND, &"t0".into()).await.unwrap();
    adapter.add_to_counter("k", 1, window, now).await.unwrap();

    let stored = token("t1");
    let lose = || {
        front.count();
        line.cut_after(0, Cut::BeforeReply);
    };
    lose();
    adapter.set_token(&stored).await.unwrap();
    assert_eq!(front.count(), 2, "the request was sent again");
    lose();
    assert_eq!(adapter.take_token(&KIND, &stored.id).await.unwrap(), Some(stored.clone()));
    assert_eq!(front.count(), 2);
    assert_eq!(direct.take_token(&KIND, &stored.id).await.unwrap(), None);
    lose();
    assert_eq!(adapter.add_to_counter("k", 1, window, now).await.unwrap().value, 2);
    assert_eq!(front.count(), 2);
    assert_eq!(direct.add_to_counter("k", 0, window, now).await.unwrap().value, 2);
}
