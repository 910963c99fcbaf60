//! Deleting expired sessions.

use std::time::Duration;

use adapter_object_store::{KvConfig, KvSessionAdapter, ObjectKvConfig, ObjectKvStore};
use lucia_core::{
    ManualClock, SessionAdapter as _, SessionSchema, UnixMillis,
    kv::{KvEntry, KvLayout, KvStore as _},
};

use crate::support::Service;

const NOW: UnixMillis = UnixMillis::new(1_800_000_000_000);
/// More than a page of S3.
const EXPIRED: usize = 1_100;
const LIVE: usize = 5;

/// Returns a session and its index entry.
fn entries(layout: &KvLayout, id: &str, idle_expires: UnixMillis) -> [KvEntry; 2] {
    let session = SessionSchema::new(id, "u1", idle_expires, idle_expires);
    let entry = format!(r#"{{"expires":{0},"idle_expires":{0}}}"#, idle_expires.get());
    [
        KvEntry { key: layout.session_key(&session.id), value: session.to_json().into_bytes(), expires: idle_expires },
        KvEntry {
            key: layout.index_key(&session.user_id, &session.id),
            value: entry.into_bytes(),
            expires: idle_expires,
        },
    ]
}

async fn deletes_all(service: Service) {
    let server = service.start();
    let config = ObjectKvConfig::new().attempt_timeout(Duration::from_secs(30)).timeout(Duration::from_secs(60));
    let store = ObjectKvStore::with_config(service.bucket(server.port()), config).await.unwrap();
    let layout = KvLayout::default();
    let week = Duration::from_secs(7 * 24 * 3_600);
    let earlier = UnixMillis::new(NOW.get() - 7 * 24 * 3_600_000);
    let expired = (0..EXPIRED).flat_map(|number| entries(&layout, &format!("expired{number}"), earlier));
    let live = (0..LIVE).flat_map(|number| entries(&layout, &format!("live{number}"), NOW.saturating_add(week)));
    store.put_many(&expired.chain(live).collect::<Vec<_>>()).await.unwrap();

    let prefixes = KvConfig::new().clock(ManualClock::new(NOW));
    let adapter = KvSessionAdapter::with_config(store.clone(), prefixes.clone()).unwrap();
    let mut deleted = Vec::new();
    loop {
        let number = adapter.delete_expired_sessions(NOW, 400).await.unwrap();
        deleted.push(number);
        if number < 400 {
            break;
        }
        // A call that is dropped, or made by another process, loses nothing.
        let dropped = adapter.delete_expired_sessions(NOW, 400);
        let _ = tokio::time::timeout(Duration::from_millis(1), dropped).await;
    }
    assert!(deleted.iter().all(|number| *number <= 400) && deleted.len() > 1, "{deleted:?}");
    for prefix in [layout.session_prefix(), layout.user_sessions_prefix()] {
        let page = store.list(&prefix, None).await.unwrap();
        assert!(page.keys.len() == LIVE && page.cursor.is_none(), "{} keys", page.keys.len());
    }
    let another = KvSessionAdapter::with_config(store, prefixes).unwrap();
    assert_eq!(another.delete_expired_sessions(NOW, 400).await.unwrap(), 0);
    assert_eq!(another.get_sessions_by_user_id(&"u1".into()).await.unwrap().len(), LIVE);
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_sessions_on_several_pages_are_deleted_on_seaweedfs() {
    deletes_all(Service::SeaweedFs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_sessions_on_several_pages_are_deleted_on_azurite() {
    deletes_all(Service::Azurite).await;
}
