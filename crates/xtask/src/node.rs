use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{packages, steps::execute, tree};

/// The oldest release that Prisma, unstorage and miniflare support.
const OLDEST: [u32; 2] = [20, 19];

/// The release to install from the npm registry if the system's release is older.
const NEWER: &str = "22.23.3";

/// Returns an installation of Node.js, and installs Node.js and npm if needed.
pub(crate) fn require() -> Result<Node, String> {
    packages::require(&["node", "npm"], &["nodejs", "npm"])?;
    if version("node".as_ref()).is_some_and(|version| version >= OLDEST) {
        return Ok(Node { folder: None });
    }
    let package = package()?;
    let folder = tree::target("node");
    let bin = folder.join("node_modules").join(&package).join("bin");
    if version(&bin.join("node")).is_none() {
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"]).arg(&folder);
        execute(npm.arg(format!("{package}@{NEWER}")))?;
    }
    match version(&bin.join("node")) {
        Some(_) => Ok(Node { folder: Some(bin) }),
        None => Err(format!("install Node.js {}.{} or newer", OLDEST[0], OLDEST[1])),
    }
}

/// An installation of Node.js.
#[derive(Debug, Default)]
pub(crate) struct Node {
    /// The folder to put in front of PATH.
    folder: Option<PathBuf>,
}

impl Node {
    /// Sets the PATH of a command.
    pub(crate) fn provide(&self, command: &mut Command) {
        if let Some(folder) = &self.folder {
            command.env("PATH", tree::path_with(folder));
        }
    }
}

/// Returns the npm package with Node.js for this machine.
fn package() -> Result<String, String> {
    let arch = match env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => {
            return Err(format!(
                "install Node.js {}.{} or newer: the npm registry has no build for {other}",
                OLDEST[0], OLDEST[1]
            ));
        }
    };
    let system = if cfg!(target_os = "macos") { "darwin" } else { "linux" };
    Ok(format!("node-{system}-{arch}"))
}

/// Returns the first two numbers of `v20.20.2`.
fn version(node: &Path) -> Option<[u32; 2]> {
    let output = Command::new(node).arg("--version").output().ok()?;
    let printed = String::from_utf8(output.stdout).ok()?;
    let mut numbers = printed.trim().strip_prefix('v')?.split('.').map(str::parse);
    Some([numbers.next()?.ok()?, numbers.next()?.ok()?])
}
