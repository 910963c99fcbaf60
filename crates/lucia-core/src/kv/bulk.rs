//! Many keys at once. No request is made for none.

use super::{KvEntry, KvSessionAdapter, KvStore};
use crate::{AdapterError, AdapterErrorKind as Kind, AdapterResult};

/// How many keys are read at once where not all can be.
pub(super) const CHUNK: usize = 100;

/// After how many failures in a row another key tells whether it is the store that fails.
const MAX_IN_A_ROW: usize = 3;

/// What failed while the rest went on.
#[derive(Default)]
pub(super) struct Failures {
    /// The first one; rather one of the store than one of a value.
    error: Option<AdapterError>,
    count: usize,
    in_a_row: usize,
}

/// What may be down while the other works.
#[derive(Clone, Copy)]
pub(super) enum Access {
    Reads,
    Writes,
}

impl Failures {
    /// Keeps an error for the end.
    pub(super) fn keep(&mut self, error: AdapterError) {
        let is_of_a_value = |error: &AdapterError| error.kind() == Kind::Decode;
        self.count += 1;
        if self.error.as_ref().is_none_or(|kept| is_of_a_value(kept) && !is_of_a_value(&error)) {
            self.error = Some(error);
        }
    }

    pub(super) const fn count(&self) -> usize {
        self.count
    }

    pub(super) fn outcome(self) -> AdapterResult<()> {
        self.error.map_or(Ok(()), Err)
    }
}

impl<S: KvStore> KvSessionAdapter<S> {
    /// The outcome of a request, where a failure is kept for the end. In an outage it is the outcome at once.
    pub(super) async fn note<T>(
        &self,
        failures: &mut Failures,
        access: Access,
        outcome: AdapterResult<T>,
    ) -> AdapterResult<Option<T>> {
        let error = match outcome {
            Ok(value) => {
                failures.in_a_row = 0;
                return Ok(Some(value));
            }
            Err(error) => error,
        };
        failures.in_a_row += 1;
        if failures.in_a_row == MAX_IN_A_ROW {
            failures.in_a_row = 0;
            if self.is_down(access).await {
                return Err(error);
            }
        }
        failures.keep(error);
        Ok(None)
    }

    /// Asks for a key that is no session's, user's or tombstone's: no id is escaped like this.
    async fn is_down(&self, access: Access) -> bool {
        let mut key = self.layout.revoked_prefix();
        key.push('~');
        match access {
            Access::Reads => self.store.get(&key).await.is_err(),
            Access::Writes => self.store.delete(&key).await.is_err(),
        }
    }

    pub(super) async fn get_many(&self, keys: &[impl AsRef<str>]) -> AdapterResult<Vec<Option<Vec<u8>>>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let values = self.store.get_many(&keys.iter().map(AsRef::as_ref).collect::<Vec<_>>()).await?;
        counted(values, keys.len())
    }

    /// The values of some keys, where one that cannot be read keeps no other from being read, and is `None` itself.
    pub(super) async fn get_each(
        &self,
        keys: &[impl AsRef<str>],
        failures: &mut Failures,
    ) -> AdapterResult<Vec<Option<Option<Vec<u8>>>>> {
        let keys: Vec<_> = keys.iter().map(AsRef::as_ref).collect();
        if keys.len() > 1 {
            if let Ok(values) = self.store.get_many(&keys).await {
                return Ok(counted(values, keys.len())?.into_iter().map(Some).collect());
            }
        }
        let mut found = Vec::with_capacity(keys.len());
        for chunk in keys.chunks(CHUNK) {
            // The only one has failed already.
            if chunk.len() < keys.len() {
                if let Ok(values) = self.store.get_many(chunk).await {
                    found.extend(counted(values, chunk.len())?.into_iter().map(Some));
                    continue;
                }
            }
            for key in chunk {
                let outcome = self.store.get(key).await;
                found.push(self.note(failures, Access::Reads, outcome).await?);
            }
        }
        Ok(found)
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

fn counted<T>(values: Vec<T>, keys: usize) -> AdapterResult<Vec<T>> {
    if values.len() == keys {
        return Ok(values);
    }
    Err(AdapterError::new(Kind::Backend).with_source("the store answered with another number of values"))
}
