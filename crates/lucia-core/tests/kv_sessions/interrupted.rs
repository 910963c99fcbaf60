//! Tests of deletions of expired sessions that are interrupted.

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

/// The reaction of a store whose allowance is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Fails,
    Hangs,
}

/// A store that keeps expired entries, and accepts a limited number of requests.
#[derive(Clone, Debug)]
struct LimitedStore {
    inner: MemoryKvStore,
    fault: Fault,
    left: Arc<AtomicUsize>,
    /// The number of keys read.
    read: Arc<AtomicUsize>,
    /// Cursors of an earlier era are rejected.
    era: Arc<AtomicUsize>,
}

impl LimitedStore {
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
impl KvStore for LimitedStore {
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

/// Returns a store with sessions of which one has expired.
async fn store(fault: Fault, expired: usize) -> (LimitedStore, KvSessionAdapter<LimitedStore>) {
    let inner = MemoryKvStore::new(Arc::new(ManualClock::new(UnixMillis::new(i64::MIN))));
    for number in 0..SESSIONS {
        let mut session = session(&format!("s{number:04}"), "u1");
        if number != expired {
            session.idle_expires = NOW.saturating_add(24 * HOUR);
        }
        adapter(inner.clone()).set_session(&session).await.unwrap();
    }
    let (left, read, era) = (Arc::new(AtomicUsize::new(usize::MAX)), Arc::default(), Arc::default());
    let store = LimitedStore { inner, fault, left, read, era };
    (store.clone(), adapter(store))
}

/// Calls `delete_expired_sessions` with an allowance of requests. Returns `None` if the call hangs, and drops it.
async fn delete_expired(adapter: &KvSessionAdapter<LimitedStore>, requests: usize) -> Option<AdapterResult<usize>> {
    adapter.store().left.store(requests, SeqCst);
    tokio::select! {
        biased;
        outcome = adapter.delete_expired_sessions(NOW.saturating_add(3 * HOUR), 100) => Some(outcome),
        () = tokio::task::yield_now() => None,
    }
}

#[tokio::test]
async fn a_call_continues_where_the_last_one_failed_or_was_dropped() {
    // Enough to list the sessions, read the first hundred and revoke the expired one; and too few for that.
    for (fault, requests) in [(Fault::Fails, 5), (Fault::Hangs, 3)] {
        let (store, adapter) = store(fault, 0).await;
        let mut calls = 0;
        while delete_expired(&adapter, requests).await.is_none_or(|outcome| outcome.is_err()) {
            calls += 1;
            assert!(calls < 40, "{fault:?}: no progress");
        }
        assert_eq!(store.inner.get("session:s0000").await.unwrap(), None, "{fault:?}");
        // Every session and its entry, and the keys that were read again after an interruption.
        let read = store.read.load(SeqCst);
        assert!(read <= 2 * SESSIONS + calls * 100, "{fault:?}: {read} keys were read");
    }
}

/// The error is returned once, and not again when its keys have been processed.
#[tokio::test]
async fn an_outage_fails_one_call_and_not_the_next() {
    let (_, adapter) = store(Fault::Fails, SESSIONS - 1).await;
    assert!(delete_expired(&adapter, 5).await.unwrap().is_err());
    assert_eq!(delete_expired(&adapter, usize::MAX).await.unwrap().unwrap(), 1);
    assert_eq!(delete_expired(&adapter, usize::MAX).await.unwrap().unwrap(), 0);
}

#[tokio::test]
async fn a_rejected_cursor_is_discarded() {
    let (store, adapter) = store(Fault::Fails, SESSIONS - 1).await;
    // Enough for the first page and its keys.
    assert!(delete_expired(&adapter, 11).await.unwrap().is_err());
    store.era.fetch_add(1, SeqCst);
    assert_eq!(delete_expired(&adapter, usize::MAX).await.unwrap().unwrap_err().kind(), Kind::Backend);
    assert_eq!(delete_expired(&adapter, usize::MAX).await.unwrap().unwrap(), 1);
}
