//! Many keys at once. No request is made for none.

use super::{KvEntry, KvSessionAdapter, KvStore};
use crate::{AdapterError, AdapterErrorKind as Kind, AdapterResult};

/// So many keys are asked for at once where not all can be.
pub(super) const CHUNK: usize = 100;

/// After so many failures in a row it may be the store that fails, and not a key: another key tells.
const MAX_IN_A_ROW: usize = 3;

/// What failed while the rest went on.
#[derive(Default)]
pub(super) struct Failures {
    first: Option<AdapterError>,
    in_a_row: usize,
}

impl Failures {
    /// Keeps an error for the end, however many there were.
    pub(super) fn keep<T>(&mut self, outcome: AdapterResult<T>) -> Option<T> {
        match outcome {
            Ok(value) => Some(value),
            Err(error) => {
                self.first.get_or_insert(error);
                None
            }
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    pub(super) fn outcome(self) -> AdapterResult<()> {
        self.first.map_or(Ok(()), Err)
    }
}

impl<S: KvStore> KvSessionAdapter<S> {
    /// Keeps an error for the end. In an outage, the last one of too many in a row is the outcome at once.
    pub(super) async fn note<T>(&self, failures: &mut Failures, outcome: AdapterResult<T>) -> AdapterResult<Option<T>> {
        failures.in_a_row = if outcome.is_ok() { 0 } else { failures.in_a_row + 1 };
        if failures.in_a_row == MAX_IN_A_ROW {
            if self.store.delete(&self.absent_key()).await.is_err() {
                return outcome.map(Some);
            }
            failures.in_a_row = 0;
        }
        Ok(failures.keep(outcome))
    }

    /// A key that is no session's, user's or tombstone's: no id is escaped like this.
    fn absent_key(&self) -> String {
        let mut key = self.layout.revoked_prefix();
        key.push('~');
        key
    }

    pub(super) async fn get_many(&self, keys: &[impl AsRef<str>]) -> AdapterResult<Vec<Option<Vec<u8>>>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let values = self.store.get_many(&keys.iter().map(AsRef::as_ref).collect::<Vec<_>>()).await?;
        counted(values, keys.len())
    }

    /// The values of some keys, where one that cannot be read keeps none of the others from it.
    pub(super) async fn get_each(
        &self,
        keys: &[impl AsRef<str>],
    ) -> AdapterResult<Vec<AdapterResult<Option<Vec<u8>>>>> {
        let keys: Vec<_> = keys.iter().map(AsRef::as_ref).collect();
        let mut outcomes = Vec::with_capacity(keys.len());
        match keys[..] {
            [] => return Ok(outcomes),
            [key] => return Ok(vec![self.store.get(key).await]),
            _ => {}
        }
        if let Ok(values) = self.store.get_many(&keys).await {
            return Ok(counted(values, keys.len())?.into_iter().map(Ok).collect());
        }
        let mut in_a_row = 0;
        for chunk in keys.chunks(CHUNK) {
            // The only one has failed already.
            if chunk.len() < keys.len() {
                if let Ok(values) = self.store.get_many(chunk).await {
                    outcomes.extend(counted(values, chunk.len())?.into_iter().map(Ok));
                    continue;
                }
            }
            for key in chunk {
                let outcome = self.store.get(key).await;
                in_a_row = if outcome.is_ok() { 0 } else { in_a_row + 1 };
                if in_a_row == MAX_IN_A_ROW {
                    if self.store.get(&self.absent_key()).await.is_err() {
                        return outcome.map(|_| outcomes);
                    }
                    in_a_row = 0;
                }
                outcomes.push(outcome);
            }
        }
        Ok(outcomes)
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
    Err(AdapterError::new(Kind::Backend, "get_many").with_source("the store answered with another number of values"))
}
