//! Tests of expired sessions and their requests, in stores that expire keys and in stores that do not.

use std::{sync::Arc, time::Duration};

use lucia_core::{
    ManualClock, SessionAdapter, UnixMillis,
    kv::{KvConfig, KvSessionAdapter, KvStore as _, MemoryKvStore},
};

use crate::{HOUR, NOW, clock, ids, layout, session, store::CountingStore};

/// Returns an adapter with 20 sessions that stay live and 300 that have expired in three hours.
async fn crowd(keeps_expired: bool) -> (Arc<ManualClock>, CountingStore, KvSessionAdapter<CountingStore>) {
    let (clock, stopped_clock) = (clock(), Arc::new(ManualClock::new(UnixMillis::new(i64::MIN))));
    let memory = MemoryKvStore::new(if keeps_expired { stopped_clock } else { clock.clone() });
    let mut store = CountingStore::new(memory, false);
    store.expires_keys = !keeps_expired;
    let adapter = KvSessionAdapter::with_config(store.clone(), KvConfig::from(layout()).clock(clock.clone())).unwrap();
    for number in 0..320 {
        let mut session = session(&format!("s{number:03}"), "u1");
        if number % 16 == 0 {
            session.idle_expires = NOW.saturating_add(24 * 10 * HOUR);
        }
        adapter.set_session(&session).await.unwrap();
    }
    store.take();
    (clock, store, adapter)
}

#[tokio::test]
async fn an_expired_session_is_read_once() {
    for keeps_expired in [false, true] {
        let (clock, store, adapter) = crowd(keeps_expired).await;
        clock.advance(3 * HOUR);
        assert_eq!(adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap().len(), 20);
        store.take();
        assert_eq!(adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap().len(), 20);
        assert_eq!(store.take().len(), 22, "{keeps_expired}");
        let rest = store.inner.list("", None).await.unwrap().keys;
        assert_eq!(rest.len(), 40, "20 sessions with their entries, and no tombstones: {rest:?}");
    }
}

/// It may still be live by another clock.
#[tokio::test]
async fn a_session_that_has_just_expired_is_kept() {
    for keeps_expired in [false, true] {
        let (clock, store, adapter) = crowd(keeps_expired).await;
        clock.advance(2 * HOUR + Duration::from_secs(60));
        adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap();
        assert_eq!(store.inner.list("user_session:", None).await.unwrap().keys.len(), 320);
    }
}

/// A renewal rarely rewrites the entry: the expiry in the entry does not mean that the session has expired.
#[tokio::test]
async fn the_index_entry_of_a_renewed_session_lasts_as_long_as_the_session() {
    let (clock, _, adapter) = crowd(false).await;
    for hours in 1..=60 {
        let renewal = lucia_core::SessionUpdate::renewal(
            NOW.saturating_add((hours + 1) * HOUR),
            NOW.saturating_add((hours + 2) * HOUR),
        );
        clock.set(NOW.saturating_add(hours * HOUR));
        adapter.update_session(&"s001".into(), &renewal).await.unwrap();
        assert!(ids(&adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap()).contains(&"s001"), "{hours}");
    }
}

#[tokio::test]
async fn expired_sessions_are_deleted_in_one_pass() {
    let (clock, store, adapter) = crowd(true).await;
    clock.advance(3 * HOUR);
    let (now, mut calls) = (NOW.saturating_add(3 * HOUR), Vec::new());
    loop {
        calls.push(adapter.delete_expired_sessions(now, 64).await.unwrap());
        if calls.last() != Some(&64) {
            break;
        }
    }
    assert_eq!(calls, [64, 64, 64, 64, 44]);
    let requests = store.take();
    let count = |wanted: &str| requests.iter().filter(|request| **request == wanted).count();
    // Each session is read once, and afterwards the remaining entries.
    assert_eq!((count("list"), count("get"), count("put"), count("delete")), (4, 320 + 20, 0, 600));
    assert_eq!(adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap().len(), 20);
}

/// A later call continues where the previous one stopped, and checks again the sessions that were live then.
#[tokio::test]
async fn no_expired_session_is_left_when_a_later_call_reports_completion() {
    let (clock, store, adapter) = crowd(true).await;
    assert_eq!(adapter.delete_expired_sessions(NOW.saturating_add(3 * HOUR), 100).await.unwrap(), 100);
    let later = NOW.saturating_add(24 * 11 * HOUR);
    clock.set(later);
    let mut deleted = 0;
    loop {
        let some = adapter.delete_expired_sessions(later, 100).await.unwrap();
        deleted += some;
        if some < 100 {
            break;
        }
    }
    assert_eq!(deleted, 220);
    assert_eq!(store.inner.list("session:", None).await.unwrap().keys, [""; 0]);
}

#[tokio::test]
async fn tombstones_and_marks_are_deleted_when_they_expire() {
    let (clock, store, adapter) = crowd(true).await;
    adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap();
    assert_eq!(adapter.delete_expired_sessions(NOW, 100).await.unwrap(), 0);
    assert_eq!(store.inner.list("", None).await.unwrap().keys.len(), 321);
    // The mark may still be in force by a clock that is behind.
    let a_day_later = NOW.saturating_add(24 * HOUR + Duration::from_secs(1));
    clock.set(a_day_later);
    assert_eq!(adapter.delete_expired_sessions(a_day_later, 100).await.unwrap(), 0);
    assert!(store.inner.get("user_session_revoked:u1").await.unwrap().is_some());
    let later = NOW.saturating_add(24 * 12 * HOUR);
    clock.set(later);
    assert_eq!(adapter.delete_expired_sessions(later, 100).await.unwrap(), 0);
    assert_eq!(store.inner.list("", None).await.unwrap().keys, [""; 0]);
}

/// Another application may use keys that start with the same prefix.
#[tokio::test]
async fn foreign_keys_are_not_deleted() {
    for is_conditional in [false, true] {
        let memory = MemoryKvStore::new(Arc::new(ManualClock::new(UnixMillis::new(i64::MIN))));
        let memory = if is_conditional { memory.with_conditional_writes() } else { memory };
        let mut store = CountingStore::new(memory.clone(), true);
        store.expires_keys = false;
        let adapter = KvSessionAdapter::with_config(store, KvConfig::from(layout()).clock(clock())).unwrap();
        let mark = br#"{"expires":1,"epoch":"e"}"#.as_slice();
        let foreign = [
            ("session:archive:s1", b"1".as_slice()),
            ("session:report.txt", b"1"),
            ("session_revoked:archive:s1", b"1"),
            ("user_session:u1", b"1"),
            ("user_session:u1:archive:s1", b"1"),
            ("user_session_revoked:archive:u1", mark),
        ];
        for (key, value) in foreign {
            memory.put(key, value, UnixMillis::MAX).await.unwrap();
        }
        assert_eq!(adapter.delete_expired_sessions(NOW, 100).await.unwrap(), 0);
        let kept = memory.list("", None).await.unwrap().keys;
        assert_eq!(kept, foreign.map(|(key, _)| key), "{is_conditional}");
        for (key, value) in
            [("session:s1", b"1".as_slice()), ("user_session:u1:s1", b"1"), ("user_session_revoked:u1", mark)]
        {
            memory.put(key, value, UnixMillis::MAX).await.unwrap();
        }
        assert_eq!(adapter.delete_expired_sessions(NOW, 100).await.unwrap(), 0);
        let ours = if is_conditional { 0 } else { 1 };
        assert_eq!(memory.list("", None).await.unwrap().keys.len(), foreign.len() + ours, "{is_conditional}");
    }
}

/// Not even for a session that never expires.
#[tokio::test]
async fn every_tombstone_expires() {
    let clock = clock();
    let store = MemoryKvStore::new(clock.clone());
    let adapter = KvSessionAdapter::with_config(store.clone(), KvConfig::from(layout()).clock(clock)).unwrap();
    let mut stored = session("s1", "u1");
    stored.idle_expires = UnixMillis::MAX;
    adapter.set_session(&stored).await.unwrap();
    adapter.delete_session(&"s1".into()).await.unwrap();
    let expires = store.expires(&layout().revoked_key(&"s1".into())).unwrap();
    assert_eq!(expires, NOW.saturating_add(24 * 401 * HOUR));
}

#[tokio::test]
async fn revoking_an_unknown_id_leaves_no_tombstone() {
    let (_, store, adapter) = crowd(false).await;
    for number in 0..100 {
        adapter.delete_session(&format!("junk{number}").as_str().into()).await.unwrap();
    }
    assert_eq!(store.inner.list("session_revoked:", None).await.unwrap().keys, [""; 0]);
}
