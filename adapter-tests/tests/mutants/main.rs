//! Tests of the suite: correct adapters pass, and each broken one fails exactly the expected cases.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod key_value;
mod scans;
mod stores;
#[path = "../stored/mod.rs"]
mod stored;
mod table;
mod tokens;

use std::{collections::BTreeSet, process::ExitCode, sync::Arc};

use adapter_tests::{Family, Report, all_cases};
use libtest_mimic::{Arguments, Failed, Trial};
use tokio::runtime::{Builder, Runtime};

use crate::key_value::Form;

/// One thread runs both sides of a race, so that the outcome is always the same.
fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// The maximum length of a message in bytes, for a human reader.
const MAX_MESSAGE: usize = 1_000;

fn compare(report: &Report, expected: &[&str]) -> Result<(), Failed> {
    if let Some((name, message)) = report.failed().find(|(_, message)| message.len() > MAX_MESSAGE) {
        return Err(format!("{name} fails with a message of {} bytes", message.len()).into());
    }
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

/// Checks that every case of the contract fails for some mutant. The cases of `lucia-auth` also test that crate.
fn every_case_notices_a_mutant() -> Result<(), Failed> {
    let noticed = [key_value::WHOLE, key_value::LOOSE, key_value::CLOSED].into_iter().flatten();
    let noticed = noticed.map(|(_, cases)| *cases);
    let noticed = noticed.chain([table::WHOLE, table::LOOSE].into_iter().flatten().map(|(_, cases)| *cases));
    let tokens = [tokens::TABLE, tokens::EXPIRING, tokens::LOOSE].into_iter().flatten();
    let noticed = noticed.chain(tokens.map(|(_, cases)| *cases)).chain(scans::EXPECTED.iter().map(|(_, cases)| *cases));
    let noticed = noticed.chain(stores::EXPECTED.iter().map(|(_, cases)| *cases));
    let noticed: BTreeSet<_> = noticed.flatten().copied().collect();
    let cases = all_cases().into_iter().filter(|case| case.family != Family::Core).map(|case| case.name);
    let unnoticed: Vec<_> = cases.filter(|case| !noticed.contains(case)).collect();
    if unnoticed.is_empty() { Ok(()) } else { Err(format!("no mutant fails {unnoticed:?}").into()) }
}

fn main() -> ExitCode {
    let mut trials = vec![Trial::test("every_case_notices_a_mutant", every_case_notices_a_mutant)];
    for (name, form, expected) in [
        ("key_value", Form::Whole, key_value::WHOLE),
        ("loose_key_value", Form::Loose, key_value::LOOSE),
        ("closed_key_value", Form::Closed, key_value::CLOSED),
    ] {
        trials.extend(expected.iter().map(|(bug, cases)| {
            Trial::test(format!("{name}::{bug:?}"), move || {
                let backend = Arc::new(key_value::KeyValue { bug: *bug, form });
                compare(&runtime().block_on(adapter_tests::run_session_adapter(&backend)), cases)
            })
        }));
    }
    for (loose, expected) in [(false, table::WHOLE), (true, table::LOOSE)] {
        trials.extend(expected.iter().map(|(bug, cases)| {
            let name = format!("{}table::{bug:?}", if loose { "loose_" } else { "" });
            Trial::test(name, move || {
                let backend = Arc::new(table::Table { bug: *bug, loose });
                compare(&runtime().block_on(adapter_tests::run_adapter(&backend)), cases)
            })
        }));
    }
    for (name, form, expected) in [
        ("tokens", tokens::Form::Table, tokens::TABLE),
        ("expiring_tokens", tokens::Form::Expiring, tokens::EXPIRING),
        ("loose_tokens", tokens::Form::Loose, tokens::LOOSE),
    ] {
        trials.extend(expected.iter().map(|(bug, cases)| {
            Trial::test(format!("{name}::{bug:?}"), move || {
                let backend = Arc::new(tokens::Tokens { bug: *bug, form });
                compare(&runtime().block_on(adapter_tests::run_token_adapter(&backend)), cases)
            })
        }));
    }
    trials.extend(scans::EXPECTED.iter().map(|(bug, cases)| {
        Trial::test(format!("scans::{bug:?}"), move || {
            let backend = Arc::new(scans::Scans(*bug));
            compare(&runtime().block_on(adapter_tests::run_session_scan(&backend)), cases)
        })
    }));
    trials.extend(stores::EXPECTED.iter().map(|(bug, cases)| {
        Trial::test(format!("stores::{bug:?}"), move || {
            let backend = Arc::new(stores::Stores(*bug));
            compare(&runtime().block_on(adapter_tests::run_kv_store(&backend)), cases)
        })
    }));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
