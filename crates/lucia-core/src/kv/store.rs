use std::fmt::{self, Debug};

use async_trait::async_trait;

use crate::{AdapterResult, UnixMillis};

/// One page of the keys that a [`KvStore`] lists.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct KvPage {
    /// The keys, whole, in no particular order.
    pub keys: Vec<String>,
    /// Where the next page begins; `None` on the last one. An opaque token of the store.
    pub cursor: Option<String>,
}

impl Debug for KvPage {
    /// Shows how many keys there are, and not the keys, which hold session ids, as the cursor may.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KvPage")
            .field("keys", &self.keys.len())
            .field("is_last", &self.cursor.is_none())
            .finish_non_exhaustive()
    }
}

/// A key that is to be set; see [`KvStore::put_many`].
#[derive(Clone, PartialEq, Eq)]
pub struct KvEntry {
    /// The key, whole.
    pub key: String,
    /// Its value.
    pub value: Vec<u8>,
    /// When it may go.
    pub expires: UnixMillis,
}

impl Debug for KvEntry {
    /// Shows neither the key nor the value: both hold session ids.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KvEntry").field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// A plain key-value store: no transactions, no compare-and-set.
///
/// Keys hold `A-Z a-z 0-9 - _ . : ~` and nothing else, because [`KvLayout`](super::KvLayout) escapes ids. Values are not
/// empty. Neither `Debug` nor an error may show a key or a value: both hold session ids.
///
/// The methods for many keys have defaults that ask for one after the other. Override one where the store takes many in one
/// request, or with some requests at once.
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

    /// The values of some keys, of any number, in their order.
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

    /// Sets some keys, of any number, in no particular order. If it fails, some may be set.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    async fn put_many(&self, entries: &[KvEntry]) -> AdapterResult<()> {
        for KvEntry { key, value, expires } in entries {
            self.put(key, value, *expires).await?;
        }
        Ok(())
    }

    /// Deletes a key. Deleting an absent key is not an error.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    async fn delete(&self, key: &str) -> AdapterResult<()>;

    /// Deletes some keys, of any number, in no particular order. If it fails, some may be gone.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    async fn delete_many(&self, keys: &[&str]) -> AdapterResult<()> {
        for key in keys {
            self.delete(key).await?;
        }
        Ok(())
    }

    /// One page of the keys that begin with `prefix`: the first one, or the one at `cursor`.
    ///
    /// The pages together show every key that is there from the first request to the last one, whatever keys are set and
    /// deleted meanwhile.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    async fn list(&self, prefix: &str, cursor: Option<&str>) -> AdapterResult<KvPage>;

    /// Whether the store drops keys that have expired. If not, somebody has to call
    /// [`delete_expired_sessions`](crate::SessionAdapter::delete_expired_sessions) from time to time.
    fn expires_keys(&self) -> bool {
        true
    }

    /// How many keys [`put_many`](Self::put_many) and [`delete_many`](Self::delete_many) take in one request, or in several at
    /// once.
    ///
    /// A revocation of many sessions hands over that many, and is done with them before it takes on more: where a store allows
    /// only some requests, one that is called again goes on where it was cut off.
    fn writes_at_once(&self) -> usize {
        1
    }

    /// The longest key that the store takes, in bytes.
    fn max_key_length(&self) -> usize {
        usize::MAX
    }
}
