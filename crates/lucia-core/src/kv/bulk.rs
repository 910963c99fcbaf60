//! Requests for many keys. An empty list makes no request.

use super::{KvEntry, KvSessionAdapter, KvStore};
use crate::{AdapterError, AdapterErrorKind as Kind, AdapterResult};

/// How many keys are read at once after reading all of them failed.
pub(super) const CHUNK: usize = 100;

/// The number of failures in a row after which another key is tried, to detect an outage.
const MAX_IN_A_ROW: usize = 3;

/// Errors that are returned after the remaining work is done.
#[derive(Default)]
pub(super) struct Failures {
    /// The first error. An error of the store takes precedence over one of a value.
    error: Option<AdapterError>,
    count: usize,
    in_a_row: usize,
}

/// The kinds of requests, which may fail independently.
#[derive(Clone, Copy)]
pub(super) enum Access {
    Reads,
    Writes,
}

impl Failures {
    /// Records an error to be returned at the end.
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
    /// Returns the result of a request. An error is recorded for the end, or returned at once during an outage.
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

    /// Requests a key that the layout never uses, because no id is escaped like this.
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

    /// Returns the values of some keys. One that cannot be read is `None` and does not affect the others.
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
            // The only key has failed already.
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
