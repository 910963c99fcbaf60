//! Generates the JavaScript modules of a compiled Worker, and checks their size: two steps of `cargo xtask wasm`, which
//! runs this program, so that the other tasks do not compile its dependencies.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program")]

use std::{
    env, fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use flate2::{Compression, write::GzEncoder};
use wasm_bindgen_cli_support::Bindgen;

const USAGE: &str = "usage: worker-bundle generate COMPILED FOLDER | worker-bundle check-size FOLDER MAX";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let arguments: Vec<_> = env::args_os().skip(1).collect();
    match arguments.as_slice() {
        [command, compiled, folder] if command == "generate" => generate(compiled.as_ref(), folder.as_ref()),
        [command, folder, max] if command == "check-size" => {
            let max = max.to_str().and_then(|max| max.parse().ok()).ok_or(USAGE)?;
            check_size(folder.as_ref(), max)
        }
        _ => Err(USAGE.to_owned()),
    }
}

/// Generates `index.js` and what it imports from a compiled crate.
fn generate(compiled: &Path, folder: &Path) -> Result<(), String> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(compiled).out_name("index").typescript(false);
    let generated = bindgen.web(true).and_then(|bindgen| bindgen.generate(folder));
    generated.map_err(|error| format!("{}: {error:#}", compiled.display()))
}

/// Checks the compressed size of the files in a folder.
fn check_size(folder: &Path, max: usize) -> Result<(), String> {
    let mut total = 0;
    for path in files(folder)? {
        let bytes = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let compressed = compressed_size(&bytes)?;
        println!("{}: {} bytes, {compressed} compressed", path.display(), bytes.len());
        total += compressed;
    }
    println!("total: {total} of {max} bytes compressed");
    if total <= max { Ok(()) } else { Err(format!("{total} bytes are more than the maximum of {max}")) }
}

/// Returns the files in a folder and its subfolders.
fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let failed = |error: io::Error| format!("{}: {error}", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn compressed_size(bytes: &[u8]) -> Result<usize, String> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let compressed = encoder.write_all(bytes).and_then(|()| encoder.finish());
    compressed.map(|bytes| bytes.len()).map_err(|error| format!("gzip: {error}"))
}
