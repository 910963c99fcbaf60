//! Tests that Prisma Client and Lucia JS share tables with this crate.
//!
//! The scripts in `node/` run in Node. They are installed once, in Cargo's target folder.

#![expect(clippy::unwrap_used, reason = "these are tests, which Clippy does not see where there is no harness")]

mod cases;
mod client;
mod database;
mod install;
mod members;
mod provider;
mod servers;
mod values;

use std::{process::ExitCode, sync::Arc};

use libtest_mimic::{Arguments, Trial};
use tokio::runtime::Builder;

use crate::{
    cases::{CASES, POSTGRES_CASES, SERVER_CASES, SQLITE_CASES},
    provider::Provider,
};

fn main() -> ExitCode {
    let runtime = Arc::new(Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap());
    let trial = |provider: Provider, name: &str, case: cases::Case| {
        let runtime = Arc::clone(&runtime);
        Trial::test(format!("{}::{name}", provider.label()), move || {
            runtime.block_on(case(provider));
            Ok(())
        })
    };
    let trials = Provider::ALL.iter().flat_map(|provider| {
        let own: &[&[_]] = match provider {
            Provider::Sqlite(_) => &[CASES, SQLITE_CASES],
            Provider::Postgres => &[CASES, SERVER_CASES, POSTGRES_CASES],
            Provider::MySql => &[CASES, SERVER_CASES],
        };
        own.iter().copied().flatten().map(|(name, case)| trial(*provider, name, *case)).collect::<Vec<_>>()
    });
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials.collect());
    runtime.block_on(servers::end());
    conclusion.exit_code()
}
