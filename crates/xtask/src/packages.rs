use std::{fs, path::Path, process::Command};

use crate::{steps::execute, tree::has_program};

/// Makes sure that these programs are there: installs Debian's packages where that is possible, and says what is missing
/// where it is not.
pub(crate) fn require(programs: &[&str], packages: &[&str]) -> Result<(), String> {
    let missing: Vec<_> = programs.iter().filter(|program| !has_program(program)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !can_install() {
        return Err(format!("install {packages:?} (Debian's names): {missing:?} not found on PATH"));
    }
    install(packages)
}

/// Debian, and somebody who may install packages there.
pub(crate) fn can_install() -> bool {
    Path::new("/etc/debian_version").exists() && has_program("apt-get") && is_root()
}

pub(crate) fn install(packages: &[&str]) -> Result<(), String> {
    execute(apt().arg("update"))?;
    execute(apt().args(["install", "--yes", "--no-install-recommends"]).args(packages))
}

fn apt() -> Command {
    let mut command = Command::new("apt-get");
    command.arg("--quiet=2").env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// The effective user of this process, as the kernel tells it.
fn is_root() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let uids = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    uids.and_then(|uids| uids.split_whitespace().nth(1)) == Some("0")
}
