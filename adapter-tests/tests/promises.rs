//! Tests that a failed case names the promise that the backend does not keep.

use std::sync::Arc;

use adapter_tests::{Backend, BoxError, Profile, Promise, Store};
use lucia_core::{async_trait, memory::MemoryAdapter};

/// The adapter in memory, with promises that it does not keep.
struct Overpromising(&'static [Promise]);

#[async_trait]
impl Backend for Overpromising {
    type Adapter = MemoryAdapter;

    fn profile(&self) -> Profile {
        Profile::relational().without(Promise::COLUMNS).with(self.0)
    }

    async fn open(&self) -> Result<Store<MemoryAdapter>, BoxError> {
        Ok(Store::new(MemoryAdapter::new()))
    }
}

#[tokio::test]
async fn a_failed_case_names_its_promise() {
    for promise in Promise::COLUMNS {
        let backend = Arc::new(Overpromising(std::slice::from_ref(promise)));
        let report = adapter_tests::run_adapter(&backend).await;
        assert!(report.failed().next().is_some(), "{promise:?}");
        for (name, message) in report.failed() {
            let advice = format!("; or remove `Promise::{promise:?}` from the profile");
            assert!(message.ends_with(&advice), "{name}: {message}");
        }
    }
}
