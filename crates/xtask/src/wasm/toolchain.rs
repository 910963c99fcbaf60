use std::{
    path::Path,
    process::{Command, Stdio},
};

use crate::{packages, tree};

pub(super) const TARGET: &str = "wasm32-unknown-unknown";

/// What compiles for the target.
#[derive(Clone, Copy, Debug)]
pub(super) enum Toolchain {
    /// The toolchain that runs this, with the target's standard library from rustup.
    Rustup,
    /// Debian's own, which brings the sources of the standard library and no build of it for this target.
    Debian,
}

const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";

impl Toolchain {
    /// Finds one, or installs it.
    pub(super) fn require() -> Result<Self, String> {
        if has_target() {
            return Ok(Self::Rustup);
        }
        let packages = ["rustc-web", "cargo-web", "rust-web-src", "lld"];
        if !(Path::new(RUSTC).exists() && Path::new(CARGO).exists() && tree::has_program("wasm-ld")) {
            if !packages::can_install() {
                return Err(format!("run `rustup target add {TARGET}`, or install {packages:?} (Debian's names)"));
            }
            packages::install(&packages)?;
        }
        Ok(Self::Debian)
    }

    /// Cargo with this subcommand, for the target, in a folder of its own.
    pub(super) fn cargo(self, subcommand: &str) -> Command {
        let mut command = match self {
            Self::Rustup => tree::cargo(),
            Self::Debian => {
                let mut command = Command::new(CARGO);
                command
                    .current_dir(tree::root())
                    .env("RUSTC", RUSTC)
                    .env("RUSTC_BOOTSTRAP", "1")
                    .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld")
                    // The toolchain that runs this must not leak into the other one.
                    .env_remove("RUSTUP_TOOLCHAIN")
                    .env_remove("CARGO");
                command
            }
        };
        command
            .args([subcommand, "--locked", "--target", TARGET])
            .env("CARGO_TARGET_DIR", tree::target("wasm"))
            // They are meant for the machine's own target, and would take the place of what is set for this one.
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS");
        if matches!(self, Self::Debian) {
            command.arg("-Zbuild-std=std,panic_abort");
        }
        command
    }
}

/// Whether the toolchain in use has the target's standard library, or rustup can get it.
fn has_target() -> bool {
    let installed = || {
        let output = Command::new("rustc").args(["--print", "sysroot"]).current_dir(tree::root()).output();
        output.is_ok_and(|output| {
            let sysroot = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            Path::new(&sysroot).join("lib/rustlib").join(TARGET).join("lib").is_dir()
        })
    };
    let add = || {
        let mut rustup = Command::new("rustup");
        rustup.args(["target", "add", TARGET]).current_dir(tree::root()).stderr(Stdio::null());
        rustup.status().is_ok_and(|status| status.success())
    };
    installed() || (add() && installed())
}
