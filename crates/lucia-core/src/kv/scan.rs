use async_trait::async_trait;

use super::{KvSessionAdapter, KvStore};
use crate::{AdapterResult, SessionPage, SessionScan};

#[async_trait]
impl<S: KvStore> SessionScan for KvSessionAdapter<S> {
    /// Ignores the limit: the store decides how many keys it lists at a time.
    async fn scan_sessions(&self, cursor: Option<&str>, _limit: usize) -> AdapterResult<SessionPage> {
        let page = self.store.list(&self.layout.session_prefix(), cursor).await?;
        let session_ids = page.keys.iter().filter_map(|key| self.layout.parse_session_key(key)).collect();
        Ok(SessionPage { session_ids, next: page.cursor })
    }
}
