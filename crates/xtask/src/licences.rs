use std::process::Stdio;

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

/// Checks the licence of every package in `Cargo.lock`.
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
    if refused.is_empty() { Ok(()) } else { Err(format!("{} packages with another licence", refused.len())) }
}

/// Returns whether the licence can be used. Supports expressions of the form `(A OR B) AND C`.
fn is_allowed(licence: Option<&str>) -> bool {
    let allowed = |id: &str| ALLOWED.contains(&id.trim().trim_matches(['(', ')']));
    licence
        .is_some_and(|licence| licence.replace('/', " OR ").split(" AND ").all(|part| part.split(" OR ").any(allowed)))
}

#[cfg(test)]
mod tests {
    use super::is_allowed;

    #[test]
    fn expressions() {
        for licence in ["MIT", "MIT/Apache-2.0", "GPL-3.0 OR MIT", "(MIT OR Apache-2.0) AND Unicode-3.0"] {
            assert!(is_allowed(Some(licence)), "{licence}");
        }
        for licence in [None, Some("GPL-3.0"), Some("MPL-2.0"), Some("MIT AND GPL-3.0"), Some("")] {
            assert!(!is_allowed(licence), "{licence:?}");
        }
    }
}
