//! The suite on `KvSessionAdapter` over an in-memory store without expiry.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

#[path = "key_value/backend.rs"]
mod backend;
#[path = "key_value/store.rs"]
mod store;

use std::{process::ExitCode, sync::Arc};

use adapter_tests::harness::Harness;

fn main() -> ExitCode {
    let backend = Arc::new(backend::KeyValue { expires_keys: false });
    Harness::new().adapter(&backend).session_scan(&backend).run()
}
