//! Packages from npm, installed below the target folder.

use std::{
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
};

/// Installs the packages of `tests/npm/{name}/package-lock.json`, with a script, and returns the path of the script.
/// Packages that another process has already installed are used again.
pub fn script(name: &str, script: &str) -> PathBuf {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/npm");
    let files =
        [sources.join(name).join("package.json"), sources.join(name).join("package-lock.json"), sources.join(script)];
    let mut hasher = DefaultHasher::new();
    let contents = files.each_ref().map(|file| fs::read(file).expect("a source"));
    contents.hash(&mut hasher);
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = cache.join(format!("{name}-{:016x}", hasher.finish()));
    if !folder.exists() {
        let fresh = tempfile::tempdir_in(cache).expect("a folder");
        for (file, content) in files.iter().zip(contents) {
            fs::write(fresh.path().join(file.file_name().unwrap()), content).expect("a copy");
        }
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(fresh.path());
        let output = npm.output().expect("npm; install Node.js 20 or newer");
        assert!(output.status.success(), "npm ci: {}", String::from_utf8_lossy(&output.stderr));
        // Another process may have installed the same packages meanwhile.
        let moved = fs::rename(fresh.path(), &folder);
        assert!(folder.exists(), "{moved:?}");
    }
    folder.join(script)
}
