use std::{
    path::Path,
    process::{Command, Stdio},
};

use crate::{packages, tree};

pub(super) const TARGET: &str = "wasm32-unknown-unknown";

/// A toolchain for the target.
#[derive(Clone, Copy, Debug)]
pub(super) enum Toolchain {
    /// The running toolchain, with the standard library for the target from rustup.
    Rustup,
    /// The toolchain of Debian, with the sources of the standard library.
    Debian,
}

const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";

impl Toolchain {
    /// Returns a toolchain, and installs one if needed.
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

    /// Returns a cargo command for the target, with a separate target folder.
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
                    // Keeps the settings of the running toolchain out of this one.
                    .env_remove("RUSTUP_TOOLCHAIN")
                    .env_remove("CARGO");
                command
            }
        };
        command
            .args([subcommand, "--locked", "--target", TARGET])
            .env("CARGO_TARGET_DIR", tree::target("wasm"))
            // They are meant for the host, and would override the settings for this target.
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS");
        if matches!(self, Self::Debian) {
            command.arg("-Zbuild-std=std,panic_abort");
        }
        command
    }
}

/// Returns whether the running toolchain has the target, after trying to add it with rustup.
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
