use std::fmt::{self, Debug};

use async_trait::async_trait;

use super::{KvCondition, KvVersion, layout::KvLayout};
use crate::{AdapterError, AdapterErrorKind, AdapterResult, UnixMillis};

/// One page of the keys that a [`KvStore`] lists.
// Exhaustive, so that every store can write it as a literal.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct KvPage {
    /// The complete keys, in no particular order.
    pub keys: Vec<String>,
    /// The opaque cursor of the next page. `None` on the last page.
    pub cursor: Option<String>,
}

impl Debug for KvPage {
    /// Shows the number of keys. Omits the keys and the cursor, which may contain session ids.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KvPage")
            .field("keys", &self.keys.len())
            .field("is_last", &self.cursor.is_none())
            .finish_non_exhaustive()
    }
}

/// A key and value to write; see [`KvStore::put_many`].
// Exhaustive, so that a store cannot miss a field.
#[derive(Clone, PartialEq, Eq)]
pub struct KvEntry {
    /// The complete key.
    pub key: String,
    /// The value.
    pub value: Vec<u8>,
    /// The time from which the store may drop the key.
    pub expires: UnixMillis,
}

impl Debug for KvEntry {
    /// Omits the key and the value, which contain session ids.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KvEntry").field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// A key-value store without transactions. It may have [conditional writes](Self::conditional).
///
/// Keys consist of `A-Z a-z 0-9 - _ . : ~`, because [`KvLayout`](super::KvLayout) escapes ids. Values are never empty.
/// Neither `Debug` nor errors may show a key or a value: both contain session ids.
///
/// The methods for many keys default to one request per key. Override them if the store accepts many keys in one
/// request, or concurrent requests.
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
    /// Returns the value of a key. `None` only if the key is absent; any failure is an error.
    ///
    /// # Errors
    /// Every method returns [`Unavailable`](crate::AdapterErrorKind::Unavailable) or
    /// [`Backend`](crate::AdapterErrorKind::Backend).
    async fn get(&self, key: &str) -> AdapterResult<Option<Vec<u8>>>;

    /// Returns the values of any number of keys, in their order. Defaults to one read per key.
    ///
    /// # Errors
    /// Returns the errors of [`get`](Self::get).
    async fn get_many(&self, keys: &[&str]) -> AdapterResult<Vec<Option<Vec<u8>>>> {
        let mut values = Vec::with_capacity(keys.len());
        for key in keys {
            values.push(self.get(key).await?);
        }
        Ok(values)
    }

    /// Sets the value of a key, which the store may drop at `expires` but not before. A store without expiry keeps it.
    ///
    /// # Errors
    /// Returns the errors of [`get`](Self::get).
    async fn put(&self, key: &str, value: &[u8], expires: UnixMillis) -> AdapterResult<()>;

    /// Sets any number of keys, in no particular order. On failure some may have been set. Defaults to one write per
    /// key.
    ///
    /// # Errors
    /// Returns the errors of [`get`](Self::get).
    async fn put_many(&self, entries: &[KvEntry]) -> AdapterResult<()> {
        for KvEntry { key, value, expires } in entries {
            self.put(key, value, *expires).await?;
        }
        Ok(())
    }

    /// Deletes a key. Deleting an absent key is not an error.
    ///
    /// # Errors
    /// Returns the errors of [`get`](Self::get).
    async fn delete(&self, key: &str) -> AdapterResult<()>;

    /// Deletes any number of keys, in no particular order. On failure some may have been deleted. Defaults to one
    /// request per key.
    ///
    /// # Errors
    /// Returns the errors of [`get`](Self::get).
    async fn delete_many(&self, keys: &[&str]) -> AdapterResult<()> {
        for key in keys {
            self.delete(key).await?;
        }
        Ok(())
    }

    /// Returns a page of the keys that start with `prefix`: the first page, or the one at `cursor`.
    ///
    /// The pages together contain every key that exists from the first request to the last, whatever keys are set and
    /// deleted meanwhile.
    ///
    /// # Errors
    /// Returns the errors of [`get`](Self::get).
    async fn list(&self, prefix: &str, cursor: Option<&str>) -> AdapterResult<KvPage>;

    /// Returns `true` if the store has conditional writes: [`get_versioned`](Self::get_versioned) and
    /// [`put_if`](Self::put_if). Every read and listing must then show each write that was completed before it. The
    /// answer must not change while the store has keys. Defaults to `false`.
    fn conditional(&self) -> bool {
        false
    }

    /// Returns the value of a key and its version. `None` only if the key is absent.
    ///
    /// Each write of another value gives the key another version, whichever method it uses, and also if the key was
    /// deleted or has expired in between. Writes of the same value may give the same one, as an `ETag` that is a hash.
    ///
    /// # Contract
    /// - `get_versioned_returns_the_value`: as `get` does; reads do not change the version.
    ///
    /// # Errors
    /// Returns the errors of [`get`](Self::get). The default returns [`Backend`](crate::AdapterErrorKind::Backend).
    async fn get_versioned(&self, _key: &str) -> AdapterResult<Option<(Vec<u8>, KvVersion)>> {
        Err(unconditional())
    }

    /// Sets the value of a key, as [`put`](Self::put) does, if the condition holds. The store compares and writes
    /// atomically: of parallel calls with the same condition at most one writes. Returns `false` if the condition does
    /// not hold. The adapter does not call [`put`](Self::put) for the same key in parallel.
    ///
    /// After an error the value may have been written, or may be written later. A store should not repeat a request
    /// whose response was lost; if its client does, `false` may mean that the first request wrote the value.
    ///
    /// # Contract
    /// - `put_if_absent_inserts_once`: whether `put` or `put_if` set the key.
    /// - `parallel_put_if_absent_has_one_winner`: the others return `false`.
    /// - `put_if_of_a_version_replaces_it_once`: whether `put` or `put_if` replaced the version.
    /// - `parallel_put_if_of_one_version_has_one_winner`: the others return `false`.
    /// - `put_if_of_a_version_of_an_absent_key_writes_nothing`: it returns `false`.
    /// - `put_if_of_a_version_before_a_deletion_writes_nothing`: also if another value was set afterwards.
    /// - `put_if_absent_treats_an_expired_key_as_get_does`: a key that `get` does not show is absent.
    /// - `put_if_is_listed`: at once.
    ///
    /// # Errors
    /// Returns the errors of [`get`](Self::get). The default returns [`Backend`](crate::AdapterErrorKind::Backend).
    ///
    /// # Examples
    /// ```
    /// use lucia_core::{SystemClock, UnixMillis, kv::{KvCondition, KvStore, MemoryKvStore}};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> lucia_core::AdapterResult<()> {
    /// let store = MemoryKvStore::new(SystemClock);
    /// assert!(store.put_if("key", b"1", UnixMillis::MAX, &KvCondition::Absent).await?);
    /// let (value, version) = store.get_versioned("key").await?.expect("the key was set");
    /// assert_eq!(value, b"1");
    /// let unchanged = KvCondition::Version(version);
    /// assert!(store.put_if("key", b"2", UnixMillis::MAX, &unchanged).await?);
    /// assert!(!store.put_if("key", b"3", UnixMillis::MAX, &unchanged).await?);
    /// assert_eq!(store.get("key").await?, Some(b"2".to_vec()));
    /// # Ok(()) }
    /// ```
    async fn put_if(
        &self,
        _key: &str,
        _value: &[u8],
        _expires: UnixMillis,
        _condition: &KvCondition,
    ) -> AdapterResult<bool> {
        Err(unconditional())
    }

    /// Returns `true` if the store drops expired keys. If not, call
    /// [`delete_expired_sessions`](crate::SessionAdapter::delete_expired_sessions) regularly. Defaults to `true`.
    fn expires_keys(&self) -> bool {
        true
    }

    /// Returns how many keys [`put_many`](Self::put_many) and [`delete_many`](Self::delete_many) write in one request,
    /// or concurrently. With [conditional writes](Self::conditional), a revocation of many sessions sends as many of those
    /// concurrently. Defaults to 1.
    ///
    /// A revocation of many sessions completes that many before it continues: if a store limits the number of requests,
    /// a repeated call continues where the previous one was interrupted.
    fn writes_at_once(&self) -> usize {
        1
    }

    /// Returns the layout that Lucia's own adapter for this store uses. Defaults to the prefixes `session` and `user_session`.
    fn default_layout(&self) -> KvLayout {
        KvLayout::default()
    }

    /// Returns the length of the longest key that the store accepts, in bytes. Defaults to no limit.
    fn max_key_length(&self) -> usize {
        usize::MAX
    }
}

fn unconditional() -> AdapterError {
    AdapterError::new(AdapterErrorKind::Backend).with_source("the store has no conditional writes")
}
