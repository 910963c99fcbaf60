use std::sync::{Arc, PoisonError};

use adapter_tests::{Access, BackDoor, Backend, BoxError, Profile, Promise, Store};
use lucia_core::{Clock, ManualClock, SystemClock, async_trait};

use super::mutant::{Bug, Mutant};
use crate::stored;

/// Tables with an adapter that has a bug.
pub(crate) struct Table {
    pub(crate) bug: Bug,
    /// `true` makes only the promises of tables without constraints.
    pub(crate) loose: bool,
}

#[async_trait]
impl Backend for Table {
    type Adapter = Arc<Mutant>;

    fn profile(&self) -> Profile {
        if self.loose {
            return Profile::none().with([Promise::AtomicWrites, Promise::AtomicRotation]);
        }
        let profile = Profile::relational().with_access([Access::StoredBytes]);
        if self.bug.needs_loose_tables() {
            profile.without([Promise::KeysReferenceUsers, Promise::SessionsReferenceUsers])
        } else {
            profile
        }
    }

    async fn open(&self) -> Result<Store<Arc<Mutant>>, BoxError> {
        let mutant = Arc::new(self.bug.build(self.loose));
        Ok(Store::new(Arc::clone(&mutant)).with_back_door(Door(mutant)))
    }

    /// Sessions of a case expire at the same time, so that the outcome is always the same.
    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(ManualClock::new(SystemClock.now()))
    }
}

struct Door(Arc<Mutant>);

#[async_trait]
impl BackDoor for Door {
    async fn stored_bytes(&self) -> Result<Vec<u8>, BoxError> {
        let mut stored = stored::Door(self.0.sound.memory.clone()).stored_bytes().await?;
        let unknown = self.0.unknown.lock().unwrap_or_else(PoisonError::into_inner);
        stored.extend(unknown.iter().flat_map(|id| id.as_str().bytes()));
        Ok(stored)
    }
}
