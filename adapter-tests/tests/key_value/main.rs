//! The suite on `KvSessionAdapter` over an in-memory store that expires keys, without and with conditional writes.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod backend;
mod store;

use std::{process::ExitCode, sync::Arc};

use adapter_tests::harness::Harness;

fn main() -> ExitCode {
    let [plain, conditional] =
        [false, true].map(|conditional| Arc::new(backend::KeyValue { expires_keys: true, conditional }));
    let harness = Harness::new().adapter(&plain).session_scan(&plain);
    harness.named("conditional").adapter(&conditional).session_scan(&conditional).run()
}
