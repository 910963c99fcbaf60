//! Helpers of the tests: an adapter that records calls and fails on demand, a cheap hasher, and an `Auth` with both.

mod counting_hasher;
mod probe;

use std::sync::Arc;

use lucia_auth::{
    Auth, AuthBuilder, Env, ManualClock, NewUser, SplitAdapter, UnixMillis, UserId, memory::MemoryAdapter,
};

pub(crate) use self::{counting_hasher::CountingHasher, probe::Probe};

pub(crate) const NOW: UnixMillis = UnixMillis::new(1_700_000_000_123);
pub(crate) const DAY: std::time::Duration = std::time::Duration::from_secs(86_400);

/// The environment of an `Auth`: its adapter, clock and hasher.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) adapter: Arc<Probe>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) hasher: CountingHasher,
}

impl World {
    /// Creates one store with foreign keys.
    pub(crate) fn new() -> Self {
        Self::on(Probe::new(MemoryAdapter::new()))
    }

    /// Creates two stores without foreign keys between them.
    pub(crate) fn split() -> Self {
        Self::on(Probe::new(SplitAdapter::new(MemoryAdapter::new(), MemoryAdapter::without_foreign_keys())))
    }

    fn on(probe: Probe) -> Self {
        Self { adapter: Arc::new(probe), clock: Arc::new(ManualClock::new(NOW)), hasher: CountingHasher::default() }
    }

    pub(crate) fn builder(&self) -> AuthBuilder {
        Auth::builder(Arc::clone(&self.adapter))
            .clock(Arc::clone(&self.clock))
            .password_hash(self.hasher.clone())
            .env(Env::Prod)
    }

    pub(crate) fn auth(&self) -> Auth {
        self.builder().build().unwrap()
    }
}

pub(crate) async fn a_user(auth: &Auth) -> UserId {
    auth.create_user(NewUser::new()).await.unwrap().id
}
