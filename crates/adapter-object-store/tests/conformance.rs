//! The conformance suite on each service. All cases share a server, with unique prefixes.

#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

mod support;

use std::{
    process::ExitCode,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    time::Duration,
};

use adapter_object_store::{KvConfig, KvSessionAdapter, ObjectKvConfig, ObjectKvStore};
use adapter_tests::{Access, BackDoor, Backend, BoxError, Corruption, Profile, Promise, Store};
use lucia_core::{
    SessionId, SplitAdapter, UnixMillis, UserId, async_trait,
    kv::{KvLayout, KvStore as _},
    memory::MemoryAdapter,
};
use test_servers::Server;
use tokio::{sync::OnceCell, task::spawn_blocking};

use self::support::{
    Service,
    proxy::{Fault, Proxy},
};

fn main() -> ExitCode {
    adapter_tests::harness::adapters([
        ("seaweedfs", Bucket::new(Service::SeaweedFs)),
        ("azurite", Bucket::new(Service::Azurite)),
    ])
}

struct Bucket {
    service: Service,
    cell: OnceCell<(Server, ObjectKvStore)>,
    cases: AtomicU32,
}

impl Bucket {
    fn new(service: Service) -> Self {
        Self { service, cell: OnceCell::new(), cases: AtomicU32::new(0) }
    }

    async fn store(&self, port: u16) -> ObjectKvStore {
        // The largest cases take longer on a busy machine.
        let config = ObjectKvConfig::new().attempt_timeout(Duration::from_secs(30)).timeout(Duration::from_secs(60));
        ObjectKvStore::with_config(self.service.bucket(port), config).await.unwrap()
    }

    async fn open_with(&self, session: String, user_session: String) -> Result<Store<Adapter>, BoxError> {
        let service = self.service;
        let start = async || {
            let server = spawn_blocking(move || service.start()).await.unwrap();
            let store = self.store(server.port()).await;
            (server, store)
        };
        let (server, store) = self.cell.get_or_init(start).await;
        let proxy = Proxy::start(server.port()).await;
        let layout = KvLayout::new(session.clone(), user_session.clone())?;
        let case = session.split_inclusive(':').next().unwrap_or_default().to_owned();
        let prefixes = KvConfig::new().session_prefix(session).user_sessions_prefix(user_session);
        let sessions = KvSessionAdapter::with_config(self.store(proxy.port).await, prefixes)?;
        let adapter = SplitAdapter::new(MemoryAdapter::without_foreign_keys(), sessions);
        Ok(Store::new(adapter).with_back_door(Door { store: store.clone(), case, layout, proxy }))
    }
}

type Adapter = SplitAdapter<MemoryAdapter, KvSessionAdapter<ObjectKvStore>>;

#[async_trait]
impl Backend for Bucket {
    type Adapter = Adapter;

    fn profile(&self) -> Profile {
        let access = Access::ALL.iter().filter(|access| **access != Access::RecordedExpiry);
        Profile::key_value()
            .without([Promise::ExpiresRecords])
            .with([Promise::AtomicUserAndKey, Promise::AtomicDeleteAll, Promise::AtomicWrites, Promise::AtomicRotation])
            .with_access(access)
    }

    async fn open(&self) -> Result<Store<Adapter>, BoxError> {
        let case = self.cases.fetch_add(1, Relaxed);
        self.open_with(format!("case{case}:session"), format!("case{case}:user_session")).await
    }

    /// `SeaweedFS` keeps objects in a file system, in which no object can be a folder of another.
    async fn open_neighbours(&self) -> Result<(Store<Adapter>, Store<Adapter>), BoxError> {
        let case = self.cases.fetch_add(1, Relaxed);
        let between = if self.service == Service::SeaweedFs { "-" } else { ":" };
        let first = self.open_with(format!("case{case}:s"), format!("case{case}:u")).await?;
        let second = self.open_with(format!("case{case}:s{between}b"), format!("case{case}:u{between}b")).await?;
        Ok((first, second))
    }
}

/// Direct access: a store without the proxy.
struct Door {
    store: ObjectKvStore,
    /// The prefix of all keys of a case.
    case: String,
    layout: KvLayout,
    proxy: Proxy,
}

impl Door {
    async fn keys(&self, prefix: &str) -> Result<Vec<String>, BoxError> {
        let (mut keys, mut cursor) = (Vec::new(), None);
        loop {
            let page = self.store.list(prefix, cursor.as_deref()).await?;
            keys.extend(page.keys);
            match page.cursor {
                Some(next) => cursor = Some(next),
                None => return Ok(keys),
            }
        }
    }
}

#[async_trait]
impl BackDoor for Door {
    async fn raw_session(&self, session_id: &SessionId) -> Result<Option<Vec<u8>>, BoxError> {
        let value = self.store.get(&self.layout.session_key(session_id)).await?;
        // The second line is a nonce.
        Ok(value.map(|value| value.split(|byte| *byte == b'\n').next().unwrap_or_default().to_vec()))
    }

    async fn put_raw_session(&self, session_id: &SessionId, json: &[u8]) -> Result<(), BoxError> {
        Ok(self.store.put(&self.layout.session_key(session_id), json, UnixMillis::MAX).await?)
    }

    async fn corrupt_session(&self, session_id: &SessionId, how: Corruption) -> Result<(), BoxError> {
        let value: &[u8] = if how == Corruption::Garbage { br#"{"id":"# } else { b"[1]" };
        self.put_raw_session(session_id, value).await
    }

    async fn index(&self, user_id: &UserId) -> Result<Vec<SessionId>, BoxError> {
        let keys = self.keys(&self.layout.index_prefix(user_id)).await?;
        let entries = keys.iter().filter_map(|key| self.layout.parse_index_key(key));
        Ok(entries.map(|(_, session_id)| session_id).collect())
    }

    async fn put_index_entry(&self, user_id: &UserId, session_id: &SessionId) -> Result<(), BoxError> {
        Ok(self.store.put(&self.layout.index_key(user_id, session_id), b"1", UnixMillis::MAX).await?)
    }

    async fn expire_session(&self, session_id: &SessionId) -> Result<(), BoxError> {
        Ok(self.store.delete(&self.layout.session_key(session_id)).await?)
    }

    /// Fails with a status after which a request is not retried.
    async fn fail_write(&self, nth: usize) -> Result<(), BoxError> {
        self.proxy.nth_write(nth, Fault::Refuse(400, ""));
        Ok(())
    }

    /// All keys of a case begin with its name.
    async fn stored_bytes(&self) -> Result<Vec<u8>, BoxError> {
        let mut stored = Vec::new();
        for key in self.keys(&self.case).await? {
            stored.extend(self.store.get(&key).await?.unwrap_or_default());
            stored.extend(key.into_bytes());
            stored.push(b'\n');
        }
        Ok(stored)
    }
}
