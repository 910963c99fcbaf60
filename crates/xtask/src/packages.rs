use std::{fs, path::Path, process::Command};

use crate::{steps::execute, tree::has_program};

/// Installs the Debian packages of missing programs if possible. The error names the missing programs.
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

/// Returns whether this is Debian with the right to install packages.
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

/// Returns whether the effective user of this process is root.
fn is_root() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let uids = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    uids.and_then(|uids| uids.split_whitespace().nth(1)) == Some("0")
}
