//! Sessions whose time is over: what they cost, in stores that drop them and in stores that keep them.

use std::{sync::Arc, time::Duration};

use lucia_core::{
    ManualClock, SessionAdapter, UnixMillis,
    kv::{KvSessionAdapter, KvStore as _, MemoryKvStore},
};

use crate::{HOUR, NOW, clock, ids, layout, session, store::CountingStore};

/// An adapter with 20 sessions that live on and 300 that are dead in three hours.
async fn crowd(keeps_the_dead: bool) -> (Arc<ManualClock>, CountingStore, KvSessionAdapter<CountingStore>) {
    let (clock, dawn) = (clock(), Arc::new(ManualClock::new(UnixMillis::new(i64::MIN))));
    let memory = MemoryKvStore::new(if keeps_the_dead { dawn } else { clock.clone() });
    let mut store = CountingStore::new(memory, false);
    store.expires_keys = !keeps_the_dead;
    let adapter = KvSessionAdapter::new(store.clone(), layout(), clock.clone());
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
async fn a_dead_session_is_met_once() {
    for keeps_the_dead in [false, true] {
        let (clock, store, adapter) = crowd(keeps_the_dead).await;
        clock.advance(3 * HOUR);
        assert_eq!(adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap().len(), 20);
        store.take();
        assert_eq!(adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap().len(), 20);
        assert_eq!(store.take().len(), 22, "{keeps_the_dead}");
        let rest = store.inner.list("", None).await.unwrap().keys;
        assert_eq!(rest.len(), 40, "20 sessions with their entries, and no tombstones: {rest:?}");
    }
}

/// By another clock it may be alive.
#[tokio::test]
async fn a_session_that_has_just_died_is_left_where_it_is() {
    for keeps_the_dead in [false, true] {
        let (clock, store, adapter) = crowd(keeps_the_dead).await;
        clock.advance(2 * HOUR + Duration::from_secs(60));
        adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap();
        assert_eq!(store.inner.list("user_session:", None).await.unwrap().keys.len(), 320);
    }
}

/// A renewal rarely writes the entry anew: what it says of the end is no reason to remove the entry of a session that is there.
#[tokio::test]
async fn the_entry_of_a_renewed_session_stays_as_long_as_the_session() {
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
    // Each session once, and afterwards the entries that are left.
    assert_eq!((count("list"), count("get"), count("put"), count("delete")), (4, 320 + 20, 0, 600));
    assert_eq!(adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap().len(), 20);
}

/// A call that comes later goes on where the one before stopped, and looks again at what was alive then.
#[tokio::test]
async fn no_expired_session_is_left_when_a_later_call_says_so() {
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
    // By a clock that is behind, the mark is still in force.
    let a_day_later = NOW.saturating_add(24 * HOUR + Duration::from_secs(1));
    clock.set(a_day_later);
    assert_eq!(adapter.delete_expired_sessions(a_day_later, 100).await.unwrap(), 0);
    assert!(store.inner.get("user_session_revoked:u1").await.unwrap().is_some());
    let later = NOW.saturating_add(24 * 12 * HOUR);
    clock.set(later);
    assert_eq!(adapter.delete_expired_sessions(later, 100).await.unwrap(), 0);
    assert_eq!(store.inner.list("", None).await.unwrap().keys, [""; 0]);
}

/// Of a session that lives for ever.
#[tokio::test]
async fn no_tombstone_is_there_for_ever() {
    let clock = clock();
    let store = MemoryKvStore::new(clock.clone());
    let adapter = KvSessionAdapter::new(store.clone(), layout(), clock);
    let mut stored = session("s1", "u1");
    stored.idle_expires = UnixMillis::MAX;
    adapter.set_session(&stored).await.unwrap();
    adapter.delete_session(&"s1".into()).await.unwrap();
    let expires = store.expires("session_revoked:s1").unwrap();
    assert_eq!(expires, NOW.saturating_add(24 * 401 * HOUR));
}

#[tokio::test]
async fn ids_that_nobody_knows_leave_nothing_behind() {
    let (_, store, adapter) = crowd(false).await;
    for number in 0..100 {
        adapter.delete_session(&format!("junk{number}").as_str().into()).await.unwrap();
    }
    assert_eq!(store.inner.list("session_revoked:", None).await.unwrap().keys, [""; 0]);
}
