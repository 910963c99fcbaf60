//! Many keys at once. No request is made for none.

use super::{KvEntry, KvSessionAdapter, KvStore};
use crate::{AdapterError, AdapterErrorKind as Kind, AdapterResult};

impl<S: KvStore> KvSessionAdapter<S> {
    pub(super) async fn get_many(&self, keys: &[impl AsRef<str>]) -> AdapterResult<Vec<Option<Vec<u8>>>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let values = self.store.get_many(&keys.iter().map(AsRef::as_ref).collect::<Vec<_>>()).await?;
        if values.len() == keys.len() {
            return Ok(values);
        }
        Err(AdapterError::new(Kind::Backend, "get_many")
            .with_source("the store answered with another number of values"))
    }

    pub(super) async fn put_many(&self, entries: &[KvEntry]) -> AdapterResult<()> {
        if entries.is_empty() { Ok(()) } else { self.store.put_many(entries).await }
    }

    pub(super) async fn delete_many(&self, keys: &[impl AsRef<str>]) -> AdapterResult<()> {
        if keys.is_empty() {
            return Ok(());
        }
        self.store.delete_many(&keys.iter().map(AsRef::as_ref).collect::<Vec<_>>()).await
    }
}
