//! Tests that the drawing in `architecture.md` is the same in both palettes, and contains every crate of the workspace.

use std::{collections::BTreeSet, fs, path::Path};

const LIGHT: &str = include_str!("../images/architecture-light.svg");
const DARK: &str = include_str!("../images/architecture-dark.svg");

/// Returns `true` for the line that defines the colors.
fn is_palette(line: &str) -> bool {
    line.trim_start().starts_with("svg { --")
}

#[test]
fn the_two_drawings_differ_only_in_their_palette() {
    let without_palette = |svg: &'static str| svg.lines().filter(|line| !is_palette(line)).collect::<Vec<_>>();
    assert_eq!(without_palette(LIGHT), without_palette(DARK));
    assert_ne!(LIGHT, DARK);
    assert_eq!(LIGHT.lines().filter(|line| is_palette(line)).count(), 1);
}

#[test]
fn every_crate_is_drawn() {
    let drawn: BTreeSet<_> = LIGHT
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("<text class=\"name\""))
        .filter_map(|text| text.split_once('>')?.1.strip_suffix("</text>"))
        .filter(|name| *name != "HTTP request")
        .map(str::to_owned)
        .collect();
    let crates = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates")).unwrap();
    let mut expected: BTreeSet<_> = crates
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().join("Cargo.toml").exists())
        .map(|entry| entry.file_name().into_string().unwrap())
        .filter(|name| name != "xtask")
        .collect();
    expected.insert("adapter-tests".to_owned());
    assert_eq!(drawn, expected);
}
