use async_trait::async_trait;

use super::{KvSessionAdapter, KvStore, content};
use crate::{AdapterResult, SessionPage, SessionScan};

#[async_trait]
impl<S: KvStore> SessionScan for KvSessionAdapter<S> {
    /// Ignores the limit: the store decides how many keys it lists at a time.
    async fn scan_sessions(&self, cursor: Option<&str>, _limit: usize) -> AdapterResult<SessionPage> {
        let page = self.store.list(&self.layout.session_prefix(), cursor).await?;
        let mut keys = page.keys;
        if self.store.conditional() {
            // A tombstone has the key of its session.
            let values = self.get_many(&keys).await?.into_iter();
            let is_tombstone =
                values.map(|value| value.is_some_and(|value| content::parse_tombstone(&value).is_some()));
            keys = keys
                .into_iter()
                .zip(is_tombstone)
                .filter(|(_, is_tombstone)| !is_tombstone)
                .map(|(key, _)| key)
                .collect();
        }
        let session_ids = keys.iter().filter_map(|key| self.layout.parse_session_key(key)).collect();
        Ok(SessionPage { session_ids, next: page.cursor })
    }
}
