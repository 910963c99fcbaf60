//! Deletions of expired sessions that are cut off.

use std::{
    future,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use lucia_core::{
    AdapterError, AdapterErrorKind as Kind, AdapterResult, ManualClock, SessionAdapter, UnixMillis, async_trait,
    kv::{KvPage, KvSessionAdapter, KvStore, MemoryKvStore},
};

use crate::{HOUR, NOW, adapter, session};

/// What a store does that takes no more requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Fails,
    Hangs,
}

/// A store that keeps what has expired, and takes some requests and no more.
#[derive(Clone, Debug)]
struct Unsteady {
    inner: MemoryKvStore,
    fault: Fault,
    left: Arc<AtomicUsize>,
    /// How many keys were read.
    read: Arc<AtomicUsize>,
    /// Cursors of an earlier one are refused.
    era: Arc<AtomicUsize>,
}

impl Unsteady {
    async fn request(&self) -> AdapterResult<&MemoryKvStore> {
        if self.left.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok() {
            return Ok(&self.inner);
        }
        match self.fault {
            Fault::Fails => Err(AdapterError::new(Kind::Unavailable)),
            Fault::Hangs => future::pending().await,
        }
    }
}

#[async_trait]
impl KvStore for Unsteady {
    async fn get(&self, key: &str) -> AdapterResult<Option<Vec<u8>>> {
        self.request().await?.get(key).await
    }

    async fn get_many(&self, keys: &[&str]) -> AdapterResult<Vec<Option<Vec<u8>>>> {
        let values = self.request().await?.get_many(keys).await?;
        self.read.fetch_add(keys.len(), SeqCst);
        Ok(values)
    }

    async fn put(&self, key: &str, value: &[u8], expires: UnixMillis) -> AdapterResult<()> {
        self.request().await?.put(key, value, expires).await
    }

    async fn delete(&self, key: &str) -> AdapterResult<()> {
        self.request().await?.delete(key).await
    }

    async fn list(&self, prefix: &str, cursor: Option<&str>) -> AdapterResult<KvPage> {
        let era = format!("{} ", self.era.load(SeqCst));
        let cursor = cursor.map(|cursor| cursor.strip_prefix(&era));
        if cursor == Some(None) {
            return Err(AdapterError::new(Kind::Backend));
        }
        let mut page = self.request().await?.list(prefix, cursor.flatten()).await?;
        page.cursor = page.cursor.map(|cursor| format!("{era}{cursor}"));
        Ok(page)
    }

    fn expires_keys(&self) -> bool {
        false
    }
}

const SESSIONS: usize = 1_200;

/// A store with sessions of which one is dead.
async fn store(fault: Fault, dead: usize) -> (Unsteady, KvSessionAdapter<Unsteady>) {
    let inner = MemoryKvStore::new(Arc::new(ManualClock::new(UnixMillis::new(i64::MIN))));
    for number in 0..SESSIONS {
        let mut session = session(&format!("s{number:04}"), "u1");
        if number != dead {
            session.idle_expires = NOW.saturating_add(24 * HOUR);
        }
        adapter(inner.clone()).set_session(&session).await.unwrap();
    }
    let (left, read, era) = (Arc::new(AtomicUsize::new(usize::MAX)), Arc::default(), Arc::default());
    let store = Unsteady { inner, fault, left, read, era };
    (store.clone(), adapter(store))
}

/// One call, which the store lets make so many requests. `None` if it hangs, and is dropped.
async fn delete_expired(adapter: &KvSessionAdapter<Unsteady>, requests: usize) -> Option<AdapterResult<usize>> {
    adapter.store().left.store(requests, SeqCst);
    tokio::select! {
        biased;
        outcome = adapter.delete_expired_sessions(NOW.saturating_add(3 * HOUR), 100) => Some(outcome),
        () = tokio::task::yield_now() => None,
    }
}

#[tokio::test]
async fn a_call_goes_on_where_one_failed_or_was_dropped() {
    // To list the sessions, read the first hundred, and revoke the dead one; or not to get as far as that.
    for (fault, requests) in [(Fault::Fails, 5), (Fault::Hangs, 3)] {
        let (store, adapter) = store(fault, 0).await;
        let mut calls = 0;
        while delete_expired(&adapter, requests).await.is_none_or(|outcome| outcome.is_err()) {
            calls += 1;
            assert!(calls < 40, "{fault:?}: it does not get on");
        }
        assert_eq!(store.inner.get("session:s0000").await.unwrap(), None, "{fault:?}");
        // Every session and its entry, and again what was read when the store gave up.
        let read = store.read.load(SeqCst);
        assert!(read <= 2 * SESSIONS + calls * 100, "{fault:?}: {read} keys were read");
    }
}

/// An outage is told once, and not again when its keys were swept after all.
#[tokio::test]
async fn an_outage_that_is_over_is_no_failure_of_the_pass() {
    let (_, adapter) = store(Fault::Fails, SESSIONS - 1).await;
    assert!(delete_expired(&adapter, 5).await.unwrap().is_err());
    assert_eq!(delete_expired(&adapter, usize::MAX).await.unwrap().unwrap(), 1);
    assert_eq!(delete_expired(&adapter, usize::MAX).await.unwrap().unwrap(), 0);
}

#[tokio::test]
async fn a_cursor_that_is_refused_is_given_up() {
    let (store, adapter) = store(Fault::Fails, SESSIONS - 1).await;
    // The first page, and its keys.
    assert!(delete_expired(&adapter, 11).await.unwrap().is_err());
    store.era.fetch_add(1, SeqCst);
    assert_eq!(delete_expired(&adapter, usize::MAX).await.unwrap().unwrap_err().kind(), Kind::Backend);
    assert_eq!(delete_expired(&adapter, usize::MAX).await.unwrap().unwrap(), 1);
}
