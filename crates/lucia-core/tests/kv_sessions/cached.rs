//! Tests with a store that answers from a cache, even after a write, and accepts one write per key and second.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use lucia_core::{
    AdapterError, AdapterErrorKind as Kind, AdapterResult, SessionAdapter, UnixMillis, async_trait,
    kv::{KvPage, KvStore, MemoryKvStore},
};

use crate::{adapter, memory, session};

#[derive(Clone, Debug)]
struct Cached {
    inner: MemoryKvStore,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    read: BTreeMap<String, Option<Vec<u8>>>,
    listed: BTreeMap<String, KvPage>,
    written: BTreeSet<String>,
    /// The number of requests that it still accepts.
    left: usize,
}

impl Cached {
    fn request(&self) -> AdapterResult<()> {
        let mut state = self.state.lock().unwrap();
        let left = state.left.checked_sub(1);
        state.left = left.ok_or_else(|| AdapterError::new(Kind::Unavailable))?;
        Ok(())
    }

    fn write(&self, key: &str) -> AdapterResult<()> {
        self.request()?;
        assert!(self.state.lock().unwrap().written.insert(key.to_owned()), "{key} was written twice within a second");
        Ok(())
    }
}

#[async_trait]
impl KvStore for Cached {
    async fn get(&self, key: &str) -> AdapterResult<Option<Vec<u8>>> {
        Ok(self.get_many(&[key]).await?.remove(0))
    }

    async fn get_many(&self, keys: &[&str]) -> AdapterResult<Vec<Option<Vec<u8>>>> {
        let mut values = Vec::with_capacity(keys.len());
        for some in keys.chunks(100) {
            self.request()?;
            for key in some {
                let value = self.inner.get(key).await?;
                values.push(self.state.lock().unwrap().read.entry((*key).to_owned()).or_insert(value).clone());
            }
        }
        Ok(values)
    }

    async fn put(&self, key: &str, value: &[u8], expires: UnixMillis) -> AdapterResult<()> {
        self.write(key)?;
        self.inner.put(key, value, expires).await
    }

    async fn delete(&self, key: &str) -> AdapterResult<()> {
        self.write(key)?;
        self.inner.delete(key).await
    }

    async fn list(&self, prefix: &str, cursor: Option<&str>) -> AdapterResult<KvPage> {
        self.request()?;
        let page = self.inner.list(prefix, cursor).await?;
        Ok(self.state.lock().unwrap().listed.entry(prefix.to_owned()).or_insert(page).clone())
    }
}

/// Each session costs three writes, whatever the store shows afterwards, and there are only a few other requests.
#[tokio::test]
async fn a_revocation_of_all_writes_no_key_twice_and_completes_under_a_request_limit() {
    const SESSIONS: usize = 300;
    let store = Cached { inner: memory(), state: Arc::default() };
    for number in 0..SESSIONS {
        adapter(store.inner.clone()).set_session(&session(&format!("s{number:03}"), "u1")).await.unwrap();
    }
    let adapter = adapter(store.clone());
    store.state.lock().unwrap().left = 3 * SESSIONS + 20;
    // Everything is in the cache, the mark included.
    assert_eq!(adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap().len(), SESSIONS);
    assert_eq!(store.get("user_session_revoked:u1").await.unwrap(), None);
    adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap();
    assert_eq!(store.inner.list("session:", None).await.unwrap().keys, [""; 0]);
}
