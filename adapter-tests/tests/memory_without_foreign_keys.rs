//! The suite on the reference implementation without foreign keys.

mod stored;

use std::{process::ExitCode, sync::Arc};

use adapter_tests::{Access, Backend, BoxError, Profile, Promise, Store, harness::Harness};
use lucia_core::{async_trait, memory::MemoryAdapter};

use self::stored::Door;

struct Memory;

#[async_trait]
impl Backend for Memory {
    type Adapter = MemoryAdapter;

    fn profile(&self) -> Profile {
        Profile::relational()
            .without(Promise::COLUMNS)
            .without([Promise::KeysReferenceUsers, Promise::SessionsReferenceUsers, Promise::TokensReferenceUsers])
            .with_access([Access::StoredBytes])
    }

    async fn open(&self) -> Result<Store<MemoryAdapter>, BoxError> {
        let adapter = MemoryAdapter::without_foreign_keys();
        Ok(Store::new(adapter.clone()).with_users(Arc::new(adapter.clone())).with_back_door(Door(adapter)))
    }
}

fn main() -> ExitCode {
    let backend = Arc::new(Memory);
    Harness::new().adapter(&backend).session_scan(&backend).token_adapter(&backend).run()
}
