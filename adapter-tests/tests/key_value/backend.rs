use std::sync::Arc;

use adapter_tests::{Access, BackDoor, Backend, BoxError, Corruption, Profile, Promise, Store};
use lucia_core::{
    Clock, ManualClock, SessionId, SplitAdapter, UnixMillis, UserId, async_trait,
    kv::{KvConfig, KvLayout, KvSessionAdapter, KvStore},
    memory::MemoryAdapter,
};

use crate::store::FailingStore;

/// Sessions in a plain key-value store that is strongly consistent, users and keys in memory.
pub(crate) struct KeyValue {
    pub(crate) expires_keys: bool,
    pub(crate) conditional: bool,
}

/// A time that rounding to seconds would change.
const NOW: UnixMillis = UnixMillis::new(1_800_000_000_050);

fn clock() -> Arc<dyn Clock> {
    Arc::new(ManualClock::new(NOW))
}

type Adapter = SplitAdapter<MemoryAdapter, KvSessionAdapter<FailingStore>>;

#[async_trait]
impl Backend for KeyValue {
    type Adapter = Adapter;

    fn profile(&self) -> Profile {
        let profile =
            Profile::key_value().with([Promise::AtomicDeleteAll, Promise::AtomicUserAndKey]).with_access(Access::ALL);
        let profile = if self.expires_keys { profile } else { profile.without([Promise::ExpiresRecords]) };
        if self.conditional { profile.with([Promise::AtomicWrites, Promise::AtomicRotation]) } else { profile }
    }

    async fn open(&self) -> Result<Store<Self::Adapter>, BoxError> {
        Ok(store(&FailingStore::new(clock(), self.expires_keys, self.conditional), ""))
    }

    async fn open_neighbours(&self) -> Result<(Store<Self::Adapter>, Store<Self::Adapter>), BoxError> {
        let shared = FailingStore::new(clock(), self.expires_keys, self.conditional);
        Ok((store(&shared, ""), store(&shared, ":b")))
    }

    fn clock(&self) -> Arc<dyn Clock> {
        clock()
    }
}

fn store(shared: &FailingStore, name: &str) -> Store<Adapter> {
    let layout = KvLayout::new(format!("session{name}"), format!("user_session{name}")).unwrap();
    let door = Door { store: shared.clone(), layout: layout.clone() };
    let sessions = KvSessionAdapter::with_config(shared.clone(), KvConfig::from(layout).clock(clock())).unwrap();
    Store::new(SplitAdapter::new(MemoryAdapter::without_foreign_keys(), sessions)).with_back_door(door)
}

struct Door {
    store: FailingStore,
    layout: KvLayout,
}

impl Door {
    async fn replace(&self, id: &SessionId, value: &[u8]) -> Result<(), BoxError> {
        let key = self.layout.session_key(id);
        let expires = self.store.inner.expires(&key).ok_or("the store does not contain the session")?;
        Ok(self.store.inner.put(&key, value, expires).await?)
    }
}

#[async_trait]
impl BackDoor for Door {
    async fn raw_session(&self, id: &SessionId) -> Result<Option<Vec<u8>>, BoxError> {
        let value = self.store.inner.get(&self.layout.session_key(id)).await?;
        // A store with conditional writes has a nonce in the second line.
        Ok(value.map(|value| value.split(|byte| *byte == b'\n').next().unwrap_or_default().to_vec()))
    }

    async fn put_raw_session(&self, id: &SessionId, json: &[u8]) -> Result<(), BoxError> {
        self.replace(id, json).await
    }

    async fn corrupt_session(&self, id: &SessionId, how: Corruption) -> Result<(), BoxError> {
        let value: &[u8] = match how {
            Corruption::Garbage => br#"{"id":"#,
            _ => br#"["a","b"]"#,
        };
        self.replace(id, value).await
    }

    async fn index(&self, user_id: &UserId) -> Result<Vec<SessionId>, BoxError> {
        let mut ids = Vec::new();
        let mut cursor = None;
        loop {
            let page = self.store.inner.list(&self.layout.index_prefix(user_id), cursor.as_deref()).await?;
            ids.extend(page.keys.iter().filter_map(|key| self.layout.parse_index_key(key)).map(|(_, id)| id));
            cursor = page.cursor;
            if cursor.is_none() {
                return Ok(ids);
            }
        }
    }

    /// Index entries of Lucia JS have an empty value.
    async fn put_index_entry(&self, user_id: &UserId, id: &SessionId) -> Result<(), BoxError> {
        Ok(self.store.inner.put(&self.layout.index_key(user_id, id), b"1", UnixMillis::MAX).await?)
    }

    async fn expire_session(&self, id: &SessionId) -> Result<(), BoxError> {
        Ok(self.store.inner.delete(&self.layout.session_key(id)).await?)
    }

    async fn recorded_expiry(&self, id: &SessionId) -> Result<Option<UnixMillis>, BoxError> {
        let expires = self.store.inner.expires(&self.layout.session_key(id));
        expires.map(Some).ok_or_else(|| "the store does not contain the session".into())
    }

    async fn recorded_index_expiry(&self, user_id: &UserId, id: &SessionId) -> Result<Option<UnixMillis>, BoxError> {
        let expires = self.store.inner.expires(&self.layout.index_key(user_id, id));
        expires.map(Some).ok_or_else(|| "the store does not contain the index entry".into())
    }

    async fn fail_write(&self, nth: usize) -> Result<(), BoxError> {
        self.store.fail_write(nth);
        Ok(())
    }
    async fn stored_bytes(&self) -> Result<Vec<u8>, BoxError> {
        let mut stored = Vec::new();
        let mut cursor = None;
        loop {
            let page = self.store.inner.list("", cursor.as_deref()).await?;
            for key in &page.keys {
                let value = self.store.inner.get(key).await?.unwrap_or_default();
                stored.extend([key.as_bytes(), &value, b"\n"].concat());
            }
            cursor = page.cursor;
            if cursor.is_none() {
                return Ok(stored);
            }
        }
    }
}
