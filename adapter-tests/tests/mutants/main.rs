//! The suite, tested: sound adapters pass it, and each broken one fails the cases that name its bug, and no other.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod expected;
mod key_value;
mod table;

use std::{collections::BTreeSet, fmt::Debug, process::ExitCode, sync::Arc};

use adapter_tests::Report;
use libtest_mimic::{Arguments, Failed, Trial};
use tokio::runtime::{Builder, Runtime};

/// Races have to come out the same way each time, so one thread runs both sides of them.
fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn compare(report: &Report, expected: &[&str]) -> Result<(), Failed> {
    let failed: BTreeSet<_> = report.failed().map(|(name, _)| name).collect();
    let expected: BTreeSet<_> = expected.iter().copied().collect();
    if failed == expected {
        return Ok(());
    }
    let survived: Vec<_> = expected.difference(&failed).collect();
    let unrelated = report.failed().filter(|(name, _)| !expected.contains(name));
    let unrelated: Vec<_> = unrelated.map(|(name, message)| format!("{name}: {message}")).collect();
    Err(format!("not noticed by {survived:?}\nbut by {unrelated:#?}").into())
}

fn main() -> ExitCode {
    let mut trials = Vec::new();
    for (loose, expected) in [(false, expected::KEY_VALUE), (true, expected::LOOSE_KEY_VALUE)] {
        trials.extend(expected.iter().map(|(bug, cases)| {
            Trial::test(name("key_value", loose, bug), move || {
                let backend = Arc::new(key_value::KeyValue { bug: *bug, loose });
                compare(&runtime().block_on(adapter_tests::run_session_adapter(&backend)), cases)
            })
        }));
    }
    for (loose, expected) in [(false, expected::TABLE), (true, expected::LOOSE_TABLE)] {
        trials.extend(expected.iter().map(|(bug, cases)| {
            Trial::test(name("table", loose, bug), move || {
                let backend = Arc::new(table::Table { bug: *bug, loose });
                compare(&runtime().block_on(adapter_tests::run_adapter(&backend)), cases)
            })
        }));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn name(store: &str, loose: bool, bug: impl Debug) -> String {
    format!("{}{store}::{bug:?}", if loose { "loose_" } else { "" })
}
