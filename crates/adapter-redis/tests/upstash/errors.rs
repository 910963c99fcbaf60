//! What goes wrong, and that it is told from "there is no session".

use std::time::Duration;

use adapter_kv_http::{HttpError, HttpOptions, UpstashConfig};
use axum::{Router, http::StatusCode, http::header::CONTENT_TYPE};
use lucia_core::{AdapterError, AdapterErrorKind as Kind, SessionAdapter};
use test_servers::{Cut, Proxy};
use tokio::net::TcpListener;

use super::{adapter, session, set_up, upstash::TOKEN};

/// The URL of a server that gives one answer to everything.
async fn answering(status: u16, content_type: &'static str, body: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = (StatusCode::from_u16(status).unwrap(), [(CONTENT_TYPE, content_type)], body);
    let router = Router::new().fallback(move || std::future::ready(answer.clone()));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

fn cause(error: &AdapterError) -> &HttpError {
    error.downcast_ref().unwrap()
}

#[tokio::test]
async fn a_wrong_token_is_an_error() {
    let (_database, front, _) = set_up().await;
    let adapter = UpstashConfig::new(&front.url, "another").session_adapter().unwrap();
    let error = adapter.get_session(&"s1".into()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Backend);
    assert!(matches!(cause(&error), HttpError::Refused { status: 401 }));
}

#[tokio::test]
async fn what_is_no_answer_of_upstash_is_an_error() {
    let answers = [
        (200, "text/html", "<html>sign in</html>".to_owned()),
        (200, "application/json", "{}".to_owned()),
        (200, "application/json", "null".to_owned()),
        (200, "application/json", r#"{"result":{"a":1}}"#.to_owned()),
        (200, "application/json", r#"{"result":"not base64!"}"#.to_owned()),
        (200, "application/json", r#"{"result":7}"#.to_owned()),
        (200, "application/json", r#"{"result":null,"success":false}"#.to_owned()),
        (404, "application/json", r#"{"error":"no such database"}"#.to_owned()),
        (405, "application/json", r#"{"error":"ERR"}"#.to_owned()),
        (400, "text/plain", "x".repeat(1 << 20)),
        (302, "text/plain", String::new()),
    ];
    for (status, content_type, body) in answers {
        let start = body.chars().take(30).collect::<String>();
        let adapter = adapter(&answering(status, content_type, body).await);
        let error = adapter.get_session(&"s1".into()).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Backend, "{status} {start}");
        assert!(adapter.get_sessions_by_user_id(&"u1".into()).await.is_err(), "{status} {start}");
        assert!(adapter.delete_session(&"s1".into()).await.is_err(), "{status} {start}");
        assert!(adapter.delete_sessions_by_user_id(&"u1".into()).await.is_err(), "{status} {start}");
        assert!(adapter.check().await.is_err(), "{status} {start}");
    }
}

#[tokio::test]
async fn errors_of_redis_have_kinds_and_quote_nothing() {
    for (text, kind) in [
        ("WRONGTYPE Operation against hunter2", Kind::Decode),
        ("READONLY You can't write against hunter2", Kind::Unavailable),
        ("OOM command not allowed hunter2", Kind::Unavailable),
        ("ERR max daily request limit exceeded. hunter2", Kind::Backend),
        ("hunter2", Kind::Backend),
    ] {
        let body = format!(r#"{{"error":"{text}"}}"#);
        for status in [200, 400] {
            let adapter = adapter(&answering(status, "application/json", body.clone()).await);
            let error = adapter.get_session(&"s1".into()).await.unwrap_err();
            assert_eq!(error.kind(), kind, "{status} {text}");
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
    }
}

#[tokio::test]
async fn a_huge_answer_is_not_read_to_its_end() {
    let url = answering(200, "application/json", format!(r#"{{"result":"{}"}}"#, "A".repeat(4 << 20))).await;
    let options = HttpOptions::default().max_body_bytes(1 << 20);
    let adapter = UpstashConfig::new(url, "token").http(options).session_adapter().unwrap();
    let error = adapter.get_session(&"s1".into()).await.unwrap_err();
    assert!(matches!(cause(&error), HttpError::TooLarge { .. }));
}

/// Whoever runs a script again finds what it has done, and takes it for somebody else's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_script_whose_answer_is_lost_is_not_run_again() {
    let (_database, front, direct) = set_up().await;
    let line = Proxy::start(front.url.rsplit_once(':').unwrap().1.parse().unwrap()).unwrap();
    let patience = HttpOptions::default().attempt_timeout(Duration::from_secs(30)).timeout(Duration::from_secs(60));
    let config = UpstashConfig::new(format!("http://127.0.0.1:{}", line.port()), TOKEN).http(patience);
    let adapter = config.session_adapter().unwrap();
    let session = session("s1", "u1");
    line.cut_after(0, Cut::BeforeReply);
    assert_eq!(adapter.set_session(&session).await.unwrap_err().kind(), Kind::Unavailable);
    assert_eq!(front.count(), 1);
    assert_eq!(direct.get_session(&session.id).await.unwrap(), Some(session));
}

/// An index that is no set, as Lucia JS 1.x wrote them, is reported and left alone.
#[tokio::test]
async fn an_index_of_another_type_changes_nothing() {
    let (database, _front, adapter) = set_up().await;
    database.run::<i64>(&["RPUSH", "userSession:u1", "s0"]).await.unwrap();
    let session = session("s1", "u1");
    assert_eq!(adapter.set_session(&session).await.unwrap_err().kind(), Kind::Decode);
    assert_eq!(adapter.get_session(&session.id).await.unwrap(), None);
    assert_eq!(adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap_err().kind(), Kind::Decode);
    assert_eq!(adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap_err().kind(), Kind::Decode);
    assert_eq!(database.run::<Vec<String>>(&["KEYS", "*"]).await.unwrap(), ["userSession:u1"]);
}
