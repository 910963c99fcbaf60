//! Tests with a store that has conditional writes.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use lucia_core::{
    AdapterErrorKind as Kind, AdapterResult, Attributes, ManualClock, SessionAdapter, SessionUpdate, UnixMillis,
    async_trait,
    kv::{KvCondition, KvConfig, KvPage, KvSessionAdapter, KvStore, KvVersion, MemoryKvStore},
};

use crate::{HOUR, NOW, clock, ids, layout, memory, session};

/// The fault of a conditional write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// It is not carried out, and fails.
    Fails,
    /// It is carried out, and the response is lost.
    LosesResponse,
    /// It is carried out and repeated, and the response is that of the repetition.
    Repeats,
    /// Another call makes the same write first, and the request fails.
    IsOvertaken,
    /// Another write of the same key comes first.
    Loses,
    /// A renewal of `s1` comes first.
    ComesAfterARenewal,
    /// It takes three hours.
    TakesHours,
}

/// A store whose conditional writes of sessions can have faults.
#[derive(Clone, Debug)]
struct FaultyStore {
    inner: MemoryKvStore,
    clock: Arc<ManualClock>,
    keeps_expired: bool,
    /// The fault, after this many writes.
    fault: Arc<Mutex<Option<(usize, Fault)>>>,
    /// Whether index entries count as writes, too.
    counts_entries: Arc<AtomicBool>,
    writes: Arc<AtomicUsize>,
}

impl FaultyStore {
    fn new() -> Self {
        let inner = memory().with_conditional_writes();
        let (fault, counts_entries, writes) = (Arc::default(), Arc::default(), Arc::default());
        Self { inner, clock: clock(), keeps_expired: false, fault, counts_entries, writes }
    }

    fn with_fault(&self, fault: Fault) {
        self.with_fault_after(0, fault);
    }

    fn with_fault_after(&self, writes: usize, fault: Fault) {
        *self.fault.lock().unwrap() = Some((writes, fault));
    }

    fn with_fault_of_any_key_after(&self, writes: usize, fault: Fault) {
        self.counts_entries.store(true, SeqCst);
        self.with_fault_after(writes, fault);
    }

    /// Returns the fault of the next write.
    fn fault(&self) -> Option<Fault> {
        let mut fault = self.fault.lock().unwrap();
        let (writes, next) = fault.take()?;
        if writes == 0 {
            return Some(next);
        }
        *fault = Some((writes - 1, next));
        None
    }
}

#[async_trait]
impl KvStore for FaultyStore {
    async fn get(&self, key: &str) -> AdapterResult<Option<Vec<u8>>> {
        self.inner.get(key).await
    }

    /// A plain write is lost beside a conditional one of the same key if a service serialises only conditional writes.
    async fn put(&self, key: &str, value: &[u8], expires: UnixMillis) -> AdapterResult<()> {
        assert!(key.starts_with("user_session_revoked:"), "a plain write of a key that has conditional writes");
        self.inner.put(key, value, expires).await
    }

    async fn delete(&self, key: &str) -> AdapterResult<()> {
        self.inner.delete(key).await
    }

    async fn list(&self, prefix: &str, cursor: Option<&str>) -> AdapterResult<KvPage> {
        self.inner.list(prefix, cursor).await
    }

    fn expires_keys(&self) -> bool {
        !self.keeps_expired
    }

    fn conditional(&self) -> bool {
        true
    }

    async fn get_versioned(&self, key: &str) -> AdapterResult<Option<(Vec<u8>, KvVersion)>> {
        self.inner.get_versioned(key).await
    }

    async fn put_if(
        &self,
        key: &str,
        value: &[u8],
        expires: UnixMillis,
        condition: &KvCondition,
    ) -> AdapterResult<bool> {
        let (store, is_session) = (&self.inner, key.starts_with("session:"));
        self.writes.fetch_add(1, SeqCst);
        let fault = if is_session || self.counts_entries.load(SeqCst) { self.fault() } else { None };
        match fault {
            None => store.put_if(key, value, expires, condition).await,
            Some(Fault::Fails) => Err(Kind::Unavailable.into()),
            Some(Fault::LosesResponse) => {
                store.put_if(key, value, expires, condition).await?;
                Err(Kind::Unavailable.into())
            }
            Some(Fault::Repeats) => {
                store.put_if(key, value, expires, condition).await?;
                store.put_if(key, value, expires, condition).await
            }
            Some(Fault::IsOvertaken) => {
                let value: Vec<_> = value.iter().copied().take_while(|byte| *byte != b'\n').collect();
                store.put_if(key, &[&value, &b"\n0-0"[..]].concat(), expires, condition).await?;
                Err(Kind::Unavailable.into())
            }
            Some(Fault::TakesHours) => {
                self.clock.advance(3 * HOUR);
                store.put_if(key, value, expires, condition).await
            }
            Some(Fault::ComesAfterARenewal) => {
                let mut renewed = session("s1", "u1");
                renewed.apply(&renewal());
                store.put(key, renewed.to_json().as_bytes(), UnixMillis::MAX).await?;
                store.put_if(key, value, expires, condition).await
            }
            Some(Fault::Loses) => {
                self.with_fault(Fault::Loses);
                let found = store.get(key).await?.unwrap_or_default();
                store.put(key, &found, expires).await?;
                store.put_if(key, value, expires, condition).await
            }
        }
    }
}

fn faulty() -> (FaultyStore, KvSessionAdapter<FaultyStore>) {
    with_clock(FaultyStore::new())
}

fn with_clock(store: FaultyStore) -> (FaultyStore, KvSessionAdapter<FaultyStore>) {
    let config = KvConfig::from(layout()).clock(Arc::clone(&store.clock));
    (store.clone(), KvSessionAdapter::with_config(store, config).unwrap())
}

fn renewal() -> SessionUpdate {
    SessionUpdate::renewal(NOW.saturating_add(2 * HOUR), NOW.saturating_add(3 * HOUR))
        .with_expected_idle_expires(session("s1", "u1").idle_expires)
}

fn change() -> SessionUpdate {
    SessionUpdate::default().with_attributes(Attributes::from([("country", "NZ")])).unwrap()
}

/// The value shows whose write it was: another call may have written the same session.
#[tokio::test]
async fn a_write_without_a_response_is_read_back() {
    for (fault, expected) in [
        (Fault::LosesResponse, Ok(())),
        (Fault::Repeats, Ok(())),
        (Fault::Fails, Err(Kind::Unavailable)),
        (Fault::IsOvertaken, Err(Kind::Unavailable)),
    ] {
        let (store, adapter) = faulty();
        store.with_fault(fault);
        let inserted = adapter.set_session(&session("s1", "u1")).await;
        assert_eq!(inserted.map_err(|error| error.kind()), expected, "{fault:?}");
        let _ = adapter.set_session(&session("s1", "u1")).await;
        store.with_fault(fault);
        let renewed = adapter.update_session(&"s1".into(), &renewal()).await;
        assert_eq!(renewed.map_err(|error| error.kind()), expected, "{fault:?}");
        store.with_fault(fault);
        let revoked = adapter.delete_session(&"s1".into()).await;
        assert_eq!(revoked.map_err(|error| error.kind()), expected, "{fault:?}");
    }
}

/// A refusal after another write is not a conflict, unless the expectation of the update is not met any more.
#[tokio::test]
async fn an_update_is_repeated_after_another_one() {
    let (store, adapter) = faulty();
    adapter.set_session(&session("s1", "u1")).await.unwrap();
    let other = crate::adapter(store.inner.clone());
    for (nth, update) in [change(), renewal()].into_iter().enumerate() {
        let attributes = Attributes::from([("device", nth.to_string().as_str())]);
        other
            .update_session(&"s1".into(), &SessionUpdate::default().with_attributes(attributes).unwrap())
            .await
            .unwrap();
        adapter.update_session(&"s1".into(), &update).await.unwrap();
    }
    let stored = adapter.get_session(&"s1".into()).await.unwrap().unwrap();
    let attribute = |name| stored.attributes().get(name).and_then(|value| value.as_str());
    assert_eq!((attribute("country"), attribute("device")), (Some("NZ"), Some("1")));
    assert_eq!(stored.idle_expires, NOW.saturating_add(3 * HOUR));
    assert_eq!(adapter.update_session(&"s1".into(), &renewal()).await.unwrap_err().kind(), Kind::Conflict);
}

#[tokio::test]
async fn an_update_that_is_always_overtaken_fails() {
    let (store, adapter) = faulty();
    adapter.set_session(&session("s1", "u1")).await.unwrap();
    store.writes.store(0, SeqCst);
    store.with_fault(Fault::Loses);
    assert_eq!(adapter.update_session(&"s1".into(), &change()).await.unwrap_err().kind(), Kind::Unavailable);
    assert_eq!(store.writes.load(SeqCst), 10);
}

/// A process whose clock is behind may renew it until then.
#[tokio::test]
async fn an_expired_session_that_is_renewed_is_not_deleted() {
    let (store, adapter) = with_clock(FaultyStore { keeps_expired: true, ..FaultyStore::new() });
    adapter.set_session(&session("s1", "u1")).await.unwrap();
    let later = NOW.saturating_add(2 * HOUR + Duration::from_secs(60));
    store.clock.set(later);
    store.with_fault(Fault::ComesAfterARenewal);
    assert_eq!(adapter.delete_expired_sessions(later, 10).await.unwrap(), 0);
    let stored = adapter.get_session(&"s1".into()).await.unwrap();
    assert_eq!(stored.unwrap().idle_expires, NOW.saturating_add(3 * HOUR));
}

/// A listing may have deleted it meanwhile, or may be about to do so.
#[tokio::test]
async fn a_session_that_expires_during_its_renewal_is_not_revived() {
    let (store, adapter) = faulty();
    adapter.set_session(&session("s1", "u1")).await.unwrap();
    store.with_fault(Fault::TakesHours);
    let renewal = SessionUpdate::renewal(NOW.saturating_add(4 * HOUR), NOW.saturating_add(5 * HOUR));
    let renewed = adapter.update_session(&"s1".into(), &renewal).await;
    assert_eq!(renewed.unwrap_err().kind(), Kind::InvalidSessionId);
    assert_eq!(adapter.get_session(&"s1".into()).await.unwrap(), None);
}

/// A tombstone that may arrive later would otherwise end the old session, after the new one was removed.
#[tokio::test]
async fn a_rotation_whose_last_write_fails_once_is_completed() {
    for (fault, expected) in [
        (Fault::Fails, Ok(())),
        (Fault::LosesResponse, Ok(())),
        (Fault::Repeats, Ok(())),
        (Fault::IsOvertaken, Err(Kind::InvalidSessionId)),
    ] {
        let (store, adapter) = faulty();
        adapter.set_session(&session("s1", "u1")).await.unwrap();
        store.with_fault_after(1, fault);
        let rotated = adapter.rotate_session(&"s1".into(), &"s2".into(), &SessionUpdate::default()).await;
        let live = if rotated.is_ok() { &["s2"][..] } else { &[] };
        assert_eq!(rotated.map_err(|error| error.kind()), expected, "{fault:?}");
        assert_eq!(ids(&adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap()), live, "{fault:?}");
    }
}

/// The store panics at any other plain write.
#[tokio::test]
async fn only_marks_are_written_without_a_condition() {
    let (store, adapter) = faulty();
    for id in ["s1", "s2", "s3", "s4", "s5", "s6"] {
        adapter.set_session(&session(id, "u1")).await.unwrap();
    }
    for corrupt in ["session:s2", "session:s3"] {
        store.inner.put(corrupt, b"{", UnixMillis::MAX).await.unwrap();
    }
    adapter.rotate_session(&"s1".into(), &"s7".into(), &SessionUpdate::default()).await.unwrap();
    for id in ["s2", "s4"] {
        adapter.delete_session(&id.into()).await.unwrap();
    }
    // The list of Lucia JS names two sessions that the index does not.
    for id in ["s8", "s9"] {
        store
            .inner
            .put(&format!("session:{id}"), session(id, "u1").to_json().as_bytes(), UnixMillis::MAX)
            .await
            .unwrap();
    }
    store.inner.put("user_session:u1", br#"["s8","s9"]"#, UnixMillis::MAX).await.unwrap();
    adapter.delete_other_sessions(&"u1".into(), &"s8".into()).await.unwrap();
    assert_eq!(ids(&adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap()), ["s8"]);
    adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap();
    for id in ["s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9"] {
        assert_eq!(adapter.get_session(&id.into()).await.unwrap(), None, "{id}");
    }
}

/// The failure is not that of an id that is free: the session that has it was there before.
#[tokio::test]
async fn a_failed_rotation_to_a_taken_id_changes_nothing() {
    for (writes, fault) in [Fault::Fails, Fault::LosesResponse].into_iter().flat_map(|fault| [(0, fault), (1, fault)]) {
        for owner in ["u1", "u2"] {
            let (store, adapter) = faulty();
            let (mine, taken) = (session("s1", "u1"), session("s2", owner));
            for stored in [&mine, &taken] {
                adapter.set_session(stored).await.unwrap();
            }
            store.with_fault_of_any_key_after(writes, fault);
            let rotated = adapter.rotate_session(&mine.id, &taken.id, &SessionUpdate::default()).await;
            assert!(matches!(rotated.unwrap_err().kind(), Kind::Unavailable | Kind::DuplicateSessionId), "{fault:?}");
            for stored in [&mine, &taken] {
                assert_eq!(adapter.get_session(&stored.id).await.unwrap().as_ref(), Some(stored), "{fault:?} {owner}");
                assert!(adapter.get_sessions_by_user_id(&stored.user_id).await.unwrap().contains(stored), "{fault:?}");
            }
        }
    }
}
