use std::sync::Arc;

use adapter_tests::{Access, BackDoor, Backend, BoxError, Corruption, Profile, Promise, Store};
use lucia_core::{Clock, ManualClock, SessionAdapter, SessionId, UnixMillis, UserId, async_trait};

use super::{
    adapter::KeyValueAdapter,
    mutant::Bug,
    store::{Entry, Server, Value},
};

/// A key-value store with an adapter that has a bug.
pub(crate) struct KeyValue {
    pub(crate) bug: Bug,
    pub(crate) form: Form,
}

/// The promises and the back door of the backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Makes every promise.
    Whole,
    /// Makes only the promises of a store without scripts.
    Loose,
    /// Makes every promise, without a back door.
    Closed,
}

/// A time that rounding to seconds would change.
const NOW: UnixMillis = UnixMillis::new(1_800_000_000_050);

#[async_trait]
impl Backend for KeyValue {
    type Adapter = Arc<dyn SessionAdapter>;

    fn profile(&self) -> Profile {
        let promises = match self.form {
            Form::Whole | Form::Closed => Profile::all(),
            Form::Loose => Profile::none().with([Promise::ExpiresRecords]),
        };
        let promises =
            promises.without([Promise::SessionsReferenceUsers, Promise::FixedAttributes, Promise::ReferenceAttributes]);
        if self.form == Form::Closed { promises } else { promises.with_access(Access::ALL) }
    }

    async fn open(&self) -> Result<Store<Self::Adapter>, BoxError> {
        Ok(self.store(&Server::new(Arc::new(ManualClock::new(NOW))), ""))
    }

    async fn open_neighbours(&self) -> Result<(Store<Self::Adapter>, Store<Self::Adapter>), BoxError> {
        let server = Server::new(Arc::new(ManualClock::new(NOW)));
        Ok((self.store(&server, ""), self.store(&server, ":b")))
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(ManualClock::new(NOW))
    }
}

impl KeyValue {
    fn store(&self, server: &Server, name: &str) -> Store<Arc<dyn SessionAdapter>> {
        let sound = KeyValueAdapter::new(server.clone(), name);
        Store::new(self.bug.build(sound.clone())).with_back_door(Door(sound))
    }
}

struct Door(KeyValueAdapter);

#[async_trait]
impl BackDoor for Door {
    async fn raw_session(&self, id: &SessionId) -> Result<Option<Vec<u8>>, BoxError> {
        let key = self.0.key(id);
        self.0.server.command(|data| data.get(&key)).await.map_err(|failure| format!("{failure:?}").into())
    }

    async fn put_raw_session(&self, id: &SessionId, json: &[u8]) -> Result<(), BoxError> {
        self.replace(id, Value::Bytes(json.to_vec())).await
    }

    async fn corrupt_session(&self, id: &SessionId, how: Corruption) -> Result<(), BoxError> {
        let value = match how {
            Corruption::Garbage => Value::Bytes(br#"{"id":"#.to_vec()),
            _ => Value::Set(["value".to_owned()].into()),
        };
        self.replace(id, value).await
    }

    async fn index(&self, user_id: &UserId) -> Result<Vec<SessionId>, BoxError> {
        let key = self.0.index(user_id);
        let ids = self.0.server.command(|data| data.members(&key)).await;
        Ok(ids.map_err(|failure| format!("{failure:?}"))?.into_iter().map(SessionId::new).collect())
    }

    async fn put_index_entry(&self, user_id: &UserId, id: &SessionId) -> Result<(), BoxError> {
        let key = self.0.index(user_id);
        let added = self.0.server.command(|data| data.add(&key, id.as_str(), UnixMillis::MAX)).await;
        added.map_err(|failure| format!("{failure:?}").into())
    }

    async fn expire_session(&self, id: &SessionId) -> Result<(), BoxError> {
        let key = self.0.key(id);
        self.0.server.command(|data| data.delete(&key)).await.map_err(|failure| format!("{failure:?}").into())
    }

    async fn recorded_expiry(&self, id: &SessionId) -> Result<Option<UnixMillis>, BoxError> {
        self.expiry_of(&self.0.key(id)).await
    }

    async fn recorded_index_expiry(&self, user_id: &UserId, _id: &SessionId) -> Result<Option<UnixMillis>, BoxError> {
        self.expiry_of(&self.0.index(user_id)).await
    }

    async fn fail_write(&self, nth: usize) -> Result<(), BoxError> {
        self.0.server.command(|data| data.fail_write(nth)).await;
        Ok(())
    }
}

impl Door {
    async fn replace(&self, id: &SessionId, value: Value) -> Result<(), BoxError> {
        let key = self.0.key(id);
        let replace = self.0.server.command(|data| {
            let expires = data.entry(&key).and_then(|entry| entry.expires);
            data.insert(&key, Entry { value, expires });
        });
        replace.await;
        Ok(())
    }

    async fn expiry_of(&self, key: &str) -> Result<Option<UnixMillis>, BoxError> {
        let expires = self.0.server.command(|data| data.entry(key).map(|entry| entry.expires)).await;
        expires.ok_or_else(|| "the store does not contain the key".into())
    }
}
