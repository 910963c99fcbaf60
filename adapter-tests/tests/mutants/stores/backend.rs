use std::sync::{Arc, Mutex, atomic::AtomicU64};

use adapter_tests::{Backend, BoxError, Profile, Store};
use lucia_core::{Clock, ManualClock, UnixMillis, async_trait};

use super::mutant::{Bug, Mutant};

/// A key-value store with a bug.
pub(crate) struct Stores(pub(crate) Bug);

const NOW: UnixMillis = UnixMillis::new(1_800_000_000_000);

#[async_trait]
impl Backend for Stores {
    type Adapter = Mutant;

    fn profile(&self) -> Profile {
        Profile::none()
    }

    async fn open(&self) -> Result<Store<Mutant>, BoxError> {
        Ok(Store::new(Mutant { keys: Mutex::default(), requests: AtomicU64::new(1), now: NOW, bug: self.0 }))
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(ManualClock::new(NOW))
    }
}
