//! The Rust versions that crates declare.

mod declared;

use std::{
    collections::{BTreeMap, BTreeSet},
    process::{Command, Stdio},
};

pub(crate) use self::declared::check as check_declared;
use self::declared::{Crate, crates};
use crate::{
    steps::{Steps, execute},
    tree,
};

/// Checks each crate with the toolchain of its version. Without `install`, missing toolchains are an error.
pub(crate) fn run(steps: &mut Steps, install: bool) {
    steps.step("declared Rust versions", check_declared);
    let found = match crates() {
        Ok(found) => found,
        Err(error) => {
            steps.step("crates", || Err(error));
            return;
        }
    };
    let versions: BTreeSet<_> = found.iter().map(|one| one.rust_version.clone()).collect();
    let mut toolchains = BTreeMap::new();
    for version in versions {
        let name = format!("Rust {version}");
        toolchains.insert(version.clone(), steps.step(&name, move || require(&version, install)));
    }
    for Crate { name, manifest, rust_version, .. } in &found {
        let mut check = rustup_run(rust_version);
        check
            .args(["cargo", "check", "--locked", "--all-features", "--manifest-path"])
            .arg(manifest)
            // Keeps the builds of other toolchains apart.
            .env("CARGO_TARGET_DIR", tree::target("msrv"));
        let toolchain = toolchains[rust_version];
        steps.after(toolchain, &format!("{name} with Rust {rust_version}"), move || execute(&mut check));
    }
}

/// Checks that a toolchain is installed, and installs it with `install`.
fn require(version: &str, install: bool) -> Result<(), String> {
    let arguments = ["toolchain", "install", "--profile", "minimal", version];
    if is_installed(version) {
        Ok(())
    } else if install {
        execute(Command::new("rustup").args(arguments))
    } else {
        Err(format!("missing: rustup {}", arguments.join(" ")))
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
