//! Servers with a driver that is read-only: they respond to a write with OK.

use std::fs;

use adapter_kv_http::{KvSessionAdapter, ReadOnlyDriver, UnstorageStore};
use axum::{Json, Router, routing::get};
use lucia_core::{AdapterErrorKind as Kind, SessionAdapter as _, SessionSchema, SessionUpdate, kv::KvStore as _};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::spawn_blocking};

use crate::support::{
    in_seconds,
    proxy::{Fault, Proxy},
    unstorage::{Driver, NEWEST, OLDEST, Unstorage},
};

async fn server(driver: &'static str, options: Value) -> Unstorage {
    spawn_blocking(move || Unstorage::start_on_its_own(driver, &options)).await.unwrap()
}

fn session(id: &str) -> SessionSchema {
    SessionSchema::new(id, "u", in_seconds(3_600), in_seconds(7_200))
}

/// Checks that every operation that writes fails, and says what to do. Each is the first write of its store.
async fn ensure_refused(url: &str, stored: &SessionSchema) {
    let adapter = || KvSessionAdapter::new(UnstorageStore::new(url).unwrap());
    assert_eq!(adapter().get_session(&stored.id).await.unwrap().as_ref(), Some(stored), "it can be read");
    let renewal = SessionUpdate::renewal(in_seconds(9_000), in_seconds(9_900));
    for outcome in [
        adapter().set_session(&session("new")).await,
        adapter().update_session(&stored.id, &renewal).await.map(drop),
        adapter().delete_session(&stored.id).await,
        adapter().delete_sessions_by_user_id(&stored.user_id).await,
    ] {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), Kind::Backend, "{error:?}");
        let cause = error.downcast_ref::<ReadOnlyDriver>().expect("its source").to_string();
        assert!(cause.contains("`github`") && cause.contains("`readOnly`"), "{cause}");
    }
}

/// The real driver, on a local server that answers as GitHub does.
#[tokio::test]
async fn github_is_refused_at_the_first_write() {
    let stored = session("old");
    let tree = json!({ "tree": [{ "type": "blob", "path": "session/old", "sha": "0", "mode": "100644", "size": 9 }] });
    let file = stored.to_json();
    let router = Router::new()
        .route("/repos/owner/repo/git/trees/main", get(async || Json(tree)))
        .route("/owner/repo/main/session/old", get(async || file));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let github = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let unstorage = server("github", json!({ "repo": "owner/repo", "apiURL": github, "cdnURL": github })).await;
    ensure_refused(&unstorage.url(), &stored).await;
}

/// An option turns a driver that has sessions into one that would keep revoked ones.
#[tokio::test]
async fn a_read_only_folder_is_refused_at_the_first_write() {
    let unstorage = server("fs", json!({ "base": "{folder}/data", "readOnly": true })).await;
    let stored = session("old");
    let folder = unstorage.server.folder().join("data/session");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("old"), stored.to_json()).unwrap();
    ensure_refused(&unstorage.url(), &stored).await;
}

#[tokio::test]
async fn only_the_first_write_is_read_back() {
    let unstorage = spawn_blocking(|| Unstorage::start(NEWEST, Driver::Memory)).await.unwrap();
    let proxy = Proxy::start(&unstorage.url()).await;
    let store = UnstorageStore::new(&proxy.url).unwrap();
    store.put("a:b", b"1", in_seconds(60)).await.unwrap();
    assert_eq!(proxy.count(), 2);
    store.put("a:b", b"2", in_seconds(60)).await.unwrap();
    store.clone().put("a:c", b"3", in_seconds(60)).await.unwrap();
    assert_eq!(proxy.count(), 2);
}

/// The value that is read back is not the written one, which may also be because of another write or a deletion.
#[tokio::test]
async fn a_server_that_reformats_values_is_not_read_only() {
    let unstorage = spawn_blocking(|| Unstorage::start(OLDEST, Driver::Memory)).await.unwrap();
    let proxy = Proxy::start(&unstorage.url()).await;
    let store = UnstorageStore::new(&proxy.url).unwrap();
    store.put("a:b", b"{ \"n\": 1 }", in_seconds(60)).await.unwrap();
    let requests: Vec<_> = proxy.take().into_iter().map(|seen| seen.method).collect();
    assert_eq!(requests, ["PUT", "GET", "PUT", "GET", "DELETE"]);
    assert_eq!(store.list("a:", None).await.unwrap().keys, ["a:b"]);
    store.put("a:b", b"{ \"n\": 2 }", in_seconds(60)).await.unwrap();
    assert_eq!(proxy.count(), 2, "the list, and the write");
}

#[tokio::test]
async fn a_write_that_cannot_be_read_back_succeeds_and_the_next_is_read_back() {
    let unstorage = server("null", json!({})).await;
    let proxy = Proxy::start(&unstorage.url()).await;
    let store = UnstorageStore::new(&proxy.url).unwrap();
    proxy.script(|seen| (!seen.is_write()).then_some(Fault::Refuse(507)));
    store.put("a:b", b"1", in_seconds(60)).await.unwrap();
    proxy.no_faults();
    let error = store.put("a:b", b"1", in_seconds(60)).await.unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&ReadOnlyDriver));
}
