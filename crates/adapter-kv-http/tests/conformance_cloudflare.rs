//! The conformance suite on a local server with the REST API of Cloudflare KV; see `support/cloudflare.rs`.

#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

mod support;

use std::{
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

use adapter_kv_http::{CloudflareConfig, CloudflareStore, KvConfig};
use adapter_tests::{Access, BackDoor, Backend, BoxError, Corruption, Profile, Promise, Store};
use lucia_core::{
    SessionId, SplitAdapter, UnixMillis, UserId, async_trait,
    kv::{KvLayout, KvSessionAdapter},
    memory::MemoryAdapter,
};
use tokio::sync::OnceCell;

use self::support::{
    cloudflare::{ACCOUNT, Cloudflare, NAMESPACE, Namespace, TOKEN},
    proxy::{Fault, Proxy},
};

fn main() -> ExitCode {
    adapter_tests::harness::adapter(Api { cell: OnceCell::new(), cases: AtomicU32::new(0) })
}

struct Api {
    cell: OnceCell<Cloudflare>,
    cases: AtomicU32,
}

type Adapter = SplitAdapter<MemoryAdapter, KvSessionAdapter<CloudflareStore>>;

impl Api {
    async fn open_with(&self, session: String, user_sessions: String) -> Result<Store<Adapter>, BoxError> {
        let cloudflare = self.cell.get_or_init(Cloudflare::start).await;
        let proxy = Proxy::start(cloudflare.url.trim_end_matches("/client/v4")).await;
        let layout = KvLayout::new(session.clone(), user_sessions.clone())?;
        let config = CloudflareConfig::new().base_url(format!("{}/client/v4", proxy.url));
        let store = CloudflareStore::with_config(ACCOUNT, NAMESPACE, TOKEN, config)?;
        let prefixes = KvConfig::new().session_prefix(session).user_sessions_prefix(user_sessions);
        let sessions = KvSessionAdapter::with_config(store, prefixes)?;
        let adapter = SplitAdapter::new(MemoryAdapter::without_foreign_keys(), sessions);
        Ok(Store::new(adapter).with_back_door(Door { namespace: Arc::clone(&cloudflare.namespace), layout, proxy }))
    }
}

#[async_trait]
impl Backend for Api {
    type Adapter = Adapter;

    fn profile(&self) -> Profile {
        Profile::key_value().with([Promise::AtomicUserAndKey]).with_access(Access::ALL)
    }

    async fn open(&self) -> Result<Store<Adapter>, BoxError> {
        let case = self.cases.fetch_add(1, Relaxed);
        self.open_with(format!("case{case}:session"), format!("case{case}:user_sessions")).await
    }

    async fn open_neighbours(&self) -> Result<(Store<Adapter>, Store<Adapter>), BoxError> {
        let case = self.cases.fetch_add(1, Relaxed);
        let first = self.open_with(format!("case{case}:s"), format!("case{case}:u")).await?;
        let second = self.open_with(format!("case{case}:s:b"), format!("case{case}:u:b")).await?;
        Ok((first, second))
    }
}

/// Direct access to the keys of the API.
struct Door {
    namespace: Arc<Namespace>,
    layout: KvLayout,
    proxy: Proxy,
}

#[async_trait]
impl BackDoor for Door {
    async fn raw_session(&self, session_id: &SessionId) -> Result<Option<Vec<u8>>, BoxError> {
        Ok(self.namespace.get(&self.layout.session_key(session_id)).map(|stored| stored.value))
    }

    async fn put_raw_session(&self, session_id: &SessionId, json: &[u8]) -> Result<(), BoxError> {
        let key = self.layout.session_key(session_id);
        let expiration = self.namespace.get(&key).and_then(|stored| stored.expiration);
        self.namespace.put(&key, json, expiration);
        Ok(())
    }

    async fn corrupt_session(&self, session_id: &SessionId, how: Corruption) -> Result<(), BoxError> {
        let value: &[u8] = if how == Corruption::Garbage { br#"{"id":"# } else { b"[1]" };
        self.put_raw_session(session_id, value).await
    }

    async fn index(&self, user_id: &UserId) -> Result<Vec<SessionId>, BoxError> {
        let prefix = self.layout.index_prefix(user_id);
        let keys: Vec<_> = self.namespace.keys.lock().unwrap().keys().cloned().collect();
        let entries = keys.iter().filter(|key| key.starts_with(&prefix) && self.namespace.get(key).is_some());
        Ok(entries.filter_map(|key| Some(self.layout.parse_index_key(key)?.1)).collect())
    }

    async fn put_index_entry(&self, user_id: &UserId, session_id: &SessionId) -> Result<(), BoxError> {
        self.namespace.put(&self.layout.index_key(user_id, session_id), b"1", None);
        Ok(())
    }

    async fn expire_session(&self, session_id: &SessionId) -> Result<(), BoxError> {
        self.namespace.keys.lock().unwrap().remove(&self.layout.session_key(session_id));
        Ok(())
    }

    async fn recorded_expiry(&self, session_id: &SessionId) -> Result<Option<UnixMillis>, BoxError> {
        Ok(self.namespace.expiry(&self.layout.session_key(session_id)))
    }

    async fn recorded_index_expiry(
        &self,
        user_id: &UserId,
        session_id: &SessionId,
    ) -> Result<Option<UnixMillis>, BoxError> {
        Ok(self.namespace.expiry(&self.layout.index_key(user_id, session_id)))
    }

    /// Fails with a status after which a request is not retried.
    async fn fail_write(&self, nth: usize) -> Result<(), BoxError> {
        self.proxy.nth_write(nth, Fault::Refuse(507));
        Ok(())
    }

    async fn stored_bytes(&self) -> Result<Vec<u8>, BoxError> {
        let keys = self.namespace.keys.lock().unwrap();
        Ok(keys.iter().flat_map(|(key, stored)| [key.as_bytes(), &stored.value, b"\n"].concat()).collect())
    }
}
