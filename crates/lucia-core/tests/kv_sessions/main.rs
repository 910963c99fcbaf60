//! Tests of `KvSessionAdapter` beyond the conformance suite: its requests, data of Lucia JS, and faulty stores.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod allowance;
mod bad_keys;
mod cached;
mod conditional;
mod conditional_layout;
mod during_listing;
mod expired;
mod hostile;
mod interrupted;
mod lifecycle;
mod lucia_js;
mod marks;
mod repeated;
mod requests;
mod store;

use std::{sync::Arc, time::Duration};

use lucia_core::{
    ManualClock, SessionSchema, UnixMillis,
    kv::{KvConfig, KvLayout, KvSessionAdapter, KvStore, MemoryKvStore},
};

const NOW: UnixMillis = UnixMillis::new(1_800_000_000_000);
const HOUR: Duration = Duration::from_secs(3_600);

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(NOW))
}

fn memory() -> MemoryKvStore {
    MemoryKvStore::new(clock())
}

fn layout() -> KvLayout {
    KvLayout::new("session", "user_session").unwrap()
}

fn config() -> KvConfig {
    KvConfig::from(layout()).clock(clock())
}

fn adapter<S: KvStore>(store: S) -> KvSessionAdapter<S> {
    KvSessionAdapter::with_config(store, config()).unwrap()
}

fn session(id: &str, user_id: &str) -> SessionSchema {
    SessionSchema::new(id, user_id, NOW.saturating_add(HOUR), NOW.saturating_add(2 * HOUR))
}

fn ids(sessions: &[SessionSchema]) -> Vec<&str> {
    let mut ids: Vec<_> = sessions.iter().map(|session| session.id.as_str()).collect();
    ids.sort_unstable();
    ids
}
