use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};
use wasm_bindgen_cli_support::Bindgen;

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
        let mut bindgen = Bindgen::new();
        bindgen.input_path(&compiled).out_name("index").typescript(false);
        let bound = bindgen.web(true).and_then(|bindgen| bindgen.generate(&folder));
        bound.map_err(|error| format!("{}: {error:#}", compiled.display()))?;
        copy(&tree::root().join("crates/workerd-tests/shim.mjs"), &folder.join("shim.mjs"))
    }

    /// Checks its compressed size.
    pub(super) fn check_size(self) -> Result<(), String> {
        let mut total = 0;
        for path in tree::files(&self.folder())? {
            let bytes = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            let compressed = compressed_size(&bytes)?;
            println!("{}: {} bytes, {compressed} compressed", path.display(), bytes.len());
            total += compressed;
        }
        println!("total: {total} of {MAX_COMPRESSED} bytes compressed");
        if total < MAX_COMPRESSED { Ok(()) } else { Err(format!("{total} bytes exceed the maximum")) }
    }
}

pub(super) fn copy(from: &Path, to: &Path) -> Result<(), String> {
    fs::copy(from, to).map(drop).map_err(|error| format!("{} to {}: {error}", from.display(), to.display()))
}

fn compressed_size(bytes: &[u8]) -> Result<usize, String> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let compressed = encoder.write_all(bytes).and_then(|()| encoder.finish());
    compressed.map(|bytes| bytes.len()).map_err(|error| format!("gzip: {error}"))
}
