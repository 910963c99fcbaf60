//! The conformance suite on Upstash's REST API, as far as it can be had here: see `support/upstash.rs`.

#![expect(clippy::unwrap_used, reason = "it is a test without a harness")]

#[path = "support/upstash.rs"]
mod upstash;

use std::{
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

use adapter_kv_http::{UpstashConfig, UpstashSessionAdapter};
use adapter_tests::{Access, BackDoor, Backend, BoxError, Corruption, Profile, Promise, Store};
use lucia_core::{SessionId, SplitAdapter, UnixMillis, UserId, async_trait, memory::MemoryAdapter};
use tokio::sync::OnceCell;

use self::upstash::{Database, Front, TOKEN};

fn main() -> ExitCode {
    adapter_tests::harness::adapter(Api { database: OnceCell::new(), cases: AtomicU32::new(0) })
}

struct Api {
    database: OnceCell<Arc<Database>>,
    cases: AtomicU32,
}

type Adapter = SplitAdapter<MemoryAdapter, UpstashSessionAdapter>;

impl Api {
    async fn open_with(&self, session: String, user_session: String) -> Result<Store<Adapter>, BoxError> {
        let start = || async { Database::start().await.map(Arc::new) };
        let database = Arc::clone(self.database.get_or_try_init(start).await?);
        let front = Front::start(&database).await;
        let config = UpstashConfig::new(&front.url, TOKEN)
            .session_prefix(session.clone())
            .user_session_prefix(user_session.clone());
        let adapter = SplitAdapter::new(MemoryAdapter::new(), config.session_adapter()?);
        Ok(Store::new(adapter).with_back_door(Door { database, front, session, user_session }))
    }
}

#[async_trait]
impl Backend for Api {
    type Adapter = Adapter;

    /// All that Redis promises: every write is a script.
    fn profile(&self) -> Profile {
        Profile::all().without(Promise::COLUMNS).without([Promise::SessionsReferenceUsers]).with_access(Access::ALL)
    }

    async fn open(&self) -> Result<Store<Adapter>, BoxError> {
        let case = self.cases.fetch_add(1, Relaxed);
        self.open_with(format!("{case}:session"), format!("{case}:userSession")).await
    }

    async fn open_neighbours(&self) -> Result<(Store<Adapter>, Store<Adapter>), BoxError> {
        let case = self.cases.fetch_add(1, Relaxed);
        let first = self.open_with(format!("{case}:a"), format!("{case}:ab")).await?;
        let second = self.open_with(format!("{case}:a*"), format!("{case}:aa")).await?;
        Ok((first, second))
    }
}

/// The server, past its REST API: keys are spelled out here once more.
struct Door {
    database: Arc<Database>,
    front: Front,
    session: String,
    user_session: String,
}

impl Door {
    fn session_key(&self, id: &SessionId) -> String {
        format!("{}:{}", self.session, id.as_str())
    }

    fn index_key(&self, user_id: &UserId) -> String {
        format!("{}:{user_id}", self.user_session)
    }

    async fn expiry(&self, key: &str) -> Result<Option<UnixMillis>, BoxError> {
        let millis: i64 = self.database.run(&["PEXPIRETIME", key]).await?;
        Ok((millis != -1).then_some(UnixMillis::new(millis)))
    }
}

#[async_trait]
impl BackDoor for Door {
    async fn raw_session(&self, id: &SessionId) -> Result<Option<Vec<u8>>, BoxError> {
        self.database.run(&["GET", &self.session_key(id)]).await
    }

    async fn put_raw_session(&self, id: &SessionId, json: &[u8]) -> Result<(), BoxError> {
        self.database.run(&["SET", &self.session_key(id), std::str::from_utf8(json).unwrap(), "KEEPTTL"]).await
    }

    async fn corrupt_session(&self, id: &SessionId, how: Corruption) -> Result<(), BoxError> {
        let key = self.session_key(id);
        if how == Corruption::Garbage {
            let script = r#"return redis.call('SET', KEYS[1], '{"id":\255\0', 'KEEPTTL')"#;
            return self.database.run(&["EVAL", script, "1", &key]).await;
        }
        self.database.run::<i64>(&["DEL", &key]).await?;
        self.database.run(&["RPUSH", &key, "one", "two"]).await
    }

    async fn index(&self, user_id: &UserId) -> Result<Vec<SessionId>, BoxError> {
        let ids: Vec<String> = self.database.run(&["SMEMBERS", &self.index_key(user_id)]).await?;
        Ok(ids.into_iter().map(SessionId::from).collect())
    }

    async fn put_index_entry(&self, user_id: &UserId, id: &SessionId) -> Result<(), BoxError> {
        self.database.run(&["SADD", &self.index_key(user_id), id.as_str()]).await
    }

    async fn expire_session(&self, id: &SessionId) -> Result<(), BoxError> {
        self.database.run(&["PEXPIREAT", &self.session_key(id), "1"]).await
    }

    async fn recorded_expiry(&self, id: &SessionId) -> Result<Option<UnixMillis>, BoxError> {
        self.expiry(&self.session_key(id)).await
    }

    async fn recorded_index_expiry(&self, user_id: &UserId, _: &SessionId) -> Result<Option<UnixMillis>, BoxError> {
        self.expiry(&self.index_key(user_id)).await
    }

    async fn fail_write(&self, nth: usize) -> Result<(), BoxError> {
        self.front.fail_script(nth);
        Ok(())
    }
}
