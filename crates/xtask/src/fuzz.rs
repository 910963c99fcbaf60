use std::{fs, path::Path};

use crate::{
    steps::{Steps, execute},
    tree,
};

/// The oldest tested release.
const CARGO_FUZZ: &str = "0.13.2";

/// Runs one fuzz target, or all of them, for this long each.
pub(crate) fn run(steps: &mut Steps, target: Option<&str>, seconds: u32) {
    let tools = tree::target("tools");
    let bin = tools.join("bin");
    let installed = steps.step("cargo-fuzz", move || install(&tools));
    let targets = target.map_or_else(targets, |target| vec![target.to_owned()]);
    for target in targets {
        let mut command = tree::cargo();
        command
            .env_remove("CARGO")
            .env("PATH", tree::path_with(&bin))
            .env("CARGO_TARGET_DIR", tree::target("fuzz"))
            // A sanitizer needs a nightly compiler, and finds mistakes in unsafe code, which these crates forbid.
            .args(["fuzz", "run", "--sanitizer", "none", &target, "--", &format!("-max_total_time={seconds}")]);
        steps.after(installed, &format!("fuzz target {target}, {seconds} s"), move || execute(&mut command));
    }
}

/// Runs the fuzz targets on their corpus only.
pub(crate) fn run_corpus(steps: &mut Steps) {
    for target in targets() {
        steps.step(&format!("corpus of fuzz target {target}"), move || {
            let corpus = tree::files(&tree::root().join("fuzz/corpus").join(&target))?;
            let mut command = tree::cargo();
            command
                .args(["run", "--quiet", "--locked", "--manifest-path", "fuzz/Cargo.toml", "--bin", &target, "--"])
                // Compiles shared dependencies once.
                .env("CARGO_TARGET_DIR", tree::target(""))
                .args(corpus);
            execute(&mut command)
        });
    }
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
