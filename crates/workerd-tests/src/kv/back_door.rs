use adapter_tests::{BackDoor, BoxError, Corruption};
use async_trait::async_trait;
use lucia_core::{SessionId, UnixMillis, UserId, kv::KvLayout};
use worker::{kv::KvStore, send::SendFuture};

use super::WatchedStore;

/// The namespace itself, beside the adapter.
#[derive(Debug)]
pub(crate) struct KvBackDoor {
    pub(crate) kv: KvStore,
    pub(crate) layout: KvLayout,
    pub(crate) store: WatchedStore,
}

impl KvBackDoor {
    /// Replaces a value, and keeps its expiry.
    async fn replace(&self, key: &str, value: &[u8]) -> Result<(), BoxError> {
        let mut put = self.kv.put_bytes(key, value)?;
        if let Some(expiry) = self.expiry(key).await? {
            put = put.expiration(expiry);
        }
        Ok(put.execute().await?)
    }

    /// In seconds after 1970.
    async fn expiry(&self, key: &str) -> Result<Option<u64>, BoxError> {
        let page = self.kv.list().prefix(key.to_owned()).execute().await?;
        Ok(page.keys.into_iter().find(|found| found.name == key).and_then(|found| found.expiration))
    }

    /// Returns the keys and values of a case, which are few.
    async fn dump(&self) -> Result<Vec<u8>, BoxError> {
        let mut stored = Vec::new();
        let layout = &self.layout;
        for prefix in [layout.session_prefix(), layout.user_sessions_prefix()] {
            let page = self.kv.list().prefix(prefix).execute().await?;
            for key in page.keys {
                let value = self.kv.get(&key.name).bytes().await?.unwrap_or_default();
                stored.extend([key.name.as_bytes(), &value, b"\n"].concat());
            }
        }
        Ok(stored)
    }

    async fn recorded(&self, key: &str) -> Result<Option<UnixMillis>, BoxError> {
        let expiry = SendFuture::new(self.expiry(key)).await?;
        Ok(expiry.and_then(|seconds| i64::try_from(seconds).ok()).map(|seconds| UnixMillis::new(seconds * 1_000)))
    }
}

#[async_trait]
impl BackDoor for KvBackDoor {
    async fn raw_session(&self, session_id: &SessionId) -> Result<Option<Vec<u8>>, BoxError> {
        let key = self.layout.session_key(session_id);
        Ok(SendFuture::new(self.kv.get(&key).bytes()).await?)
    }

    async fn put_raw_session(&self, session_id: &SessionId, json: &[u8]) -> Result<(), BoxError> {
        let key = self.layout.session_key(session_id);
        SendFuture::new(self.replace(&key, json)).await
    }

    async fn corrupt_session(&self, session_id: &SessionId, how: Corruption) -> Result<(), BoxError> {
        let value: &[u8] = match how {
            Corruption::Garbage => b"{\"id\":\"\xff",
            _ => b"[\"a list\"]",
        };
        self.put_raw_session(session_id, value).await
    }

    async fn index(&self, user_id: &UserId) -> Result<Vec<SessionId>, BoxError> {
        let page = SendFuture::new(self.kv.list().prefix(self.layout.index_prefix(user_id)).execute()).await?;
        let ids = page.keys.iter().map(|key| self.layout.parse_index_key(&key.name));
        ids.map(|ids| ids.map(|(_, session_id)| session_id).ok_or_else(|| "a foreign key in the index".into()))
            .collect()
    }

    async fn put_index_entry(&self, user_id: &UserId, session_id: &SessionId) -> Result<(), BoxError> {
        let put = self.kv.put_bytes(&self.layout.index_key(user_id, session_id), b"1")?;
        Ok(SendFuture::new(put.execute()).await?)
    }

    async fn expire_session(&self, session_id: &SessionId) -> Result<(), BoxError> {
        let key = self.layout.session_key(session_id);
        Ok(SendFuture::new(self.kv.delete(&key)).await?)
    }

    async fn recorded_expiry(&self, session_id: &SessionId) -> Result<Option<UnixMillis>, BoxError> {
        self.recorded(&self.layout.session_key(session_id)).await
    }

    async fn recorded_index_expiry(
        &self,
        user_id: &UserId,
        session_id: &SessionId,
    ) -> Result<Option<UnixMillis>, BoxError> {
        self.recorded(&self.layout.index_key(user_id, session_id)).await
    }

    async fn fail_write(&self, nth: usize) -> Result<(), BoxError> {
        self.store.fail_write(nth);
        Ok(())
    }
    async fn stored_bytes(&self) -> Result<Vec<u8>, BoxError> {
        SendFuture::new(self.dump()).await
    }
}
