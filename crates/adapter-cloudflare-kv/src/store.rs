use async_trait::async_trait;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use lucia_core::{
    AdapterResult, Clock as _, SystemClock, UnixMillis,
    kv::{Batches, Expiry, KvEntry, KvLayout, KvPage, KvStore},
};
use worker::{
    kv::{KvError, PutOptionsBuilder},
    send::SendFuture,
    wasm_bindgen::JsCast as _,
};

use crate::{
    error::CloudflareKvError,
    limits::{self, MAX_BULK, MIN_TTL},
};

/// The maximum number of simultaneous connections of a Worker.
const MAX_CONCURRENCY: usize = 6;

/// A Workers KV namespace as a [`KvStore`].
///
/// A key of more than 512 bytes never exists: reading it returns `None`, and writing it fails with
/// [`UnsupportedId`](lucia_core::AdapterErrorKind::UnsupportedId).
///
/// ```no_run
/// use adapter_cloudflare_kv::{CloudflareKvStore, KvSessionAdapter};
///
/// # fn adapter(env: &worker::Env) -> worker::Result<()> {
/// let sessions = KvSessionAdapter::new(CloudflareKvStore::new(env.kv("SESSIONS")?));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct CloudflareKvStore {
    kv: worker::kv::KvStore,
}

impl CloudflareKvStore {
    /// Creates a store on the namespace of a binding: `env.kv("SESSIONS")?`.
    #[must_use]
    pub const fn new(kv: worker::kv::KvStore) -> Self {
        Self { kv }
    }

    /// Reads up to 100 keys per request, and fewer if the values are too large for one response.
    async fn get_chunk(&self, keys: &[&str]) -> Result<Vec<Option<Vec<u8>>>, CloudflareKvError> {
        let mut values = Vec::with_capacity(keys.len());
        let mut batches = Batches::new(keys);
        while let Some(keys) = batches.next() {
            match self.kv.get_bulk(keys).text().await.map_err(|error| thrown(error, keys)) {
                Ok(found) => {
                    let value = |key: &&str| found.get(*key)?.as_ref().map(|text| text.as_bytes().to_vec());
                    values.extend(keys.iter().map(value));
                }
                Err(error) if error.is_too_large() && batches.split(keys) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(values)
    }

    async fn write(&self, key: &str, value: &[u8], expires: UnixMillis) -> Result<(), CloudflareKvError> {
        limits::check(key, value)?;
        let put = self.kv.put_bytes(key, value).map_err(|error| thrown(error, &[key]))?;
        let put = with_expiry(put, Expiry::new(expires, SystemClock.now(), MIN_TTL));
        put.execute().await.map_err(|error| thrown(error, &[key]))
    }

    async fn remove(&self, key: &str) -> Result<(), CloudflareKvError> {
        if !limits::accepts_key(key) {
            return Ok(());
        }
        self.kv.delete(key).await.map_err(|error| thrown(error, &[key]))
    }

    async fn page(&self, prefix: &str, cursor: Option<&str>) -> Result<KvPage, CloudflareKvError> {
        let mut list = self.kv.list().prefix(prefix.to_owned());
        if let Some(cursor) = cursor {
            list = list.cursor(cursor.to_owned());
        }
        let page = list.execute().await.map_err(|error| thrown(error, &[prefix]))?;
        let cursor = match (page.list_complete, page.cursor.filter(|cursor| !cursor.is_empty())) {
            (true, _) => None,
            (false, Some(cursor)) => Some(cursor),
            (false, None) => return Err(CloudflareKvError::NoCursor),
        };
        Ok(KvPage { keys: page.keys.into_iter().map(|key| key.name).collect(), cursor })
    }
}

#[async_trait]
impl KvStore for CloudflareKvStore {
    async fn get(&self, key: &str) -> AdapterResult<Option<Vec<u8>>> {
        if !limits::accepts_key(key) {
            return Ok(None);
        }
        let read = SendFuture::new(self.kv.get(key).bytes());
        Ok(read.await.map_err(|error| thrown(error, &[key]))?)
    }

    async fn get_many(&self, keys: &[&str]) -> AdapterResult<Vec<Option<Vec<u8>>>> {
        // A single key that is too long makes KV reject the whole bulk read.
        let accepted: Vec<_> = keys.iter().copied().filter(|key| limits::accepts_key(key)).collect();
        let chunks = stream::iter(accepted.chunks(MAX_BULK)).map(|chunk| self.get_chunk(chunk));
        let values = SendFuture::new(chunks.buffered(MAX_CONCURRENCY).try_concat()).await;
        let mut values = values?.into_iter();
        Ok(keys.iter().map(|key| if limits::accepts_key(key) { values.next().flatten() } else { None }).collect())
    }

    async fn put(&self, key: &str, value: &[u8], expires: UnixMillis) -> AdapterResult<()> {
        Ok(SendFuture::new(self.write(key, value, expires)).await?)
    }

    async fn delete(&self, key: &str) -> AdapterResult<()> {
        Ok(SendFuture::new(self.remove(key)).await?)
    }

    async fn put_many(&self, entries: &[KvEntry]) -> AdapterResult<()> {
        let puts = stream::iter(entries).map(|entry| self.write(&entry.key, &entry.value, entry.expires));
        let puts = puts.buffer_unordered(MAX_CONCURRENCY).try_collect::<()>();
        Ok(SendFuture::new(puts).await?)
    }

    async fn delete_many(&self, keys: &[&str]) -> AdapterResult<()> {
        let deletions = stream::iter(keys).map(|key| self.remove(key));
        let deletions = deletions.buffer_unordered(MAX_CONCURRENCY).try_collect::<()>();
        Ok(SendFuture::new(deletions).await?)
    }

    async fn list(&self, prefix: &str, cursor: Option<&str>) -> AdapterResult<KvPage> {
        if !limits::accepts_key(prefix) {
            return Ok(KvPage::default());
        }
        Ok(SendFuture::new(self.page(prefix, cursor)).await?)
    }

    fn writes_at_once(&self) -> usize {
        MAX_CONCURRENCY
    }

    /// Returns the layout of Lucia's adapter for Cloudflare KV: `session` and `user_sessions`.
    fn default_layout(&self) -> KvLayout {
        default_layout()
    }

    fn max_key_length(&self) -> usize {
        limits::MAX_KEY
    }
}

#[expect(clippy::expect_used, reason = "a test calls it")]
fn default_layout() -> KvLayout {
    KvLayout::new("session", "user_sessions").expect("both prefixes are valid, and neither extends the other")
}

fn with_expiry(put: PutOptionsBuilder, expiry: Expiry) -> PutOptionsBuilder {
    match expiry {
        Expiry::After(seconds) => put.expiration_ttl(seconds),
        Expiry::At(seconds) => put.expiration(seconds),
        Expiry::Never => put,
    }
}

/// Converts an error of `worker`, which would print a stack trace and any thrown value.
fn thrown(error: KvError, keys: &[&str]) -> CloudflareKvError {
    let message = match error {
        KvError::JavaScript(value) => match value.dyn_ref::<worker::js_sys::Error>() {
            Some(error) => String::from(error.message()),
            None => "Workers KV threw a value that is not an error".to_owned(),
        },
        KvError::Serialization(_) => "invalid response of Workers KV".to_owned(),
        KvError::InvalidKvStore(_) => "the binding is not a KV namespace".to_owned(),
    };
    CloudflareKvError::thrown(&message, keys)
}

#[cfg(test)]
mod tests {
    use super::default_layout;

    #[test]
    fn keys_are_those_of_lucia_js() {
        let layout = default_layout();
        assert_eq!(layout.session_key(&"s1".into()), "session:s1");
        assert_eq!(layout.list_key(&"u1".into()), "user_sessions:u1");
    }
}
