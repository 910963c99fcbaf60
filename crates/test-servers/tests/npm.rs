//! Packages from npm.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::{fs, path::Path};

use test_servers::{ServiceError, npm_packages};

const PACKAGE: &str = r#"{"name":"nothing","version":"1.0.0"}"#;
const LOCK: &str = r#"{"name":"nothing","version":"1.0.0","lockfileVersion":3,"packages":{"":{"version":"1.0.0"}}}"#;

/// Writes a package without dependencies, for which npm asks no registry.
fn write_package(folder: &Path, lock: &str) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("package.json"), PACKAGE).unwrap();
    fs::write(folder.join("package-lock.json"), lock).unwrap();
}

#[test]
fn packages_are_installed_again_only_after_a_change() {
    let folder = tempfile::tempdir().unwrap();
    let (package, script) = (folder.path().join("nothing"), folder.path().join("script.mjs"));
    write_package(&package, LOCK);
    fs::write(&script, "1").unwrap();
    let install = || npm_packages(&package, &[&script], folder.path()).unwrap();
    let first = install();
    assert_eq!(fs::read_to_string(first.join("script.mjs")).unwrap(), "1");
    fs::write(first.join("mark"), "").unwrap();
    assert!(install().join("mark").exists());

    fs::write(&script, "2").unwrap();
    let second = install();
    assert_ne!(first, second);
    assert_eq!(fs::read_to_string(second.join("script.mjs")).unwrap(), "2");
}

#[test]
fn a_failure_of_npm_is_told_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let package = folder.path().join("broken");
    write_package(&package, "{");
    let error = npm_packages(&package, &[], folder.path()).unwrap_err();
    assert!(matches!(&error, ServiceError::Ended { program, .. } if program == "npm ci"), "{error:?}");
    assert!(error.to_string().contains("package-lock.json"), "{error}");
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["broken"]);
}
