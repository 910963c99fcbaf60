//! The suite on users and keys in one store and sessions in another: `adapter: { user, session }` in Lucia JS.

mod stored;

use std::{process::ExitCode, sync::Arc};

use adapter_tests::{Access, Backend, BoxError, Profile, Promise, Store, harness::Harness};
use lucia_core::{SplitAdapter, async_trait, memory::MemoryAdapter};

use self::stored::Door;

struct Split;

#[async_trait]
impl Backend for Split {
    type Adapter = SplitAdapter<MemoryAdapter, MemoryAdapter>;

    fn profile(&self) -> Profile {
        Profile::relational()
            .without(Promise::COLUMNS)
            .without([Promise::SessionsReferenceUsers])
            .with_access([Access::StoredBytes])
    }

    async fn open(&self) -> Result<Store<Self::Adapter>, BoxError> {
        let sessions = MemoryAdapter::without_foreign_keys();
        let adapter = SplitAdapter::new(MemoryAdapter::new(), sessions.clone());
        Ok(Store::new(adapter).with_back_door(Door(sessions)))
    }
}

fn main() -> ExitCode {
    let backend = Arc::new(Split);
    Harness::new().adapter(&backend).session_scan(&backend).run()
}
