use std::{fs, path::Path, process::Command};

use crate::{
    steps::{Steps, execute},
    tree,
};

/// The oldest tested release.
const CARGO_FUZZ: &str = "0.13.2";

/// Runs one fuzz target, or all of them, for this long each.
pub(crate) fn run(steps: &mut Steps, target: Option<&str>, seconds: u32) {
    let tools = tree::target("tools");
    let mut ready = false;
    steps.step("cargo-fuzz and a nightly toolchain", || {
        nightly()?;
        install(&tools)?;
        ready = true;
        Ok(())
    });
    if !ready {
        return;
    }
    let targets = target.map_or_else(targets, |target| vec![target.to_owned()]);
    for target in targets {
        let mut command = tree::cargo();
        command
            .env_remove("CARGO")
            .env("RUSTUP_TOOLCHAIN", "nightly")
            .env("PATH", tree::path_with(&tools.join("bin")))
            .env("CARGO_TARGET_DIR", tree::target("fuzz"))
            .args(["fuzz", "run", &target, "--", &format!("-max_total_time={seconds}")]);
        steps.command(&format!("fuzz target {target}, {seconds} s"), &mut command);
    }
}

/// Checks the toolchain. Coverage counters need a nightly compiler.
fn nightly() -> Result<(), String> {
    let output = Command::new("rustc").arg("--version").env("RUSTUP_TOOLCHAIN", "nightly").output();
    let version = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    if version.contains("nightly") { Ok(()) } else { Err("run `rustup toolchain install nightly`".to_owned()) }
}

fn install(tools: &Path) -> Result<(), String> {
    if tools.join("bin/cargo-fuzz").exists() {
        return Ok(());
    }
    let mut command = tree::cargo();
    command.args(["install", "cargo-fuzz", "--locked", "--version", CARGO_FUZZ, "--root"]).arg(tools);
    execute(&mut command)
}

/// Returns the names of the files in `fuzz/fuzz_targets`.
fn targets() -> Vec<String> {
    let files = fs::read_dir(tree::root().join("fuzz/fuzz_targets")).into_iter().flatten().flatten();
    let mut names: Vec<_> =
        files.filter_map(|file| Some(file.path().file_stem()?.to_string_lossy().into_owned())).collect();
    names.sort();
    names
}
