//! Setup and checks of this workspace: see `cargo xtask help`.

#![expect(clippy::print_stdout, reason = "a command-line program")]

mod tree;
mod failures;
mod steps;
mod packages;
mod node;
mod licences;
mod msrv;
mod prose;
mod wasm;
mod test;
mod conformance;
mod fuzz;
mod ci;
mod guard;

use std::process::ExitCode;

use clap::Parser;

use crate::steps::Steps;

/// Setup and checks of this workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Command {
    /// Installs what the tests need, and runs all tests.
    Test,
    /// Runs the conformance suite of the SQL adapters on the database at a URL.
    Conformance {
        /// `postgres://…` or `mysql://…`, with a user who may create schemas or databases
        url: String,
    },
    /// Runs everything that has to pass: format, lints, features, packages, documentation, licences, prose, tests.
    Ci,
    /// Checks each crate with the Rust version that it declares, with toolchains of rustup.
    Msrv {
        /// Installs missing toolchains.
        #[arg(long)]
        install: bool,
    },
    /// Publishes the crates on crates.io.
    Publish {
        /// Builds them from their packages, and publishes nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Runs tools that read the whole workspace: unused dependencies, spelling, banned crates, sources, advisories. Installs
    /// those that are missing.
    Guard,
    /// Prints phrases that CONTRIBUTING.md asks to replace.
    Prose,
    /// Builds the crates for Cloudflare Workers, and tests them in workerd.
    Wasm,
    /// Runs the benches.
    Bench,
    /// Runs the fuzz targets on their corpus and on random input.
    Fuzz {
        /// The target to run [default: all]
        target: Option<String>,
        /// The duration of each run in seconds
        #[arg(long, default_value_t = 60)]
        seconds: u32,
    },
}

fn main() -> ExitCode {
    let mut steps = Steps::default();
    match Command::parse() {
        Command::Test => test::run(&mut steps),
        Command::Conformance { url } => conformance::run(&mut steps, &url),
        Command::Ci => ci::run(&mut steps),
        Command::Msrv { install } => msrv::run(&mut steps, install),
        Command::Publish { dry_run } => ci::publish(&mut steps, dry_run),
        Command::Guard => guard::run(&mut steps),
        Command::Prose => {
            steps.step("prose", prose::check);
        }
        Command::Wasm => wasm::run(&mut steps),
        Command::Bench => steps.cargo("benches", &["bench", "--workspace", "--all-features", "--locked"]),
        Command::Fuzz { target, seconds } => fuzz::run(&mut steps, target.as_deref(), seconds),
    }
    steps.run()
}
