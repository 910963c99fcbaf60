use std::{
    path::Path,
    process::{Command, Stdio},
};

use crate::{
    packages,
    steps::{Steps, execute},
    tree,
};

const TARGET: &str = "wasm32-unknown-unknown";
const PACKAGES: &[&str] = &["lucia-core", "lucia"];

/// Builds the crates that run on wasm32-unknown-unknown.
pub(crate) fn run(steps: &mut Steps) {
    steps.step("wasm32", || {
        let mut command = if has_target() { tree::cargo() } else { debian_cargo()? };
        command
            .args(["build", "--locked", "--target", TARGET])
            .args(PACKAGES.iter().flat_map(|package| ["--package", package]))
            .env("CARGO_TARGET_DIR", tree::target("wasm"))
            // They would take the place of what follows.
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            // A library does not choose where random bytes come from; the application does, by a feature of `getrandom`.
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", r#"--cfg getrandom_backend="custom""#);
        execute(&mut command)
    });
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

/// Debian's own toolchain, which brings the sources of the standard library and no build of it for this target.
fn debian_cargo() -> Result<Command, String> {
    const RUSTC: &str = "/usr/bin/rustc";
    const CARGO: &str = "/usr/bin/cargo";
    let packages = ["rustc-web", "cargo-web", "rust-web-src", "lld"];
    if !(Path::new(RUSTC).exists() && Path::new(CARGO).exists() && tree::has_program("wasm-ld")) {
        if !packages::can_install() {
            return Err(format!("run `rustup target add {TARGET}`, or install {packages:?} (Debian's names)"));
        }
        packages::install(&packages)?;
    }
    let mut command = Command::new(CARGO);
    command
        .current_dir(tree::root())
        .arg("-Zbuild-std=std,panic_abort")
        .env("RUSTC", RUSTC)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld")
        // The toolchain that runs this must not leak into the other one.
        .env_remove("RUSTUP_TOOLCHAIN")
        .env_remove("CARGO");
    Ok(command)
}
