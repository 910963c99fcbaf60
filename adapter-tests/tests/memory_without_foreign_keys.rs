//! The suite on the reference implementation without foreign keys.

use std::process::ExitCode;

use adapter_tests::{Backend, BoxError, Profile, Promise, Store};
use lucia_core::{async_trait, memory::MemoryAdapter};

struct Memory;

#[async_trait]
impl Backend for Memory {
    type Adapter = MemoryAdapter;

    fn profile(&self) -> Profile {
        Profile::relational()
            .without(Promise::COLUMNS)
            .without([Promise::KeysReferenceUsers, Promise::SessionsReferenceUsers])
    }

    async fn open(&self) -> Result<Store<MemoryAdapter>, BoxError> {
        Ok(Store::new(MemoryAdapter::without_foreign_keys()))
    }
}

fn main() -> ExitCode {
    adapter_tests::harness::adapter(Memory)
}
