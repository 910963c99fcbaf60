//! The stores that URLs name.

mod database;
mod redis;

use std::sync::Arc;

use adapter_kv_http::{KvSessionAdapter, UnstorageConfig, UnstorageStore};
use lucia_auth::{Auth, AuthBuilder};
use lucia_core::{SessionScan, SplitAdapter, memory::MemoryAdapter};

pub(crate) use self::{database::Database, redis::Redis};
use crate::{
    arguments::{Names, StoreArguments},
    failure::Failure,
};

/// A store of sessions.
pub(crate) enum SessionStore {
    Database(Database),
    Redis(Redis),
    Unstorage(String),
}

impl SessionStore {
    /// Connects to the store that a URL names. No error repeats the URL, which may have a password.
    pub(crate) async fn connect(url: &str, names: &Names) -> Result<Self, Failure> {
        match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("redis" | "rediss" | "valkey" | "valkeys") => Redis::connect(url).await.map(Self::Redis),
            Some("http" | "https") => Ok(Self::Unstorage(url.to_owned())),
            _ => Database::connect(url, names).await.map(Self::Database),
        }
    }

    /// Connects to the store of sessions: `--sessions` or else `--database`.
    pub(crate) async fn of(arguments: &StoreArguments) -> Result<Self, Failure> {
        let url = arguments.sessions.as_ref().or(arguments.database.as_ref());
        let url = url.ok_or("no store: name one with --sessions or --database (SESSIONS_URL, DATABASE_URL)")?;
        Self::connect(url, &arguments.names).await
    }

    pub(crate) async fn adapter(&self, names: &Names) -> Result<Arc<dyn SessionScan>, Failure> {
        Ok(match self {
            Self::Database(database) => Arc::new(database.adapter(names).await?),
            Self::Redis(redis) => Arc::new(redis.adapter(names).await?),
            Self::Unstorage(url) => {
                let config = UnstorageConfig::new();
                let config = match &names.unstorage_token {
                    Some(token) => config.bearer_token(token),
                    None => config,
                };
                Arc::new(KvSessionAdapter::new(UnstorageStore::with_config(url, config)?))
            }
        })
    }

    /// Returns what reports call the store.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Database(database) => database.name(),
            Self::Redis(_) => "Redis",
            Self::Unstorage(_) => "unstorage",
        }
    }
}

/// Connects to the database of users and keys.
pub(crate) async fn users(arguments: &StoreArguments) -> Result<Database, Failure> {
    let url = arguments.database.as_ref().ok_or("no database: name one with --database (DATABASE_URL)")?;
    Database::connect(url, &arguments.names).await
}

/// Returns an `Auth` for users and sessions.
pub(crate) async fn auth(arguments: &StoreArguments) -> Result<AuthBuilder, Failure> {
    let database = users(arguments).await?;
    Ok(match &arguments.sessions {
        None => Auth::builder(database.adapter(&arguments.names).await?),
        Some(url) => {
            let sessions = SessionStore::connect(url, &arguments.names).await?.adapter(&arguments.names).await?;
            Auth::builder(SplitAdapter::new(database.user_adapter(&arguments.names).await?, sessions))
        }
    })
}

/// Returns an `Auth` for sessions alone.
pub(crate) fn auth_of_sessions(sessions: Arc<dyn SessionScan>) -> Result<Auth, Failure> {
    Ok(Auth::builder(SplitAdapter::new(MemoryAdapter::without_foreign_keys(), sessions)).build()?)
}
