use std::fmt;

use async_trait::async_trait;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use lucia_core::{
    AdapterResult, UnixMillis,
    kv::{KvCondition, KvEntry, KvPage, KvStore, KvVersion},
};
use object_store::{ObjectMeta, ObjectStoreExt as _, PutMode, UpdateVersion, list::PaginatedListOptions};

use crate::{
    bucket::Bucket,
    config::ObjectKvConfig,
    error::{ObjectStoreError, is_absent, is_condition, is_too_long},
    path::{self, MAX_LENGTH},
    probe::Probe,
    retry::{Retry, in_time, retrying, unlimited},
    setup_error::SetupError,
};

/// A key-value store in a bucket: each key is an object, whose name has slashes for the colons of the key.
///
/// A key that some service rewrites or refuses never exists: reading it returns `None`, and writing it fails with
/// [`UnsupportedId`](lucia_core::AdapterErrorKind::UnsupportedId).
///
/// ```
/// use std::sync::Arc;
/// use adapter_object_store::{Bucket, ObjectKvStore, object_store::memory::InMemory};
/// use lucia_core::{UnixMillis, kv::KvStore};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = ObjectKvStore::new(Bucket::from_store(Arc::new(InMemory::new()))).await?;
/// store.put("greeting", b"{}", UnixMillis::MAX).await?;
/// assert_eq!(store.get("greeting").await?.as_deref(), Some(&b"{}"[..]));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct ObjectKvStore {
    bucket: Bucket,
    config: ObjectKvConfig,
}

/// More than a session can have. A larger object is not read.
const MAX_VALUE_BYTES: u64 = 32 * 1024 * 1024;

impl ObjectKvStore {
    /// Creates a store with the default [`ObjectKvConfig`].
    ///
    /// # Errors
    /// Returns the errors of [`with_config`](Self::with_config).
    pub async fn new(bucket: Bucket) -> Result<Self, SetupError> {
        Self::with_config(bucket, ObjectKvConfig::new()).await
    }

    /// Creates a store, after checking with an object of its own that the bucket can be read, written and listed, and
    /// that conditional writes take effect, and only one of several that are parallel.
    ///
    /// Local files (`LocalFileSystem`) are unsuitable: they can be created, but not replaced, under a condition.
    ///
    /// # Errors
    /// Returns [`SetupError::Unavailable`] if a request fails, and [`SetupError::Unsuitable`] if the service ignores a
    /// condition, executes several parallel writes with one condition, or does not have conditional writes.
    pub async fn with_config(bucket: Bucket, config: ObjectKvConfig) -> Result<Self, SetupError> {
        let store = Self { bucket, config };
        Probe::new(&store)?.run().await?;
        Ok(store)
    }

    async fn read(&self, key: &str) -> Result<Option<(Vec<u8>, ObjectMeta)>, ObjectStoreError> {
        let Ok(path) = path::path(key) else {
            return Ok(None);
        };
        retrying(&self.config, Retry::Always, || async {
            let found = match self.bucket.store.get(&path).await {
                Err(error) if is_absent(&error) || is_too_long(&error) => return Ok(None),
                found => found.map_err(|error| ObjectStoreError::of_client(&error))?,
            };
            let meta = found.meta.clone();
            if meta.size > MAX_VALUE_BYTES {
                return Err(ObjectStoreError::TooLarge { bytes: meta.size });
            }
            let value = found.bytes().await.map_err(|error| ObjectStoreError::of_client(&error))?;
            Ok(Some((value.to_vec(), meta)))
        })
        .await
    }

    async fn read_value(&self, key: &str) -> Result<Option<Vec<u8>>, ObjectStoreError> {
        Ok(self.read(key).await?.map(|(value, _)| value))
    }

    /// Returns `false` if the condition of the mode does not hold.
    async fn write(&self, key: &str, value: &[u8], mode: PutMode) -> Result<bool, ObjectStoreError> {
        let path = path::path(key)?;
        if !matches!(mode, PutMode::Update(_)) {
            path::check_segments(key, self.config.max_segment_length)?;
        }
        retrying(&self.config, Retry::IfUnexecuted, || async {
            match self.bucket.store.put_opts(&path, value.to_vec().into(), mode.clone().into()).await {
                Ok(_) => Ok(true),
                Err(error) if mode != PutMode::Overwrite && is_condition(&error) => Ok(false),
                Err(error) => Err(ObjectStoreError::of_client(&error)),
            }
        })
        .await
    }

    async fn remove(&self, keys: &[&str]) -> Result<(), ObjectStoreError> {
        // A key that cannot be written does not exist.
        let paths: Vec<_> = keys.iter().filter_map(|key| path::path(key).ok()).collect();
        for paths in paths.chunks(self.bucket.deletes_at_once) {
            retrying(&self.config, Retry::Always, || async {
                let locations = stream::iter(paths.to_vec()).map(Ok).boxed();
                let mut deletions = self.bucket.store.delete_stream(locations);
                let mut outcome = Ok(());
                while let Some(deletion) = deletions.next().await {
                    match deletion {
                        Err(error) if is_absent(&error) || is_too_long(&error) => {}
                        Err(error) => outcome = Err(ObjectStoreError::of_client(&error)),
                        Ok(_) => {}
                    }
                }
                outcome
            })
            .await?;
        }
        Ok(())
    }

    async fn page(&self, prefix: &str, cursor: Option<&str>) -> Result<KvPage, ObjectStoreError> {
        let (objects, cursor) = match &self.bucket.pages {
            Some(pages) => {
                let name_prefix = path::name_prefix(prefix);
                retrying(&self.config, Retry::Always, || async {
                    let page_token = cursor.map(str::to_owned);
                    let options = PaginatedListOptions { page_token, ..PaginatedListOptions::default() };
                    let page = pages.list_paginated(Some(&name_prefix), options).await;
                    let page = page.map_err(|error| ObjectStoreError::of_client(&error))?;
                    Ok((page.result.objects, page.page_token))
                })
                .await?
            }
            None => (self.whole_listing(prefix).await?, None),
        };
        let keys = objects.iter().filter_map(|object| path::key(&object.location));
        Ok(KvPage { keys: keys.filter(|key| key.starts_with(prefix)).collect(), cursor })
    }

    /// Lists everything in the folder of a prefix. The client requests a page whenever the previous one was read, so the
    /// time is limited for each object, and not for the whole listing.
    async fn whole_listing(&self, prefix: &str) -> Result<Vec<ObjectMeta>, ObjectStoreError> {
        unlimited(&self.config, Retry::Always, || async {
            let mut listing = self.bucket.store.list(path::folder(prefix).as_ref());
            let mut objects = Vec::new();
            while let Some(object) = in_time(&self.config, listing.next()).await? {
                objects.push(object.map_err(|error| ObjectStoreError::of_client(&error))?);
            }
            Ok(objects)
        })
        .await
    }

    /// Sends requests concurrently. Returns their results in order, or the first error.
    async fn concurrently<T>(
        &self,
        requests: Vec<impl Future<Output = Result<T, ObjectStoreError>> + Send>,
    ) -> Result<Vec<T>, ObjectStoreError> {
        stream::iter(requests).buffered(self.writes_at_once()).try_collect().await
    }
}

/// Returns the text of a version: the generation, which only Google Cloud Storage compares, and the `ETag`.
fn version(meta: ObjectMeta) -> KvVersion {
    let [generation, e_tag] = [meta.version, meta.e_tag].map(Option::unwrap_or_default);
    KvVersion::new(format!("{generation}\n{e_tag}"))
}

fn update(version: &KvVersion) -> PutMode {
    let (generation, e_tag) = version.as_str().split_once('\n').unwrap_or_default();
    let [version, e_tag] = [generation, e_tag].map(|text| (!text.is_empty()).then(|| text.to_owned()));
    PutMode::Update(UpdateVersion { e_tag, version })
}

#[async_trait]
impl KvStore for ObjectKvStore {
    async fn get(&self, key: &str) -> AdapterResult<Option<Vec<u8>>> {
        Ok(self.read_value(key).await?)
    }

    /// Sends one request per key, as many concurrently as [`ObjectKvConfig`] allows.
    async fn get_many(&self, keys: &[&str]) -> AdapterResult<Vec<Option<Vec<u8>>>> {
        let reads: Vec<_> = keys.iter().map(|key| self.read_value(key)).collect();
        Ok(self.concurrently(reads).await?)
    }

    async fn put(&self, key: &str, value: &[u8], _expires: UnixMillis) -> AdapterResult<()> {
        self.write(key, value, PutMode::Overwrite).await?;
        Ok(())
    }

    async fn put_many(&self, entries: &[KvEntry]) -> AdapterResult<()> {
        let writes: Vec<_> =
            entries.iter().map(|entry| self.write(&entry.key, &entry.value, PutMode::Overwrite)).collect();
        self.concurrently(writes).await?;
        Ok(())
    }

    async fn delete(&self, key: &str) -> AdapterResult<()> {
        Ok(self.remove(&[key]).await?)
    }

    async fn delete_many(&self, keys: &[&str]) -> AdapterResult<()> {
        Ok(self.remove(keys).await?)
    }

    async fn list(&self, prefix: &str, cursor: Option<&str>) -> AdapterResult<KvPage> {
        Ok(self.page(prefix, cursor).await?)
    }

    fn conditional(&self) -> bool {
        true
    }

    async fn get_versioned(&self, key: &str) -> AdapterResult<Option<(Vec<u8>, KvVersion)>> {
        Ok(self.read(key).await?.map(|(value, meta)| (value, version(meta))))
    }

    async fn put_if(
        &self,
        key: &str,
        value: &[u8],
        _expires: UnixMillis,
        condition: &KvCondition,
    ) -> AdapterResult<bool> {
        let mode = match condition {
            KvCondition::Absent => PutMode::Create,
            KvCondition::Version(version) => update(version),
        };
        Ok(self.write(key, value, mode).await?)
    }

    fn expires_keys(&self) -> bool {
        false
    }

    fn writes_at_once(&self) -> usize {
        self.config.max_concurrency.max(1)
    }

    fn max_key_length(&self) -> usize {
        MAX_LENGTH
    }
}

impl fmt::Debug for ObjectKvStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectKvStore").field("bucket", &self.bucket).field("config", &self.config).finish()
    }
}
