//! The Rust versions that crates declare.

mod declared;

use std::process::{Command, Stdio};

pub(crate) use self::declared::check as check_declared;
use self::declared::{Crate, crates};
use crate::{
    steps::{Steps, execute},
    tree,
};

/// Checks each crate with the toolchain of its version. Without `install`, missing toolchains are an error.
pub(crate) fn run(steps: &mut Steps, install: bool) {
    steps.step("declared Rust versions", check_declared);
    let mut found = Vec::new();
    steps.step("toolchains", || {
        found = crates()?;
        let mut versions: Vec<_> = found.iter().map(|one| one.rust_version.clone()).collect();
        versions.sort();
        versions.dedup();
        versions.retain(|version| !is_installed(version));
        if versions.is_empty() {
            return Ok(());
        }
        let arguments = ["toolchain", "install", "--profile", "minimal"];
        if install {
            return execute(Command::new("rustup").args(arguments).args(&versions));
        }
        found.retain(|one| !versions.contains(&one.rust_version));
        Err(format!("missing: rustup {} {}", arguments.join(" "), versions.join(" ")))
    });
    for Crate { name, manifest, rust_version, .. } in &found {
        let mut check = rustup_run(rust_version);
        check
            .args(["cargo", "check", "--locked", "--all-features", "--manifest-path"])
            .arg(manifest)
            // Keeps the builds of other toolchains apart.
            .env("CARGO_TARGET_DIR", tree::target("msrv"));
        steps.command(&format!("{name} with Rust {rust_version}"), &mut check);
    }
}

fn is_installed(version: &str) -> bool {
    let mut command = rustup_run(version);
    command.args(["cargo", "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn rustup_run(version: &str) -> Command {
    let mut command = Command::new("rustup");
    command.current_dir(tree::root()).args(["run", version]);
    command
}
