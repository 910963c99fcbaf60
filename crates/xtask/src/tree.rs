//! Paths of the workspace and its tools.

use std::{
    env,
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

/// The manifests of crates outside the workspace.
pub(crate) const OUTSIDE: &[&str] = &["adapter-tests/examples/custom-adapter/Cargo.toml", "fuzz/Cargo.toml"];

/// Returns the root of the workspace.
pub(crate) fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        // Cargo sets the variable at run time, too, because the program may run in another checkout than it was built in.
        let here = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        // This crate is at crates/xtask.
        Path::new(&here).ancestors().nth(2).unwrap_or(Path::new(".")).to_owned()
    });
    &ROOT
}

/// Returns the files in a folder and its subfolders, except hidden ones, build products and packages of npm.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let failed = |error: io::Error| format!("{}: {error}", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_file() {
            found.push(path);
        } else if name != "target" && name != "node_modules" && !name.to_string_lossy().starts_with('.') {
            found.extend(files(&path)?);
        }
    }
    found.sort();
    Ok(found)
}

/// Returns a separate folder below the target folder, so that other toolchains and manifests do not mix with the main
/// build.
pub(crate) fn target(name: &str) -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir));
    target.join(name)
}

/// Returns the running cargo as a command at the root.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// Returns PATH with this folder in front.
pub(crate) fn path_with(folder: &Path) -> OsString {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder.to_owned()).chain(env::split_paths(&path));
    env::join_paths(folders).unwrap_or(path)
}

/// Returns whether a program is on PATH, or in a folder where Debian installs servers.
pub(crate) fn has_program(name: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    let postgres = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let postgres = postgres.map(|version| version.path().join("bin"));
    let mut folders = env::split_paths(&path).chain(postgres).chain([PathBuf::from("/usr/sbin")]);
    folders.any(|folder| folder.join(name).is_file())
}
