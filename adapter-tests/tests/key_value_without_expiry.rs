//! The suite on `KvSessionAdapter` over an in-memory store without expiry, without and with conditional writes.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

#[path = "key_value/backend.rs"]
mod backend;
#[path = "key_value/store.rs"]
mod store;

use std::{process::ExitCode, sync::Arc};

use adapter_tests::harness::Harness;

fn main() -> ExitCode {
    let [plain, conditional] =
        [false, true].map(|conditional| Arc::new(backend::KeyValue { expires_keys: false, conditional }));
    let harness = Harness::new().adapter(&plain).session_scan(&plain);
    harness.named("conditional").adapter(&conditional).session_scan(&conditional).run()
}
