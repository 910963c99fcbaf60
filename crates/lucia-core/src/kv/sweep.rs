//! Deleting what has expired, for stores that do not do it themselves.

use super::{KvSessionAdapter, KvStore, adapter::decode, lifetime};
use crate::{AdapterResult, UnixMillis};

/// So many keys are read at once.
const CHUNK: usize = 100;

impl<S: KvStore> KvSessionAdapter<S> {
    /// Deletes dead sessions, and when none is left, what else has expired.
    pub(super) async fn sweep(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        let mut deleted = 0;
        if limit == 0 {
            return Ok(deleted);
        }
        let keys: Vec<_> = self.all_keys(&self.layout.session_prefix()).await?.into_iter().collect();
        for chunk in keys.chunks(CHUNK) {
            for (key, value) in chunk.iter().zip(self.get_many(chunk).await?) {
                // What is no session of this layout, or cannot be read, is not ours to delete.
                let session = self.layout.parse_session_key(key).zip(value);
                let Some(Ok(session)) = session.map(|(id, value)| decode(&value, &id)) else { continue };
                if session.is_dead(now) {
                    self.revoke(&session).await?;
                    deleted += 1;
                }
                if deleted == limit {
                    return Ok(deleted);
                }
            }
        }
        self.sweep_markers(&self.layout.revoked_prefix(), now).await?;
        self.sweep_markers(&self.layout.user_session_prefix(), now).await?;
        Ok(deleted)
    }

    /// Deletes tombstones or index entries that have expired.
    async fn sweep_markers(&self, prefix: &str, now: UnixMillis) -> AdapterResult<()> {
        let keys: Vec<_> = self.all_keys(prefix).await?.into_iter().collect();
        for chunk in keys.chunks(CHUNK) {
            let values = self.get_many(chunk).await?;
            let expired = chunk.iter().zip(values);
            let expired =
                expired.filter(|(_, value)| value.as_ref().is_some_and(|value| lifetime::is_over(value, now)));
            let expired: Vec<_> = expired.map(|(key, _)| key.as_str()).collect();
            self.delete_many(&expired).await?;
        }
        Ok(())
    }
}
