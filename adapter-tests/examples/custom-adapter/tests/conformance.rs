//! All that it takes to run the suite: a store for each case, and what the store promises.

use std::process::ExitCode;

use adapter_tests::{Backend, BoxError, Profile, Promise, Store, harness};
use custom_adapter::JsonAdapter;
use lucia_core::async_trait;

struct Json;

#[async_trait]
impl Backend for Json {
    type Adapter = JsonAdapter;

    fn profile(&self) -> Profile {
        // It knows no users, expires nothing, and leaves rotation to the default method.
        Profile::none().with(Promise::ExactIds).with(Promise::AtomicWrites).with(Promise::AtomicDeleteAll)
    }

    async fn open(&self) -> Result<Store<JsonAdapter>, BoxError> {
        Ok(Store::new(JsonAdapter::default()))
    }
}

fn main() -> ExitCode {
    harness::session_adapter(Json)
}
