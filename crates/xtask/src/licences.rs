use std::{fs, path::Path, process::Stdio};

use serde_json::Value;

use crate::tree;

/// Licences that require attribution at most.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Other licences, for dependencies of tests only.
const IN_TESTS: &[(&str, &str)] = &[("webdriver", "MPL-2.0")];

/// The texts of this workspace's licences, of which each published crate has a copy.
const TEXTS: &[&str] = &["LICENSE-APACHE", "LICENSE-MIT"];

/// Checks the licence of every package in `Cargo.lock`, and that each published crate contains the texts of its own.
pub(crate) fn check() -> Result<(), String> {
    let output = tree::cargo()
        .args(["metadata", "--format-version=1", "--all-features", "--locked"])
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo could not be started: {error}"))?;
    let metadata: Value = serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata: {error}"))?;
    let packages = metadata["packages"].as_array().ok_or("cargo metadata lists no packages")?;
    let is_exception = |package: &Value| {
        IN_TESTS.iter().any(|(name, licence)| package["name"] == *name && package["license"] == *licence)
    };
    let refused: Vec<_> =
        packages.iter().filter(|package| !is_allowed(package["license"].as_str()) && !is_exception(package)).collect();
    println!("{} packages", packages.len());
    for package in &refused {
        println!("{} {}: {}", package["name"], package["version"], package["license"]);
    }
    if !refused.is_empty() {
        return Err(format!("{} packages with another licence", refused.len()));
    }
    packages.iter().filter(|package| is_published(package)).try_for_each(check_texts)
}

/// Returns whether this is a crate of the workspace that is published.
fn is_published(package: &Value) -> bool {
    // Cargo prints the allowed registries, or null for all.
    package["source"].is_null() && package["publish"].as_array().is_none_or(|registries| !registries.is_empty())
}

/// Compares the texts in the folder of a crate with those at the root.
fn check_texts(package: &Value) -> Result<(), String> {
    let folder = package["manifest_path"].as_str().and_then(|manifest| Path::new(manifest).parent());
    let folder = folder.ok_or("cargo metadata lists a package without its manifest")?;
    for text in TEXTS {
        let (own, root) = (fs::read(folder.join(text)), fs::read(tree::root().join(text)));
        if own.ok() != Some(root.map_err(|error| format!("{text}: {error}"))?) {
            return Err(format!("{} does not contain a copy of {text}", package["name"]));
        }
    }
    Ok(())
}

/// Returns whether the licence can be used. Supports expressions of the form `(A OR B) AND C`.
fn is_allowed(licence: Option<&str>) -> bool {
    let allowed = |id: &str| ALLOWED.contains(&id.trim().trim_matches(['(', ')']));
    licence
        .is_some_and(|licence| licence.replace('/', " OR ").split(" AND ").all(|part| part.split(" OR ").any(allowed)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{check_texts, is_allowed};
    use crate::tree;

    #[test]
    fn expressions() {
        for licence in ["MIT", "MIT/Apache-2.0", "GPL-3.0 OR MIT", "(MIT OR Apache-2.0) AND Unicode-3.0"] {
            assert!(is_allowed(Some(licence)), "{licence}");
        }
        for licence in [None, Some("GPL-3.0"), Some("MPL-2.0"), Some("MIT AND GPL-3.0"), Some("")] {
            assert!(!is_allowed(licence), "{licence:?}");
        }
    }

    #[test]
    fn a_crate_without_the_texts_is_refused() {
        let package =
            |folder: &str| json!({"name": "one", "manifest_path": tree::root().join(folder).join("Cargo.toml")});
        check_texts(&package("crates/lucia-sql")).unwrap();
        let error = check_texts(&package("crates/xtask")).unwrap_err();
        assert!(error.contains("LICENSE-APACHE"), "{error}");
    }
}
