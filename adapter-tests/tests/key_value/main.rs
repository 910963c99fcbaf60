//! The suite on `KvSessionAdapter` over an in-memory store that expires keys.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod backend;
mod store;

use std::process::ExitCode;

fn main() -> ExitCode {
    adapter_tests::harness::adapter(backend::KeyValue { expires_keys: true })
}
