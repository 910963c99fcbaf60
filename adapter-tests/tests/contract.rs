//! The contract in the docs of the adapter traits and the cases of the suite are the same list.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::{collections::BTreeSet, fs, path::Path};

use adapter_tests::{Family, all_cases};

/// The sources of the traits. Only a published copy of this crate has none beside it.
fn trait_sources() -> Option<Vec<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("../crates/lucia-core/src/adapter");
    match fs::read_dir(&folder) {
        Ok(entries) => Some(entries.map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap()).collect()),
        Err(error) => {
            // Cargo leaves the original manifest in every package that it makes.
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
    assert_eq!(named.len(), bullets.len(), "a bullet stands twice");

    let cases = all_cases();
    let all: BTreeSet<_> = cases.iter().map(|case| case.name).collect();
    assert!(named.is_subset(&all), "bullets without a case: {:?}", named.difference(&all));
    // The twins say what holds where a promise is absent, and `lucia-auth`'s own cases are not about an adapter's methods.
    let contract = cases.iter().filter(|case| case.family != Family::Core && case.without.is_none());
    let contract: BTreeSet<_> = contract.map(|case| case.name).collect();
    assert!(contract.is_subset(&named), "cases without a bullet: {:?}", contract.difference(&named));
}

#[test]
fn every_case_has_a_name_of_its_own() {
    let cases = all_cases();
    let names: BTreeSet<_> = cases.iter().map(|case| case.name).collect();
    assert_eq!(names.len(), cases.len());
}
