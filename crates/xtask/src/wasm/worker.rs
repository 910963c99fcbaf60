use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::toolchain::{TARGET, Toolchain};
use crate::{steps::execute, tree};

/// The Cargo profile for Workers.
const PROFILE: &str = "worker";
/// The maximum size of the compressed Worker. Cloudflare accepts 3 MB, or 10 MB on paid plans.
const MAX_COMPRESSED: usize = 1 << 20;

/// A crate that compiles to a Worker.
#[derive(Clone, Copy, Debug)]
pub(super) struct Worker {
    pub(super) package: &'static str,
    pub(super) features: &'static str,
    /// The name of the folder for its modules.
    pub(super) name: &'static str,
}

pub(super) const CONFORMANCE: Worker = Worker { package: "workerd-tests", features: "", name: "conformance" };
pub(super) const EXAMPLE_D1: Worker = Worker { package: "example-worker", features: "", name: "example-d1" };
pub(super) const EXAMPLE_KV: Worker = Worker { package: "example-worker", features: "kv-sessions", name: "example-kv" };

impl Worker {
    /// Returns the folder of its modules: `shim.mjs` and the modules it imports.
    pub(super) fn folder(self) -> PathBuf {
        tree::target("workerd").join("workers").join(self.name)
    }

    /// Compiles the Worker and generates its modules.
    pub(super) fn build(self, toolchain: Toolchain) -> Result<(), String> {
        let mut build = toolchain.cargo("build");
        build.args(["--profile", PROFILE, "--package", self.package, "--features", self.features]);
        execute(&mut build)?;
        self.bind()
    }

    /// Generates the JavaScript modules from the compiled crate.
    fn bind(self) -> Result<(), String> {
        let compiled = format!("{}.wasm", self.package.replace('-', "_"));
        let compiled = tree::target("wasm").join(TARGET).join(PROFILE).join(compiled);
        let folder = self.folder();
        // Removes modules of an earlier build.
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        execute(bundle().arg("generate").arg(&compiled).arg(&folder))?;
        copy(&tree::root().join("crates/workerd-tests/shim.mjs"), &folder.join("shim.mjs"))
    }

    /// Checks its compressed size.
    pub(super) fn check_size(self) -> Result<(), String> {
        execute(bundle().arg("check-size").arg(self.folder()).arg(MAX_COMPRESSED.to_string()))
    }
}

/// Returns the program that generates modules, which would take most of the time of compiling this one.
fn bundle() -> Command {
    let mut command = tree::cargo();
    command.args(["run", "--quiet", "--locked", "--package", "worker-bundle", "--"]);
    command
}

pub(super) fn copy(from: &Path, to: &Path) -> Result<(), String> {
    fs::copy(from, to).map(drop).map_err(|error| format!("{} to {}: {error}", from.display(), to.display()))
}
