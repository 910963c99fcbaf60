//! The suite on users and keys in one store and sessions in another: `adapter: { user, session }` in Lucia JS.

use std::process::ExitCode;

use adapter_tests::{Backend, BoxError, Profile, Promise, Store};
use lucia_core::{SplitAdapter, async_trait, memory::MemoryAdapter};

struct Split;

#[async_trait]
impl Backend for Split {
    type Adapter = SplitAdapter<MemoryAdapter, MemoryAdapter>;

    fn profile(&self) -> Profile {
        Profile::relational().without(Promise::COLUMNS).without([Promise::SessionsReferenceUsers])
    }

    async fn open(&self) -> Result<Store<Self::Adapter>, BoxError> {
        Ok(Store::new(SplitAdapter::new(MemoryAdapter::new(), MemoryAdapter::without_foreign_keys())))
    }
}

fn main() -> ExitCode {
    adapter_tests::harness::adapter(Split)
}
