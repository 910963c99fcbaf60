//! The contract in the documentation of the adapter traits and the cases of the suite have the same names.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::{collections::BTreeSet, fs, path::Path};

use adapter_tests::{Family, all_cases};

/// Returns the sources of the traits. They are missing only from a published copy of this crate.
fn trait_sources() -> Option<Vec<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let core = root.join("../crates/lucia-core/src");
    let folder = core.join("adapter");
    match fs::read_dir(&folder) {
        Ok(entries) => {
            let files = entries.map(|entry| entry.unwrap().path()).chain([core.join("kv/store.rs")]);
            Some(files.map(|file| fs::read_to_string(file).unwrap()).collect())
        }
        Err(error) => {
            // Cargo adds the original manifest to every package.
            assert!(root.join("Cargo.toml.orig").exists(), "no sources of the traits in {}: {error}", folder.display());
            None
        }
    }
}

#[test]
fn every_bullet_of_the_contract_has_a_case_and_the_reverse() {
    let Some(sources) = trait_sources() else {
        return;
    };
    let lines = sources.iter().flat_map(|source| source.lines());
    let bullets: Vec<_> = lines.filter_map(|line| line.trim().strip_prefix("/// - `")?.split_once('`')).collect();
    let named: BTreeSet<_> = bullets.iter().map(|(name, _)| *name).collect();
    assert_eq!(named.len(), bullets.len(), "a bullet occurs twice");

    let cases = all_cases();
    let all: BTreeSet<_> = cases.iter().map(|case| case.name).collect();
    assert!(named.is_subset(&all), "bullets without a case: {:?}", named.difference(&all));
    // The contract has neither the twins, which check behaviour without a promise, nor the cases of `lucia-auth`.
    let contract = cases.iter().filter(|case| case.family != Family::Core && case.without.is_none());
    let contract: BTreeSet<_> = contract.map(|case| case.name).collect();
    assert!(contract.is_subset(&named), "cases without a bullet: {:?}", contract.difference(&named));
}

#[test]
fn case_names_are_unique() {
    let cases = all_cases();
    let names: BTreeSet<_> = cases.iter().map(|case| case.name).collect();
    assert_eq!(names.len(), cases.len());
}
