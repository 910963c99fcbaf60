//! Runs the conformance suite on the adapter.

use std::process::ExitCode;

use adapter_tests::{Backend, BoxError, Profile, Promise, Store};
use custom_adapter::MapAdapter;
use lucia_core::async_trait;

struct Map;

#[async_trait]
impl Backend for Map {
    type Adapter = MapAdapter;

    fn profile(&self) -> Profile {
        Profile::none().with([
            Promise::ExactIds,
            Promise::AtomicWrites,
            Promise::AtomicRotation,
            Promise::AtomicDeleteAll,
        ])
    }

    async fn open(&self) -> Result<Store<MapAdapter>, BoxError> {
        Ok(Store::new(MapAdapter::new()))
    }
}

fn main() -> ExitCode {
    adapter_tests::harness::session_adapter(Map)
}
