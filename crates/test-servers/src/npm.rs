use std::{
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, PoisonError},
};

use crate::{error::ServiceError, program::find_program};

/// The files of a package that determine what npm installs.
const PACKAGE_FILES: [&str; 3] = ["package.json", "package-lock.json", ".npmrc"];

/// Installs the packages that the `package-lock.json` of a folder names, and returns the folder with `node_modules`, which
/// also has copies of `scripts`.
///
/// It is below `target`, such as `CARGO_TARGET_TMPDIR`, and is used again until one of the files changes.
///
/// # Errors
/// Returns an error if npm is missing or fails, or if a file cannot be read or written.
///
/// ```no_run
/// use std::path::Path;
///
/// let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/npm");
/// let target = Path::new("/tmp"); // env!("CARGO_TARGET_TMPDIR")
/// let folder = test_servers::npm_packages(&tests.join("smtp"), &[&tests.join("smtp.mjs")], target)?;
/// let node = test_servers::Server::builder("node")?.args([folder.join("smtp.mjs").display().to_string()]);
/// # Ok::<(), test_servers::ServiceError>(())
/// ```
pub fn npm_packages(package: &Path, scripts: &[&Path], target: &Path) -> Result<PathBuf, ServiceError> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);

    let files = PACKAGE_FILES.map(|name| package.join(name));
    let files = files.iter().map(PathBuf::as_path).filter(|file| file.exists()).chain(scripts.iter().copied());
    let mut contents = Vec::new();
    for file in files {
        contents.push((
            name_of(file),
            fs::read(file).map_err(ServiceError::io("a file of the npm package cannot be read"))?,
        ));
    }
    let mut hasher = DefaultHasher::new();
    contents.hash(&mut hasher);
    let folder = target.join(format!("{}-{:016x}", name_of(package), hasher.finish()));
    if folder.exists() {
        return Ok(folder);
    }
    // Each of several processes installs into a folder of its own, and the first to finish renames it.
    let fresh = tempfile::tempdir_in(target).map_err(ServiceError::io("a folder for npm cannot be created"))?;
    for (name, content) in &contents {
        fs::write(fresh.path().join(name), content)
            .map_err(ServiceError::io("a file of the npm package cannot be written"))?;
    }
    install(fresh.path())?;
    match fs::rename(fresh.path(), &folder) {
        Err(error) if !folder.exists() => Err(ServiceError::io("the folder of npm cannot be renamed")(error)),
        _ => Ok(folder),
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn install(folder: &Path) -> Result<(), ServiceError> {
    let npm = find_program("npm", &[]).ok_or_else(|| ServiceError::Missing {
        program: "npm".to_owned(),
        package: "npm",
        alternative: String::new(),
    })?;
    // The tests need no script of a package, and some would download more.
    let mut command = Command::new(npm);
    command.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(folder);
    let output = command.output().map_err(ServiceError::io("npm cannot be started"))?;
    if output.status.success() {
        return Ok(());
    }
    let log = [output.stdout, output.stderr].concat();
    Err(ServiceError::Ended {
        program: "npm ci".to_owned(),
        status: output.status.to_string(),
        log: String::from_utf8_lossy(&log).into_owned(),
    })
}
