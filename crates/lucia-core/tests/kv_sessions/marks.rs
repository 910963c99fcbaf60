//! Tests of revocations of all sessions of a user, and of sign-ins and rotations before, during and after them.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use lucia_core::{
    AdapterErrorKind as Kind, AdapterResult, ManualClock, SessionAdapter, SessionUpdate, UnixMillis, async_trait,
    kv::{KvConfig, KvPage, KvSessionAdapter, KvStore, MemoryKvStore},
};

use crate::{HOUR, NOW, adapter, clock, ids, layout, memory, session};

async fn rotate(adapter: &KvSessionAdapter<impl KvStore>, old: &str, new: &str) -> AdapterResult<()> {
    adapter.rotate_session(&old.into(), &new.into(), &SessionUpdate::default()).await
}

/// Even in the same millisecond, and with clocks that differ.
#[tokio::test]
async fn a_session_created_after_a_revocation_survives_and_can_be_rotated() {
    let store = memory();
    let behind = Arc::new(ManualClock::new(UnixMillis::new(NOW.get() - 300_000)));
    let [one, other] = [clock(), behind]
        .map(|clock| KvSessionAdapter::with_config(store.clone(), KvConfig::from(layout()).clock(clock)).unwrap());
    for (round, (revoking, signing_in)) in [(&one, &one), (&one, &other), (&other, &one)].into_iter().enumerate() {
        let [before, first, second, third] = ["before", "first", "second", "third"].map(|id| format!("{id}{round}"));
        revoking.set_session(&session(&before, "u1")).await.unwrap();
        revoking.delete_sessions_by_user_id(&"u1".into()).await.unwrap();
        signing_in.set_session(&session(&first, "u1")).await.unwrap();
        rotate(signing_in, &first, &second).await.unwrap();
        // The index entry is rewritten, and the session keeps its age.
        let long = SessionUpdate::renewal(NOW.saturating_add(24 * 90 * HOUR), NOW.saturating_add(24 * 90 * HOUR));
        signing_in.update_session(&second.as_str().into(), &long).await.unwrap();
        rotate(signing_in, &second, &third).await.unwrap();
        assert_eq!(ids(&revoking.get_sessions_by_user_id(&"u1".into()).await.unwrap()), [third]);
    }
}

#[tokio::test]
async fn only_the_kept_session_can_be_rotated() {
    let adapter = adapter(memory());
    for id in ["kept", "other"] {
        adapter.set_session(&session(id, "u1")).await.unwrap();
    }
    adapter.delete_other_sessions(&"u1".into(), &"kept".into()).await.unwrap();
    rotate(&adapter, "kept", "again").await.unwrap();
    rotate(&adapter, "again", "and again").await.unwrap();
    assert_eq!(rotate(&adapter, "other", "moved").await.unwrap_err().kind(), Kind::InvalidSessionId);
    assert_eq!(ids(&adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap()), ["and again"]);
}

/// Sessions that are older than the mark cannot be rotated, nor can those of unknown age, such as sessions of Lucia JS.
#[tokio::test]
async fn a_mark_is_in_force_for_a_day_even_if_the_store_keeps_it() {
    for keeps_expired in [false, true] {
        let (clock, stopped_clock) = (clock(), Arc::new(ManualClock::new(UnixMillis::new(i64::MIN))));
        let store = MemoryKvStore::new(if keeps_expired { stopped_clock } else { clock.clone() });
        let adapter =
            KvSessionAdapter::with_config(store.clone(), KvConfig::from(layout()).clock(clock.clone())).unwrap();
        adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap();
        assert_eq!(store.expires("user_session_revoked:u1"), Some(NOW.saturating_add(24 * HOUR)));
        for (id, hours, moves) in [("young", 23, false), ("old", 24, true), ("older", 24 * 30, true)] {
            clock.set(NOW.saturating_add(hours * HOUR));
            let mut stored = session(id, "u1");
            stored.idle_expires = NOW.saturating_add(24 * 40 * HOUR);
            store.put(&format!("session:{id}"), stored.to_json().as_bytes(), UnixMillis::MAX).await.unwrap();
            let moved = format!("{id}-moved");
            let rotated = rotate(&adapter, id, &moved).await;
            assert_eq!(rotated.map_err(|error| error.kind()), if moves { Ok(()) } else { Err(Kind::InvalidSessionId) });
            assert_eq!(adapter.get_session(&moved.as_str().into()).await.unwrap().is_some(), moves);
        }
    }
}

/// A rotation that ignores an expired mark must store its epoch, for a process whose clock is behind.
#[tokio::test]
async fn a_session_rotated_after_a_mark_expired_can_be_rotated_by_a_clock_that_is_behind() {
    let store = MemoryKvStore::new(Arc::new(ManualClock::new(UnixMillis::new(i64::MIN))));
    let [ahead, behind] = [25, 23].map(|hours| {
        let clock = Arc::new(ManualClock::new(NOW.saturating_add(hours * HOUR)));
        KvSessionAdapter::with_config(store.clone(), KvConfig::from(layout()).clock(clock)).unwrap()
    });
    adapter(store.clone()).delete_sessions_by_user_id(&"u1".into()).await.unwrap();
    let mut stored = session("s1", "u1");
    stored.idle_expires = NOW.saturating_add(24 * 40 * HOUR);
    store.put("session:s1", stored.to_json().as_bytes(), UnixMillis::MAX).await.unwrap();
    rotate(&ahead, "s1", "s2").await.unwrap();
    rotate(&behind, "s2", "s3").await.unwrap();
}

/// The revocation was interrupted after it wrote its mark: older sessions cannot be rotated, later ones can.
#[tokio::test]
async fn a_session_missed_by_a_revocation_is_revoked_by_its_rotation() {
    let store = memory();
    let adapter = adapter(store.clone());
    adapter.set_session(&session("before", "u1")).await.unwrap();
    let mark = br#"{"expires":9000000000000000,"epoch":"1"}"#;
    store.put("user_session_revoked:u1", mark, UnixMillis::MAX).await.unwrap();
    adapter.set_session(&session("after", "u1")).await.unwrap();
    assert_eq!(rotate(&adapter, "before", "moved").await.unwrap_err().kind(), Kind::InvalidSessionId);
    assert_eq!(adapter.get_session(&"before".into()).await.unwrap(), None);
    rotate(&adapter, "after", "again").await.unwrap();
    assert_eq!(ids(&adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap()), ["again"]);
}

/// A concurrent revocation that keeps a session replaces the mark each time.
#[tokio::test]
async fn a_revocation_that_is_always_overtaken_fails_and_names_the_reason() {
    let store = Overtaking { inner: memory(), epochs: Arc::default(), overtaken: Arc::default() };
    let adapter = adapter(store.clone());
    adapter.set_session(&session("s1", "u1")).await.unwrap();
    let error = adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
    assert!(std::error::Error::source(&error).unwrap().to_string().contains("other revocations"));
    assert_eq!(adapter.get_session(&"s1".into()).await.unwrap(), None, "the session is revoked nevertheless");
    let overtaken = store.overtaken.lock().unwrap().clone();
    assert_eq!((overtaken.len(), overtaken.iter().collect::<BTreeSet<_>>().len()), (4, 4), "no mark is reused");
    // Revocations that keep the same session do not conflict.
    adapter.delete_other_sessions(&"u1".into(), &"s2".into()).await.unwrap();
}

#[tokio::test]
async fn an_undecodable_mark_is_ignored() {
    let store = memory();
    let adapter = adapter(store.clone());
    adapter.set_session(&session("s1", "u1")).await.unwrap();
    store.put("user_session_revoked:u1", b"what a later release wrote", UnixMillis::MAX).await.unwrap();
    rotate(&adapter, "s1", "s2").await.unwrap();
    adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap();
    assert_eq!(adapter.get_session(&"s2".into()).await.unwrap(), None);
}

/// A store that replaces every mark by one that keeps `s2`.
#[derive(Clone, Debug)]
struct Overtaking {
    inner: MemoryKvStore,
    epochs: Arc<AtomicUsize>,
    /// The marks that were replaced.
    overtaken: Arc<Mutex<Vec<Vec<u8>>>>,
}

#[async_trait]
impl KvStore for Overtaking {
    async fn get(&self, key: &str) -> AdapterResult<Option<Vec<u8>>> {
        self.inner.get(key).await
    }

    async fn put(&self, key: &str, value: &[u8], expires: UnixMillis) -> AdapterResult<()> {
        let epoch = self.epochs.fetch_add(1, SeqCst);
        let mark = format!(r#"{{"expires":9000000000000000,"epoch":"{epoch}","keep":"s2"}}"#);
        if !key.starts_with("user_session_revoked:") {
            return self.inner.put(key, value, expires).await;
        }
        self.overtaken.lock().unwrap().push(value.to_vec());
        self.inner.put(key, mark.as_bytes(), expires).await
    }

    async fn delete(&self, key: &str) -> AdapterResult<()> {
        self.inner.delete(key).await
    }

    async fn list(&self, prefix: &str, cursor: Option<&str>) -> AdapterResult<KvPage> {
        self.inner.list(prefix, cursor).await
    }
}
