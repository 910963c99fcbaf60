//! The suite on the reference implementation.

use std::process::ExitCode;

use adapter_tests::{Backend, BoxError, Profile, Promise, Store};
use lucia_core::{async_trait, memory::MemoryAdapter};

struct Memory;

#[async_trait]
impl Backend for Memory {
    type Adapter = MemoryAdapter;

    fn profile(&self) -> Profile {
        Profile::relational().without(Promise::COLUMNS)
    }

    async fn open(&self) -> Result<Store<MemoryAdapter>, BoxError> {
        Ok(Store::new(MemoryAdapter::new()))
    }
}

fn main() -> ExitCode {
    adapter_tests::harness::adapter(Memory)
}
