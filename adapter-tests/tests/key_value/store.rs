use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use lucia_core::{
    AdapterError, AdapterErrorKind, AdapterResult, Clock, UnixMillis, async_trait,
    kv::{KvCondition, KvPage, KvStore, KvVersion, MemoryKvStore},
};

/// An in-memory store whose writes can be made to fail.
#[derive(Clone, Debug)]
pub(crate) struct FailingStore {
    pub(crate) inner: MemoryKvStore,
    expires_keys: bool,
    conditional: bool,
    /// The number of writes until one fails; 0 for never.
    failing: Arc<AtomicUsize>,
}

/// A clock at which keys never expire.
#[derive(Debug)]
struct Dawn;

impl Clock for Dawn {
    fn now(&self) -> UnixMillis {
        UnixMillis::new(i64::MIN)
    }
}

impl FailingStore {
    pub(crate) fn new(clock: Arc<dyn Clock>, expires_keys: bool, conditional: bool) -> Self {
        let clock = if expires_keys { clock } else { Arc::new(Dawn) };
        Self { inner: MemoryKvStore::new(clock), expires_keys, conditional, failing: Arc::default() }
    }

    pub(crate) fn fail_write(&self, nth: usize) {
        self.failing.store(nth, Ordering::SeqCst);
    }

    fn write(&self) -> AdapterResult<()> {
        match self.failing.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)) {
            Ok(1) => Err(AdapterError::new(AdapterErrorKind::Unavailable)),
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl KvStore for FailingStore {
    async fn get(&self, key: &str) -> AdapterResult<Option<Vec<u8>>> {
        let value = self.inner.get(key).await;
        tokio::task::yield_now().await;
        value
    }

    async fn put(&self, key: &str, value: &[u8], expires: UnixMillis) -> AdapterResult<()> {
        tokio::task::yield_now().await;
        self.write()?;
        self.inner.put(key, value, expires).await
    }

    async fn delete(&self, key: &str) -> AdapterResult<()> {
        tokio::task::yield_now().await;
        self.write()?;
        self.inner.delete(key).await
    }

    async fn list(&self, prefix: &str, cursor: Option<&str>) -> AdapterResult<KvPage> {
        self.inner.list(prefix, cursor).await
    }

    fn expires_keys(&self) -> bool {
        self.expires_keys
    }

    fn conditional(&self) -> bool {
        self.conditional
    }

    async fn get_versioned(&self, key: &str) -> AdapterResult<Option<(Vec<u8>, KvVersion)>> {
        let found = self.inner.get_versioned(key).await;
        tokio::task::yield_now().await;
        found
    }

    async fn put_if(
        &self,
        key: &str,
        value: &[u8],
        expires: UnixMillis,
        condition: &KvCondition,
    ) -> AdapterResult<bool> {
        tokio::task::yield_now().await;
        self.write()?;
        self.inner.put_if(key, value, expires, condition).await
    }
}
