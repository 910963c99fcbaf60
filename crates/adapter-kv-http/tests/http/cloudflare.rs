//! The store on a local server with the REST API of Workers KV.

use std::{
    sync::{Arc, atomic::Ordering::SeqCst},
    time::Duration,
};

use adapter_kv_http::{CloudflareConfig, CloudflareStore, HttpConfig, HttpError, KvConfig};
use axum::{Json, Router, extract::Query, http::StatusCode};
use lucia_core::{
    AdapterErrorKind as Kind, ManualClock, SessionAdapter as _, SessionSchema, SessionUpdate, UnixMillis,
    kv::{KvEntry, KvSessionAdapter, KvStore as _},
};
use serde_json::json;
use tokio::net::TcpListener;

use crate::support::{
    cloudflare::{ACCOUNT, Cloudflare, NAMESPACE, TOKEN},
    in_seconds,
    proxy::Proxy,
    within_a_month,
};

fn store(url: &str) -> CloudflareStore {
    store_with(CloudflareConfig::new().base_url(url))
}

fn store_with(config: CloudflareConfig) -> CloudflareStore {
    CloudflareStore::with_config(ACCOUNT, NAMESPACE, TOKEN, config).unwrap()
}

fn adapter(url: &str) -> KvSessionAdapter<CloudflareStore> {
    KvSessionAdapter::new(store(url))
}

async fn counted() -> (Cloudflare, Proxy, KvSessionAdapter<CloudflareStore>) {
    let cloudflare = Cloudflare::start().await;
    let proxy = Proxy::start(cloudflare.url.trim_end_matches("/client/v4")).await;
    let adapter = adapter(&format!("{}/client/v4", proxy.url));
    (cloudflare, proxy, adapter)
}

#[tokio::test]
async fn keys_are_set_read_listed_and_deleted() {
    let cloudflare = Cloudflare::start().await;
    let store = store(&cloudflare.url);
    for key in ["a:b", "a:~3A", "a:%3A", "a:é", "a:b/c", "a:b?c#d", "a:b c"] {
        assert_eq!(store.get(key).await.unwrap(), None, "{key}");
        store.put(key, key.as_bytes(), in_seconds(3_600)).await.unwrap();
        assert_eq!(store.get(key).await.unwrap().as_deref(), Some(key.as_bytes()), "{key}");
        assert!(cloudflare.namespace.get(key).is_some(), "{key} is the key, and not another one");
    }
    assert_eq!(store.list("a:b", None).await.unwrap().keys.len(), 4);
    for key in ["a:b", "a:b", "a:b?c#d"] {
        store.delete(key).await.unwrap();
        assert_eq!(store.get(key).await.unwrap(), None, "{key}");
    }
    assert_eq!(store.list("a:b", None).await.unwrap().keys, ["a:b c", "a:b/c"]);
}

#[tokio::test]
async fn bulk_requests_are_split_at_the_limits_of_the_api() {
    let (cloudflare, proxy, adapter) = counted().await;
    let store = adapter.store();
    let entries: Vec<_> = (0..10_001)
        .map(|n| KvEntry { key: format!("a:{n}"), value: n.to_string().into_bytes(), expires: in_seconds(3_600) })
        .collect();
    store.put_many(&entries).await.unwrap();
    assert_eq!(proxy.count(), 2);
    assert_eq!(cloudflare.namespace.keys.lock().unwrap().len(), 10_001);

    let keys: Vec<_> = entries.iter().map(|entry| entry.key.as_str()).collect();
    let long = "k".repeat(513);
    let wanted: Vec<_> = keys[..201].iter().copied().chain(["absent", &long]).collect();
    let values = store.get_many(&wanted).await.unwrap();
    let expected = entries[..201].iter().map(|entry| Some(entry.value.clone())).chain([None, None]);
    assert_eq!(values, expected.collect::<Vec<_>>());
    assert_eq!(proxy.count(), 3);

    store.delete_many(&keys).await.unwrap();
    assert_eq!(proxy.count(), 2);
    assert!(cloudflare.namespace.keys.lock().unwrap().is_empty());
}

#[tokio::test]
async fn values_too_large_for_one_response_are_read_in_several() {
    let (cloudflare, proxy, _) = counted().await;
    let limit = HttpConfig::new().max_response_bytes(4_000);
    let store = store_with(CloudflareConfig::new().base_url(format!("{}/client/v4", proxy.url)).http(limit));
    let keys: Vec<_> = (0..12).map(|n| format!("a:{n:02}")).collect();
    for key in &keys {
        cloudflare.namespace.put(key, key.repeat(250).as_bytes(), None);
    }
    let keys: Vec<_> = keys.iter().map(String::as_str).collect();
    let expected: Vec<_> = keys.iter().map(|key| Some(key.repeat(250).into_bytes())).collect();
    assert_eq!(store.get_many(&keys).await.unwrap(), expected);
    assert_eq!(proxy.count(), 7, "12, 6 and 6, and four times 3");
    cloudflare.namespace.put("a:00", "x".repeat(5_000).as_bytes(), None);
    let error = store.get_many(&keys).await.unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(HttpError::TooLarge { .. })), "{error:?}");
}

#[tokio::test]
async fn values_that_are_not_utf_8_are_written_one_by_one() {
    let cloudflare = Cloudflare::start().await;
    let store = store(&cloudflare.url);
    let entry =
        |key: &str, value: &[u8]| KvEntry { key: key.to_owned(), value: value.to_owned(), expires: UnixMillis::MAX };
    store.put_many(&[entry("a", b"\xff\x00"), entry("b", b"text")]).await.unwrap();
    assert_eq!(store.get("a").await.unwrap().as_deref(), Some(&b"\xff\x00"[..]));
    assert_eq!(store.get("b").await.unwrap().as_deref(), Some(&b"text"[..]));
}

#[tokio::test]
async fn k2_short_sessions_are_stored_for_a_minute_and_end_in_time() {
    let cloudflare = Cloudflare::start().await;
    let adapter = adapter(&cloudflare.url);
    for idle in [in_seconds(1), in_seconds(59), in_seconds(61), in_seconds(3_600)] {
        let session = SessionSchema::new(format!("s{}", idle.get()), "u", idle, idle);
        adapter.set_session(&session).await.unwrap();
        let stored = cloudflare.namespace.get(&adapter.layout().session_key(&session.id)).unwrap();
        let expiration = i64::try_from(stored.expiration.unwrap()).unwrap() * 1_000;
        let least = idle.get().max(in_seconds(58).get());
        assert!((least..least + 4_000).contains(&expiration), "{idle:?} {expiration}");
    }
}

/// The API rejects a time that is in the past by its own clock.
#[tokio::test]
async fn short_sessions_are_stored_if_the_clock_is_behind() {
    let cloudflare = Cloudflare::start().await;
    let now = in_seconds(-15 * 60);
    let adapter = {
        let clock = Arc::new(ManualClock::new(now));
        let config = CloudflareConfig::new().base_url(&cloudflare.url).clock(Arc::clone(&clock));
        KvSessionAdapter::with_config(store_with(config), KvConfig::new().clock(clock)).unwrap()
    };
    for minutes in [1, 5, 10, 14, 20, 60] {
        let idle = now.saturating_add(Duration::from_secs(minutes * 60));
        let session = SessionSchema::new(format!("s{minutes}"), "u", idle, idle);
        adapter.set_session(&session).await.unwrap();
        assert_eq!(adapter.get_session(&session.id).await.unwrap(), Some(session));
    }
}

#[tokio::test]
async fn k7_keys_of_more_than_512_bytes_are_rejected() {
    let (_cloudflare, proxy, adapter) = counted().await;
    let session = |id: &str, user: &str| SessionSchema::new(id, user, in_seconds(60), in_seconds(120));
    for session in [session(&"s".repeat(505), "u"), session("s", &"u".repeat(500)), session(&"é".repeat(90), "u")] {
        let error = adapter.set_session(&session).await.unwrap_err();
        assert_eq!(error.kind(), Kind::UnsupportedId);
        assert_eq!(adapter.get_session(&session.id).await.unwrap(), None);
    }
    let writes = proxy.take().iter().filter(|seen| seen.is_write()).count();
    assert_eq!(writes, 0, "nothing was written");
    let error = adapter.store().put(&"k".repeat(513), b"1", UnixMillis::MAX).await.unwrap_err();
    assert_eq!(error.kind(), Kind::UnsupportedId);
    assert_eq!(adapter.store().get(&"k".repeat(513)).await.unwrap(), None);
    adapter.store().delete(&"k".repeat(513)).await.unwrap();
    assert_eq!(proxy.count(), 0, "no request for keys that cannot exist");
}

#[tokio::test]
async fn a_wrong_token_account_or_namespace_is_an_error() {
    let cloudflare = Cloudflare::start().await;
    store(&cloudflare.url).put("session:s", b"{}", UnixMillis::MAX).await.unwrap();
    for (account, namespace, token, status, code) in [
        (ACCOUNT, NAMESPACE, "hunter2", 403, None),
        ("another", NAMESPACE, TOKEN, 404, Some(7003)),
        (ACCOUNT, "another", TOKEN, 404, Some(10013)),
    ] {
        let config = CloudflareConfig::new().base_url(&cloudflare.url);
        let store = CloudflareStore::with_config(account, namespace, token, config).unwrap();
        for error in [
            store.get("session:s").await.unwrap_err(),
            store.get_many(&["session:s"]).await.unwrap_err(),
            store.put("session:s", b"1", UnixMillis::MAX).await.unwrap_err(),
            store.delete("session:s").await.unwrap_err(),
            store.list("session:", None).await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), Kind::Backend);
            let cause = error.downcast_ref::<HttpError>().expect("its source");
            assert_eq!(cause.status(), Some(status), "{cause}");
            if let HttpError::Status { code: found, .. } = cause {
                assert_eq!(*found, code);
            }
            assert!(!format!("{error:?}").contains("hunter2"));
        }
    }
}

#[tokio::test]
async fn requests_are_counted() {
    let (_cloudflare, proxy, adapter) = counted().await;
    let session = |n: usize| SessionSchema::new(format!("s{n}"), "u", in_seconds(3_600), within_a_month(0));
    adapter.set_session(&session(0)).await.unwrap();
    assert_eq!(proxy.count(), 4, "create");
    adapter.get_session(&"s0".into()).await.unwrap();
    assert_eq!(proxy.count(), 1, "get");
    let renewal = SessionUpdate::renewal(in_seconds(3_700), within_a_month(1));
    adapter.update_session(&"s0".into(), &renewal).await.unwrap();
    assert_eq!(proxy.count(), 3, "renew");
    adapter.delete_session(&"s0".into()).await.unwrap();
    assert_eq!(proxy.count(), 4, "revoke");
    for n in 1..=20 {
        adapter.set_session(&session(n)).await.unwrap();
    }
    proxy.take();
    assert_eq!(adapter.get_sessions_by_user_id(&"u".into()).await.unwrap().len(), 20);
    assert_eq!(proxy.count(), 2, "list: the index, and all sessions");
    adapter.delete_sessions_by_user_id(&"u".into()).await.unwrap();
    let count = proxy.count();
    assert!(count <= 10, "revoke all of 20: {count}");
}

#[cfg(feature = "unstorage")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn k3_k9_crowds_are_listed_and_revoked() {
    let cloudflare = Cloudflare::start().await;
    crate::crowds::a_thousand_sessions(&adapter(&cloudflare.url)).await;
    crate::crowds::twenty_sign_ins(&adapter(&cloudflare.url)).await;
}

#[tokio::test]
async fn k9_all_pages_are_read() {
    let (cloudflare, proxy, adapter) = counted().await;
    cloudflare.namespace.page_size.store(7, SeqCst);
    for n in 0..30 {
        let session = SessionSchema::new(format!("s{n}"), "u", in_seconds(3_600), in_seconds(7_200));
        adapter.set_session(&session).await.unwrap();
    }
    proxy.take();
    assert_eq!(adapter.get_sessions_by_user_id(&"u".into()).await.unwrap().len(), 30);
    assert_eq!(proxy.count(), 6, "five pages, and the sessions");
}

#[tokio::test]
async fn k4_k5_only_tombstones_of_revoked_sessions_remain() {
    let cloudflare = Cloudflare::start().await;
    let adapter = adapter(&cloudflare.url);
    for n in 0..3 {
        let session = SessionSchema::new(format!("s{n}"), "u", in_seconds(3_600), in_seconds(7_200));
        adapter.set_session(&session).await.unwrap();
    }
    adapter.delete_session(&"s0".into()).await.unwrap();
    adapter.delete_sessions_by_user_id(&"u".into()).await.unwrap();
    let keys = cloudflare.namespace.keys.lock().unwrap();
    let is_mark = |key: &str| key == "user_sessions_revoked:u";
    assert!(keys.keys().all(|key| key.starts_with("session_revoked:") || is_mark(key)), "{:?}", keys.keys());
    assert!(keys.values().all(|stored| stored.expiration.is_some()), "the tombstones expire");
}

/// The 404 of a gateway in front of the API.
#[tokio::test]
async fn a_404_of_a_gateway_is_an_error() {
    for body in [
        json!({ "message": "no Route matched with those values" }),
        json!({ "errors": [{ "code": 10009 }] }),
        json!({ "success": true, "errors": [{ "code": 10009 }] }),
        json!({ "success": false, "errors": [{ "code": 7003 }], "result": null }),
    ] {
        let shown = body.to_string();
        let router = Router::new().fallback(move || std::future::ready((StatusCode::NOT_FOUND, Json(body.clone()))));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let store = store(&url);
        for error in [store.get("session:s").await.map(drop), store.delete("session:s").await] {
            assert_eq!(error.unwrap_err().kind(), Kind::Backend, "{shown}");
        }
        server.abort();
    }
}

/// Listings whose cursors never end.
async fn endless(cursor: impl Fn(u64) -> String + Clone + Send + Sync + 'static) -> String {
    let router = Router::new().fallback(move |Query(query): Query<Vec<(String, String)>>| {
        let last = query.iter().find(|(name, _)| name == "cursor").and_then(|(_, cursor)| cursor.parse::<u64>().ok());
        let cursor = cursor(last.unwrap_or(0) + 1);
        async move { Json(json!({ "success": true, "result": [], "result_info": { "cursor": cursor } })) }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

#[tokio::test]
async fn endless_cursors_are_an_error() {
    for url in [
        endless(|_| "1".to_owned()).await,
        endless(|next| (next % 3).to_string()).await,
        endless(|next| next.to_string()).await,
    ] {
        let adapter = adapter(&url);
        let error = adapter.get_sessions_by_user_id(&"u".into()).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Backend, "{error:?}");
    }
}

/// Lucia's guide shows keys without a prefix, which no release wrote. The README of `adapter-cloudflare-kv` says how to copy
/// them.
#[tokio::test]
async fn keys_without_a_prefix_are_read_once_they_are_copied() {
    let cloudflare = Cloudflare::start().await;
    let (adapter, namespace) = (adapter(&cloudflare.url), &cloudflare.namespace);
    let sessions = ["s1", "s2"].map(|id| SessionSchema::new(id, "u1", in_seconds(3_600), in_seconds(7_200)));
    let expiration = u64::try_from(in_seconds(7_200).get() / 1_000 + 1).unwrap();
    for session in &sessions {
        namespace.put(session.id.as_str(), session.to_json().as_bytes(), Some(expiration));
    }
    namespace.put("u1", br#"["s1","s2"]"#, None);
    assert_eq!(adapter.get_session(&"s1".into()).await.unwrap(), None);
    assert_eq!(adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap(), []);

    for key in ["s1", "s2", "u1"] {
        let stored = namespace.get(key).expect("it is kept");
        let prefix = if stored.value.starts_with(b"{") { "session" } else { "user_sessions" };
        namespace.put(&format!("{prefix}:{key}"), &stored.value, stored.expiration);
    }
    assert_eq!(adapter.get_session(&"s1".into()).await.unwrap().as_ref(), Some(&sessions[0]));
    let mut listed = adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap();
    listed.sort_by(|one, other| one.id.cmp(&other.id));
    assert_eq!(listed, sessions);
    adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap();
    for session in &sessions {
        assert_eq!(adapter.get_session(&session.id).await.unwrap(), None);
    }
}
