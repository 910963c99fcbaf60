//! `MAPPING.md` names every case of the suite of Lucia JS, every gap and every bug, and only existing cases and tests.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::{collections::BTreeSet, fs, path::Path};

use adapter_tests::all_cases;

const MAPPING: &str = include_str!("../MAPPING.md");

/// Returns the rows of the table under a heading.
fn rows(heading: &str) -> Vec<&'static str> {
    let section = MAPPING.split("\n## ").find(|section| section.starts_with(heading)).unwrap();
    section.lines().filter(|line| line.starts_with("| ")).skip(1).collect()
}

/// Returns the texts in backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn every_case_of_lucia_js_is_mapped() {
    assert_eq!(rows("`testAdapter`").len(), 34);
    assert_eq!(rows("`testSessionAdapter`").len(), 10);
    let numbers: Vec<usize> = rows("What Lucia's cases miss")
        .iter()
        .map(|row| row.split('|').nth(1).unwrap().trim().parse().unwrap())
        .collect();
    assert_eq!(numbers, (1..=86).collect::<Vec<_>>());
}

#[test]
fn every_bug_of_lucia_js_is_mapped() {
    let expected = [("C", 34), ("R", 13), ("U", 9), ("K", 9), ("P", 8), ("S", 10)];
    let expected = expected.iter().flat_map(|(kind, count)| (1..=*count).map(move |number| format!("{kind}{number}")));
    let found = rows("Bugs of Lucia JS").into_iter().map(|row| row.split('|').nth(1).unwrap().trim());
    assert!(found.eq(expected));
}

#[test]
fn the_readme_names_only_existing_cases() {
    let promises = include_str!("../README.md").split("## Promises").nth(1).unwrap().split("## ").next().unwrap();
    let twins =
        promises.lines().filter(|line| line.starts_with("| `")).flat_map(|row| quoted(row.rsplit('|').nth(1).unwrap()));
    let cases = all_cases();
    for twin in twins {
        assert!(cases.iter().any(|case| case.name == twin && case.without.is_some()), "there is no twin {twin}");
    }
}

#[test]
fn the_mapping_names_only_existing_cases_and_tests() {
    let cases = all_cases();
    let cases: BTreeSet<_> = cases.iter().map(|case| case.name).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // Cargo adds the original manifest to every package, which has no sources of other crates beside it.
    let published = root.join("Cargo.toml.orig").exists();
    for row in MAPPING.lines().filter(|line| line.starts_with("| ")).skip(1) {
        let names = row.rsplit('|').nth(1).unwrap();
        for place in names.split([',', ';']).filter(|place| place.contains('`')) {
            let names: Vec<_> = quoted(place).collect();
            match names.as_slice() {
                [name] => assert!(cases.contains(name), "there is no case {name}"),
                [_, _] if published => {}
                [name, file] => {
                    let source = fs::read_to_string(root.join("..").join(file));
                    let source = source.unwrap_or_else(|error| panic!("there is no {file}: {error}"));
                    assert!(source.contains(&format!("fn {name}(")), "there is no test {name} in {file}");
                }
                other => panic!("{other:?}"),
            }
        }
    }
}
