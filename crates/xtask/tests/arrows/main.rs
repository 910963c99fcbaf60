//! Which modules of a crate may import from which others.
//!
//! A module imports only from modules that its crate's root, or its folder's `mod.rs`, lists above it, and files do not
//! import from each other in a circle. Tests are exempt. A path through a re-export leads to the file that defines the
//! item, and re-exporting an item of a submodule is not an import. Method calls are not checked.
//!
//! `cargo test -p xtask --test arrows -- --nocapture` prints the faults of each crate.

mod tree;
mod names;
mod imports;
mod faults;
mod fixtures;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use self::{faults::faults, imports::imports, tree::Tree};

#[test]
fn arrows_point_one_way() {
    let mut broken = Vec::new();
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("a workspace");
    for (name, root) in crates(&workspace) {
        let tree = Tree::read(&root, &|path| fs::read_to_string(workspace.join(path)).ok())
            .unwrap_or_else(|error| panic!("{error}"));
        let faults = faults(&tree, &imports(&tree).unwrap_or_else(|error| panic!("{name}: {error}")));
        println!("{name}: {} faults", faults.len());
        for fault in &faults {
            println!("  {fault}");
        }
        if !faults.is_empty() {
            broken.push(name);
        }
    }
    assert!(broken.is_empty(), "{broken:?}: see above");
}

/// The name and the root file of each library, program and example of the workspace.
fn crates(workspace: &Path) -> Vec<(String, PathBuf)> {
    let mut command = Command::new(env!("CARGO"));
    let output = command
        .current_dir(workspace)
        .args(["metadata", "--no-deps", "--format-version=1"])
        .output()
        .expect("cargo runs");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
    let mut crates = Vec::new();
    for package in metadata["packages"].as_array().expect("a workspace has packages") {
        for target in package["targets"].as_array().expect("a package has targets") {
            let kind = target["kind"][0].as_str().expect("a target has a kind");
            let mut name = package["name"].as_str().expect("a package has a name").to_owned();
            match kind {
                "lib" | "cdylib" | "bin" => {}
                "example" => {
                    name = format!("{name}, example {}", target["name"].as_str().expect("a target has a name"))
                }
                _ => continue,
            }
            let root = Path::new(target["src_path"].as_str().expect("a target has a file"));
            crates.push((name, root.strip_prefix(workspace).unwrap_or(root).to_owned()));
        }
    }
    assert!(crates.len() > 10, "{crates:?}");
    crates
}
