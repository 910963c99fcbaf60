//! Tests that each line of `porting-checklist.md` names tests that exist, or says why it names none.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::{collections::BTreeSet, fs, path::Path};

const PAGE: &str = include_str!("../porting-checklist.md");

/// Returns the last cells of the rows below a heading `tests`.
fn cells() -> Vec<&'static str> {
    let last = |row: &'static str| row.trim_end_matches([' ', '|']).rsplit('|').next().unwrap().trim();
    let tables = PAGE.split("\n\n").filter(|block| block.starts_with('|'));
    let tables = tables.filter(|table| last(table.lines().next().unwrap()).starts_with("tests"));
    tables.flat_map(|table| table.lines().skip(2)).map(last).collect()
}

/// Returns the names of tests with their files: the links from code to a file of source.
fn tests(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let links = text.split("[`").skip(1).filter_map(|link| {
        let (name, target) = link.split_once("`](")?;
        Some((name, target.split_once(')')?.0))
    });
    links.filter(|(_, file)| {
        Path::new(file).extension().is_some_and(|extension| extension == "rs" || extension == "mjs")
    })
}

/// Returns `true` if a source has a test of this name, as a function, in the list of a harness, or for Node.
fn has_test(source: &str, name: &str) -> bool {
    let lines: Vec<_> = source.lines().map(str::trim).collect();
    let has_attribute = |at: usize| {
        let attributes = lines[..at].iter().rev().take_while(|line| line.starts_with("#["));
        attributes.into_iter().any(|line| line.starts_with("#[test]") || line.starts_with("#[tokio::test"))
    };
    let is_function =
        |line: &str| line.split_once(&format!("fn {name}(")).is_some_and(|(before, _)| !before.contains('/'));
    let entries = [format!("case!({name})"), format!("case!({name},"), format!("(\"{name}\",")];
    let is_listed = |line: &str| entries.iter().any(|entry| line.contains(entry));
    let is_test = |(at, line): (usize, &&str)| {
        is_listed(line) || (is_function(line) && (has_attribute(at) || line.ends_with("(provider: Provider) {")))
    };
    lines.iter().enumerate().any(is_test)
}

#[test]
fn every_line_names_a_test_or_says_why_not() {
    let cells = cells();
    assert!(cells.len() > 70, "{} lines", cells.len());
    for cell in cells {
        assert!(tests(cell).next().is_some() || cell.starts_with("none: "), "no test: {cell}");
    }
}

#[test]
fn every_named_test_exists() {
    let named: BTreeSet<_> = tests(PAGE).collect();
    assert!(named.len() > 80, "{} tests", named.len());
    for (name, file) in named {
        let source = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file));
        let source = source.unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(has_test(&source, name), "there is no test `{name}` in {file}");
    }
}

#[test]
fn only_tests_are_found() {
    let source = r#"
        #[cfg(unix)]
        #[tokio::test(flavor = "current_thread")]
        async fn one() {}
        fn helper() {}
        #[test]
        fn two() {}
        // fn comment() {}
        case!(three, Needs(Promise)),
        case!(four),
        pub(super) async fn five(provider: Provider) {
        ("six", Server)
        test("the seventh, too", () => {});
    "#;
    for name in ["one", "two", "three", "four", "five", "six", "the seventh, too"] {
        assert!(has_test(source, name), "{name}");
    }
    for name in ["helper", "comment", "tw", "fou", "fiv", "the seventh"] {
        assert!(!has_test(source, name), "{name}");
    }
}
