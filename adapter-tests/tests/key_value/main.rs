//! The suite on `KvSessionAdapter` over an in-memory store that expires keys.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod backend;
mod store;

use std::{process::ExitCode, sync::Arc};

use adapter_tests::harness::Harness;

fn main() -> ExitCode {
    let backend = Arc::new(backend::KeyValue { expires_keys: true });
    Harness::new().adapter(&backend).session_scan(&backend).run()
}
