//! The suite on the conditional writes of the key-value store in memory.

use std::{process::ExitCode, sync::Arc};

use adapter_tests::{Backend, BoxError, Profile, Store, harness::Harness};
use lucia_core::{SystemClock, async_trait, kv::MemoryKvStore};

struct Memory;

#[async_trait]
impl Backend for Memory {
    type Adapter = MemoryKvStore;

    fn profile(&self) -> Profile {
        Profile::none()
    }

    async fn open(&self) -> Result<Store<MemoryKvStore>, BoxError> {
        Ok(Store::new(MemoryKvStore::new(SystemClock).with_conditional_writes()))
    }
}

fn main() -> ExitCode {
    Harness::new().kv_store(&Arc::new(Memory)).run()
}
