//! Set-up and checks of this workspace: `cargo xtask help`.

#![expect(clippy::print_stdout, reason = "it talks to whoever runs it")]

mod tree;
mod steps;
mod packages;
mod node;
mod licences;
mod msrv;
mod prose;
mod wasm;
mod test;
mod ci;
mod fuzz;

use std::process::ExitCode;

use clap::Parser;

use crate::steps::Steps;

/// Set-up and checks of this workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Command {
    /// Installs what the tests need and runs all of them.
    Test,
    /// Everything that has to pass: formatting, lints, documentation, licences, features, tests.
    Ci,
    /// Checks each crate with the Rust version that it declares, by toolchains of rustup.
    Msrv {
        /// Installs the toolchains that are missing.
        #[arg(long)]
        install: bool,
    },
    /// Prints the words and phrases that CONTRIBUTING.md asks to replace.
    Prose,
    /// Builds the crates that run in Cloudflare Workers, and tests them in workerd.
    Wasm,
    /// Runs the benches.
    Bench,
    /// Runs the fuzz targets; needs a nightly toolchain.
    Fuzz {
        /// The target to run; all of them if there is none.
        target: Option<String>,
        /// How long to run each.
        #[arg(long, default_value_t = 60)]
        seconds: u32,
    },
}

fn main() -> ExitCode {
    let mut steps = Steps::default();
    match Command::parse() {
        Command::Test => test::run(&mut steps),
        Command::Ci => ci::run(&mut steps),
        Command::Msrv { install } => msrv::run(&mut steps, install),
        Command::Prose => steps.step("prose", prose::check),
        Command::Wasm => wasm::run(&mut steps),
        Command::Bench => steps.cargo("benches", &["bench", "--workspace", "--all-features", "--locked"]),
        Command::Fuzz { target, seconds } => fuzz::run(&mut steps, target.as_deref(), seconds),
    }
    steps.finish()
}
