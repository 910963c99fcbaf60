//! The drawing in `architecture.md`: one picture in two palettes, with every crate of the workspace in it.

use std::{collections::BTreeSet, fs, path::Path};

const LIGHT: &str = include_str!("../images/architecture-light.svg");
const DARK: &str = include_str!("../images/architecture-dark.svg");

/// The line that sets the colours.
fn is_palette(line: &str) -> bool {
    line.trim_start().starts_with("svg { --")
}

#[test]
fn the_two_pictures_differ_in_their_palette_alone() {
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
