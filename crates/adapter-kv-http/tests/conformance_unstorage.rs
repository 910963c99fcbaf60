//! The conformance suite on unstorage servers. All cases of a release and driver share a server, with unique prefixes.

#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

mod support;

use std::{
    env,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::Duration,
};

use adapter_kv_http::{
    HttpConfig, KvConfig, UnstorageConfig, UnstorageStore,
    reqwest::{self, StatusCode},
};
use adapter_tests::{Access, BackDoor, Backend, BoxError, Corruption, Profile, Promise, Store};
use lucia_core::{
    SessionId, SplitAdapter, UnixMillis, UserId, async_trait,
    kv::{KvLayout, KvSessionAdapter},
    memory::MemoryAdapter,
};
use tokio::{sync::OnceCell, task::spawn_blocking};

use self::support::{
    proxy::{Fault, Proxy},
    unstorage::{Driver, MONGODB_URL, NEWEST, OLDER, Unstorage},
};

fn main() -> ExitCode {
    let mongodb = env::var_os(MONGODB_URL).map(|_| ("newest_mongodb", Server::new(NEWEST, Driver::MongoDb)));
    let others = [
        ("newest_memory", Server::new(NEWEST, Driver::Memory)),
        ("newest_fs", Server::new(NEWEST, Driver::Fs)),
        ("newest_redis", Server::new(NEWEST, Driver::Redis)),
        ("newest_upstash", Server::new(NEWEST, Driver::Upstash)),
        ("newest_vercel_kv", Server::new(NEWEST, Driver::VercelKv)),
        ("newest_azure", Server::new(NEWEST, Driver::Azure)),
        ("newest_cloudflare_kv", Server::new(NEWEST, Driver::CloudflareKv)),
        ("newest_planetscale", Server::new(NEWEST, Driver::PlanetScale)),
        ("older_memory", Server::new(OLDER, Driver::Memory)),
        ("older_fs", Server::new(OLDER, Driver::Fs)),
        ("older_redis", Server::new(OLDER, Driver::Redis)),
    ];
    adapter_tests::harness::adapters(others.into_iter().chain(mongodb))
}

struct Server {
    version: &'static str,
    driver: Driver,
    cell: OnceCell<Arc<Unstorage>>,
    cases: AtomicU32,
}

impl Server {
    fn new(version: &'static str, driver: Driver) -> Self {
        Self { version, driver, cell: OnceCell::new(), cases: AtomicU32::new(0) }
    }

    /// Releases before 1.12 do not support expiry.
    fn expires_keys(&self) -> bool {
        self.driver.expires_keys() && self.version == NEWEST
    }

    async fn unstorage(&self) -> Arc<Unstorage> {
        let (version, driver) = (self.version, self.driver);
        let start = async || spawn_blocking(move || Arc::new(Unstorage::start(version, driver))).await.unwrap();
        Arc::clone(self.cell.get_or_init(start).await)
    }

    async fn open_with(&self, session: String, user_session: String) -> Result<Store<Adapter>, BoxError> {
        let unstorage = self.unstorage().await;
        // The file system driver writes files in place: after two parallel writes, the end of the longer one remains.
        let proxy = match self.driver {
            Driver::Fs => Proxy::start_with_turns(&unstorage.url()).await,
            _ => Proxy::start(&unstorage.url()).await,
        };
        let layout = KvLayout::new(session.clone(), user_session.clone())?;
        let case = session.split_inclusive(':').next().unwrap_or_default().to_owned();
        let mut config = UnstorageConfig::new();
        if self.expires_keys() {
            config = config.driver_expires_keys();
        }
        if self.driver == Driver::Azure {
            // Listing the data of the largest case takes seconds on a busy machine.
            config = config
                .http(HttpConfig::new().attempt_timeout(Duration::from_secs(30)).timeout(Duration::from_secs(60)));
        }
        let prefixes = KvConfig::new().session_prefix(session).user_sessions_prefix(user_session);
        let sessions = KvSessionAdapter::with_config(UnstorageStore::with_config(&proxy.url, config)?, prefixes)?;
        let adapter = SplitAdapter::new(MemoryAdapter::without_foreign_keys(), sessions);
        Ok(Store::new(adapter).with_back_door(Door { unstorage, case, layout, proxy, http: support::http_client() }))
    }
}

type Adapter = SplitAdapter<MemoryAdapter, KvSessionAdapter<UnstorageStore>>;

#[async_trait]
impl Backend for Server {
    type Adapter = Adapter;

    fn profile(&self) -> Profile {
        let profile = Profile::key_value().with([Promise::AtomicUserAndKey]);
        // A server lists all keys in one answer. Of the storages behind it, Cloudflare KV has pages of 1,000 keys; those of
        // the others are smaller than 100, or larger than what any case stores.
        let profile = if self.driver == Driver::CloudflareKv { profile } else { profile.with_page_size(100) };
        if self.expires_keys() {
            return profile.with_access(Access::ALL);
        }
        let access = Access::ALL.iter().filter(|access| **access != Access::RecordedExpiry);
        profile.without([Promise::ExpiresRecords]).with_access(access)
    }

    async fn open(&self) -> Result<Store<Adapter>, BoxError> {
        let case = self.cases.fetch_add(1, Relaxed);
        self.open_with(format!("case{case}:session"), format!("case{case}:user_session")).await
    }

    /// In a file system, no key can be a folder of another.
    async fn open_neighbours(&self) -> Result<(Store<Adapter>, Store<Adapter>), BoxError> {
        let case = self.cases.fetch_add(1, Relaxed);
        let between = if self.driver == Driver::Fs { "-" } else { ":" };
        let first = self.open_with(format!("case{case}:s"), format!("case{case}:u")).await?;
        let second = self.open_with(format!("case{case}:s{between}b"), format!("case{case}:u{between}b")).await?;
        Ok((first, second))
    }
}

/// Direct access: plain requests to the server, and to the storage behind it.
struct Door {
    unstorage: Arc<Unstorage>,
    /// The prefix of all keys of a case.
    case: String,
    layout: KvLayout,
    proxy: Proxy,
    http: reqwest::Client,
}

impl Door {
    fn url(&self, key: &str) -> String {
        format!("{}/{}", self.unstorage.url(), key.replace(':', "/"))
    }

    async fn keys(&self, prefix: &str) -> Result<Vec<String>, BoxError> {
        let answer = self.http.get(self.url(prefix)).send().await?.error_for_status()?;
        let keys: Vec<String> = serde_json::from_slice(&answer.bytes().await?)?;
        Ok(keys.into_iter().map(|key| key.replace('/', ":")).collect())
    }

    async fn put(&self, key: &str, value: &[u8]) -> Result<(), BoxError> {
        self.http.put(self.url(key)).body(value.to_vec()).send().await?.error_for_status()?;
        Ok(())
    }
}

#[async_trait]
impl BackDoor for Door {
    async fn raw_session(&self, session_id: &SessionId) -> Result<Option<Vec<u8>>, BoxError> {
        let request = self.http.get(self.url(&self.layout.session_key(session_id)));
        let answer = request.header("accept", "application/octet-stream").send().await?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        Ok(Some(answer.error_for_status()?.bytes().await?.to_vec()))
    }

    async fn put_raw_session(&self, session_id: &SessionId, json: &[u8]) -> Result<(), BoxError> {
        self.put(&self.layout.session_key(session_id), json).await
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
        self.put(&self.layout.index_key(user_id, session_id), b"1").await
    }

    async fn expire_session(&self, session_id: &SessionId) -> Result<(), BoxError> {
        self.http.delete(self.url(&self.layout.session_key(session_id))).send().await?.error_for_status()?;
        Ok(())
    }

    async fn recorded_expiry(&self, session_id: &SessionId) -> Result<Option<UnixMillis>, BoxError> {
        Ok(self.unstorage.expiry(&self.layout.session_key(session_id)).await?)
    }

    async fn recorded_index_expiry(
        &self,
        user_id: &UserId,
        session_id: &SessionId,
    ) -> Result<Option<UnixMillis>, BoxError> {
        Ok(self.unstorage.expiry(&self.layout.index_key(user_id, session_id)).await?)
    }

    /// Fails with a status after which a request is not retried.
    async fn fail_write(&self, nth: usize) -> Result<(), BoxError> {
        self.proxy.nth_write(nth, Fault::Refuse(507));
        Ok(())
    }

    /// All keys of a case begin with its name.
    async fn stored_bytes(&self) -> Result<Vec<u8>, BoxError> {
        let mut stored = Vec::new();
        for key in self.keys(&self.case).await? {
            let value = self.http.get(self.url(&key)).header("accept", "application/octet-stream").send().await?;
            stored.extend(key.into_bytes());
            stored.extend(value.error_for_status()?.bytes().await?);
            stored.push(b'\n');
        }
        Ok(stored)
    }
}
