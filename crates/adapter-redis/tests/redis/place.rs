use std::{
    fmt::Debug,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use adapter_redis::{
    ConnectConfig, Connections, RedisConfig, RedisSessionAdapter, RedisTokenAdapter,
    redis::{Cmd, FromRedisValue, ToRedisArgs, aio::ConnectionManager, cmd},
};
use lucia_core::{
    AdapterError, AdapterErrorKind, AdapterResult, Attributes, Clock, SessionId, SessionSchema, SystemClock, TokenKind,
    TokenSchema, UnixMillis, UserId,
};
use test_servers::Service;

use crate::expiry::expiry;

/// The server of all tests in this process, which ends with it.
pub(crate) fn url() -> &'static str {
    static SERVER: OnceLock<Service> = OnceLock::new();
    SERVER.get_or_init(|| test_servers::redis().expect("a Redis server")).url()
}

/// A busy machine is not an outage.
pub(crate) fn patiently() -> ConnectConfig {
    const PATIENCE: Duration = Duration::from_secs(20);
    ConnectConfig::new().response_timeout(PATIENCE).connect_timeout(PATIENCE)
}

/// Unique prefixes on a server, with direct access to its keys.
#[derive(Clone)]
pub(crate) struct Place {
    raw: ConnectionManager,
    pub(crate) name: String,
}

impl Place {
    pub(crate) async fn new() -> Self {
        Self::on(url()).await
    }

    pub(crate) async fn on(url: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let folder = tempfile::tempdir().unwrap();
        let random = folder.path().file_name().unwrap().to_string_lossy().replace('.', "");
        let name = format!("{random}{}", NEXT.fetch_add(1, Ordering::Relaxed));
        Self { raw: patiently().connect(url).await.unwrap(), name }
    }

    pub(crate) fn connections(&self) -> ConnectionManager {
        self.raw.clone()
    }

    pub(crate) fn config(&self) -> RedisConfig {
        config(&self.name)
    }

    pub(crate) async fn adapter(&self) -> RedisSessionAdapter<ConnectionManager> {
        self.adapter_on(self.connections()).await
    }

    pub(crate) async fn adapter_on<C: Connections>(&self, connections: C) -> RedisSessionAdapter<C> {
        RedisSessionAdapter::with_config(connections, self.config()).await.unwrap()
    }

    pub(crate) async fn tokens(&self) -> RedisTokenAdapter<ConnectionManager> {
        self.tokens_on(self.connections()).await
    }

    pub(crate) async fn tokens_on<C: Connections>(&self, connections: C) -> RedisTokenAdapter<C> {
        RedisTokenAdapter::with_config(connections, self.config()).await.unwrap()
    }

    pub(crate) fn session_key(&self, id: &str) -> String {
        format!("{}:s:{id}", self.name)
    }

    pub(crate) fn user_sessions_key(&self, user: &str) -> String {
        format!("{}:u:{user}", self.name)
    }

    pub(crate) fn token_key(&self, id: &str) -> String {
        format!("{}:t:{id}", self.name)
    }

    pub(crate) fn user_tokens_key(&self, user: &str) -> String {
        format!("{}:ut:{user}", self.name)
    }

    pub(crate) fn counter_key(&self, key: &str) -> String {
        format!("{}:c:{key}", self.name)
    }

    /// Runs a command without the adapter.
    pub(crate) async fn run<T: FromRedisValue>(&self, name: &str, key: &str, arguments: impl ToRedisArgs) -> T {
        let mut command = cmd(name);
        command.arg(key).arg(arguments);
        self.query(&command).await
    }

    pub(crate) async fn query<T: FromRedisValue>(&self, command: &Cmd) -> T {
        command.query_async(&mut self.raw.clone()).await.unwrap()
    }

    pub(crate) async fn exists(&self, key: &str) -> bool {
        self.run::<i64>("EXISTS", key, &[] as &[&str]).await == 1
    }

    pub(crate) async fn index(&self, user: &str) -> Vec<String> {
        let mut ids: Vec<String> = self.run("SMEMBERS", &self.user_sessions_key(user), &[] as &[&str]).await;
        ids.sort();
        ids
    }

    /// Returns the expiry of a key; -1 for never, -2 for an absent key.
    pub(crate) async fn expiry(&self, key: &str) -> i64 {
        expiry(&mut self.raw.clone(), key).await.unwrap()
    }
}

/// Returns settings whose prefixes start with this name.
pub(crate) fn config(name: &str) -> RedisConfig {
    RedisConfig::new()
        .session_prefix(format!("{name}:s"))
        .user_sessions_prefix(format!("{name}:u"))
        .token_prefix(format!("{name}:t"))
        .user_tokens_prefix(format!("{name}:ut"))
        .counter_prefix(format!("{name}:c"))
}

pub(crate) const KIND: TokenKind = TokenKind::from_static("password_reset");

/// Returns a token of a user that expires after an hour.
pub(crate) fn token(id: &str, user: &str) -> TokenSchema {
    TokenSchema::new(id, KIND, hours(1)).with_user_id(user).with_data("ada@example.com")
}

pub(crate) fn now() -> UnixMillis {
    SystemClock.now()
}

pub(crate) fn hours(hours: u64) -> UnixMillis {
    now().saturating_add(Duration::from_secs(hours * 3_600))
}

/// Returns a session that is active for an hour and expires after ten.
pub(crate) fn session(id: &str, user: &str) -> SessionSchema {
    SessionSchema::new(id, user, hours(1), hours(10))
}

pub(crate) fn id(id: &str) -> SessionId {
    id.into()
}

pub(crate) fn user(user: &str) -> UserId {
    user.into()
}

pub(crate) fn attribute(name: &str, value: impl Into<serde_json::Value>) -> Attributes {
    Attributes::from([(name, value)])
}

pub(crate) fn ids(sessions: &[SessionSchema]) -> Vec<&str> {
    let mut ids: Vec<_> = sessions.iter().map(|session| session.id.as_str()).collect();
    ids.sort_unstable();
    ids
}

#[track_caller]
pub(crate) fn assert_kind<T: Debug>(outcome: AdapterResult<T>, kind: AdapterErrorKind) -> AdapterError {
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), kind, "{error:?}");
    error
}
