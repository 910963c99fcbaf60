use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use super::worker::copy;
use crate::{node, steps::execute, tree};

/// Runs the tests in workerd with the test runner of Node.js, and installs their npm packages.
pub(super) fn test() -> Result<(), String> {
    let node = node::require()?;
    let folder = tree::target("workerd");
    let crates = tree::root().join("crates");
    let tests = copy_files(&crates.join("workerd-tests"), &folder, &["json", "mjs"])?;
    let migrations = folder.join("migrations");
    fs::create_dir_all(&migrations).map_err(|error| format!("{}: {error}", migrations.display()))?;
    copy_files(&crates.join("adapter-cloudflare-d1/examples/worker/migrations"), &migrations, &["sql"])?;

    // A copy of the lock file shows whether the installed packages are current.
    let installed = fs::read(folder.join("installed.json")).ok();
    let locked = fs::read(folder.join("package-lock.json")).ok();
    if installed.is_none() || installed != locked {
        let mut npm = Command::new("npm");
        npm.current_dir(&folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
        node.provide(&mut npm);
        execute(&mut npm)?;
        copy(&folder.join("package-lock.json"), &folder.join("installed.json"))?;
    }

    let mut run = Command::new("node");
    run.current_dir(&folder).args(["--test", "--test-reporter=spec"]);
    run.args(tests.iter().filter(|test| test.to_string_lossy().ends_with(".test.mjs")));
    node.provide(&mut run);
    execute(&mut run)
}

/// Copies the files of a folder with these extensions. Returns their names.
fn copy_files(from: &Path, to: &Path, endings: &[&str]) -> Result<Vec<PathBuf>, String> {
    let failed = |error: io::Error| format!("{}: {error}", from.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = entry.path();
        if path.extension().is_some_and(|ending| endings.iter().any(|wanted| ending == *wanted)) {
            let name = PathBuf::from(entry.file_name());
            copy(&path, &to.join(&name))?;
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}
