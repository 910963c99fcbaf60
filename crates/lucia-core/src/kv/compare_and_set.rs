//! Conditional writes whose response may be lost.

use super::{KvCondition, KvEntry, KvSessionAdapter, KvStore, KvVersion, entry::IndexEntry};
use crate::{AdapterError, AdapterErrorKind as Kind, AdapterResult, SessionSchema, UnixMillis};

/// How often a value is read and replaced while others change it.
pub(super) const MAX_ATTEMPTS: usize = 10;

/// The error after the last attempt.
pub(super) fn overtaken() -> AdapterError {
    AdapterError::new(Kind::Unavailable).with_source("other writes of the same key got in the way; try again")
}

/// A value and its version. `None` if the key is absent.
pub(super) type Found = Option<(Vec<u8>, KvVersion)>;

/// The outcome of a conditional write.
pub(super) enum Outcome {
    Written,
    /// The condition did not hold. Contains what the key has.
    Refused(Found),
}

impl<S: KvStore> KvSessionAdapter<S> {
    /// Writes an entry if the condition holds.
    ///
    /// A value that no other write has shows whether a request without a response was carried out, or whether a
    /// repeated one was refused because of the first. After an error the value may still be written later.
    pub(super) async fn compare_and_set(&self, entry: &KvEntry, condition: &KvCondition) -> AdapterResult<Outcome> {
        let written = self.store.put_if(&entry.key, &entry.value, entry.expires, condition).await;
        if let Ok(true) = written {
            return Ok(Outcome::Written);
        }
        match (written, self.store.get_versioned(&entry.key).await) {
            (_, Ok(Some((value, _)))) if value == entry.value => Ok(Outcome::Written),
            (Ok(_), found) => found.map(Outcome::Refused),
            (Err(error), _) => Err(error),
        }
    }

    /// Stores or extends the index entry of a session, so that it lasts until the time that `expires` returns for the
    /// session's. `found` is what its key has.
    pub(super) async fn extend_entry(
        &self,
        session: &SessionSchema,
        expires: fn(UnixMillis) -> UnixMillis,
        mut found: Found,
    ) -> AdapterResult<()> {
        let least = self.index_entry(session, expires, None);
        for _ in 0..MAX_ATTEMPTS {
            let (current, condition) = match found {
                Some((value, version)) => (IndexEntry::from_value(&value), KvCondition::Version(version)),
                None => (None, KvCondition::Absent),
            };
            let expires = current.as_ref().map_or(least.expires, |current| current.expires.max(least.expires));
            let idle_expires =
                current.as_ref().and_then(|current| current.idle_expires).max(Some(session.idle_expires));
            let longer = IndexEntry { expires, idle_expires, epoch: None };
            if current.as_ref() == Some(&longer) {
                return Ok(());
            }
            let entry = KvEntry { key: least.key.clone(), value: longer.to_value(), expires };
            match self.compare_and_set(&entry, &condition).await? {
                Outcome::Written => return Ok(()),
                Outcome::Refused(now) => found = now,
            }
        }
        Err(overtaken())
    }
}
