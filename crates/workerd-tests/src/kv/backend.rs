use std::sync::Arc;

use adapter_cloudflare_kv::CloudflareKvStore;
use adapter_tests::{Access, Backend, BoxError, Profile, Store};
use async_trait::async_trait;
use lucia_core::{
    Clock, SystemClock,
    kv::{KvConfig, KvLayout, KvSessionAdapter},
};
use worker::Env;

use super::{KvBackDoor, WatchedStore};
use crate::number::next_number;

pub(crate) type SessionAdapter = KvSessionAdapter<WatchedStore>;

/// Sessions in KV.
pub(crate) struct Sessions {
    env: Env,
}

impl Sessions {
    pub(crate) const fn new(env: Env) -> Self {
        Self { env }
    }
}

pub(super) fn watched_store(env: &Env) -> Result<WatchedStore, BoxError> {
    Ok(WatchedStore::new(CloudflareKvStore::new(env.kv("KV")?)))
}

pub(crate) fn open_sessions(
    env: &Env,
    session: &str,
    user_sessions: &str,
) -> Result<(SessionAdapter, KvBackDoor), BoxError> {
    let layout = KvLayout::new(session, user_sessions)?;
    let store = watched_store(env)?;
    let back_door = KvBackDoor { kv: env.kv("KV")?, layout: layout.clone(), store: store.clone() };
    Ok((KvSessionAdapter::with_config(store, KvConfig::from(layout).clock(SystemClock))?, back_door))
}

pub(crate) fn session_profile() -> Profile {
    let access = Access::ALL.iter().filter(|access| **access != Access::Neighbours);
    Profile::key_value().with_access(access)
}

#[async_trait]
impl Backend for Sessions {
    type Adapter = SessionAdapter;

    fn profile(&self) -> Profile {
        session_profile().with_access([Access::Neighbours])
    }

    async fn open(&self) -> Result<Store<SessionAdapter>, BoxError> {
        let number = next_number();
        let (adapter, back_door) = open_sessions(&self.env, &format!("{number}s"), &format!("{number}u"))?;
        Ok(Store::new(adapter).with_back_door(back_door))
    }

    async fn open_neighbours(&self) -> Result<(Store<SessionAdapter>, Store<SessionAdapter>), BoxError> {
        let number = next_number();
        let open = |name: &str| {
            let (adapter, back_door) =
                open_sessions(&self.env, &format!("{number}s{name}"), &format!("{number}u{name}"))?;
            Ok::<_, BoxError>(Store::new(adapter).with_back_door(back_door))
        };
        Ok((open(":a")?, open(":a:b")?))
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(SystemClock)
    }
}
