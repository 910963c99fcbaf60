use std::fmt::Debug;

use async_trait::async_trait;

use crate::{AdapterResult, UnixMillis};

/// One page of the keys that a [`KvStore`] lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KvPage {
    /// The keys, whole, in no particular order.
    pub keys: Vec<String>,
    /// Where the next page begins; `None` on the last one. An opaque token of the store.
    pub cursor: Option<String>,
}

/// A plain key-value store: no transactions, no compare-and-set.
///
/// Keys hold `A-Z a-z 0-9 - _ . : ~` and nothing else, because [`KvLayout`](super::KvLayout) escapes ids.
///
/// ```
/// use std::{collections::BTreeMap, sync::Mutex};
/// use lucia_core::{AdapterResult, UnixMillis, async_trait, kv::{KvPage, KvStore}};
///
/// #[derive(Debug, Default)]
/// struct MapStore(Mutex<BTreeMap<String, Vec<u8>>>);
///
/// #[async_trait]
/// impl KvStore for MapStore {
///     async fn get(&self, key: &str) -> AdapterResult<Option<Vec<u8>>> {
///         Ok(self.0.lock().unwrap().get(key).cloned())
///     }
///     async fn put(&self, key: &str, value: &[u8], _expires: UnixMillis) -> AdapterResult<()> {
///         self.0.lock().unwrap().insert(key.to_owned(), value.to_owned());
///         Ok(())
///     }
///     async fn delete(&self, key: &str) -> AdapterResult<()> {
///         self.0.lock().unwrap().remove(key);
///         Ok(())
///     }
///     async fn list(&self, prefix: &str, _cursor: Option<&str>) -> AdapterResult<KvPage> {
///         let map = self.0.lock().unwrap();
///         let keys = map.keys().filter(|key| key.starts_with(prefix)).cloned().collect();
///         Ok(KvPage { keys, cursor: None })
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> AdapterResult<()> {
/// let store = MapStore::default();
/// store.put("session:s1", b"{}", UnixMillis::MAX).await?;
/// assert_eq!(store.get_many(&["session:s1", "session:s2"]).await?, [Some(b"{}".to_vec()), None]);
/// # Ok(()) }
/// ```
#[async_trait]
pub trait KvStore: Debug + Send + Sync + 'static {
    /// The value of a key. Only a key that is absent is `None`; everything else that goes wrong is an error.
    ///
    /// # Errors
    /// [`Unavailable`](crate::AdapterErrorKind::Unavailable) and [`Backend`](crate::AdapterErrorKind::Backend), as for every
    /// method.
    async fn get(&self, key: &str) -> AdapterResult<Option<Vec<u8>>>;

    /// The values of some keys, in their order. The default asks for one after the other.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    async fn get_many(&self, keys: &[&str]) -> AdapterResult<Vec<Option<Vec<u8>>>> {
        let mut values = Vec::with_capacity(keys.len());
        for key in keys {
            values.push(self.get(key).await?);
        }
        Ok(values)
    }

    /// Sets the value of a key, which may go at `expires` and not before. A store that cannot expire keys keeps it.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    async fn put(&self, key: &str, value: &[u8], expires: UnixMillis) -> AdapterResult<()>;

    /// Deletes a key. An absent one is no error.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    async fn delete(&self, key: &str) -> AdapterResult<()>;

    /// One page of the keys that begin with `prefix`: the first one, or the one at `cursor`.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    async fn list(&self, prefix: &str, cursor: Option<&str>) -> AdapterResult<KvPage>;
}
