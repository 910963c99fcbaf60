//! The rule, on crates of a few lines.

use std::path::Path;

use crate::{faults::faults, imports::imports, tree::Tree};

/// The faults of a crate of these files, the first of which is its root.
fn check(files: &[(&str, &str)]) -> Vec<String> {
    let read = |path: &Path| {
        let file = files.iter().find(|(name, _)| Path::new(name) == path);
        file.map(|(_, text)| (*text).to_owned())
    };
    let tree = Tree::read(Path::new(files[0].0), &read).expect("a crate");
    faults(&tree, &imports(&tree).expect("paths that lead somewhere"))
}

#[test]
fn imports_that_point_down_are_fine() {
    let files = [
        ("lib.rs", "mod low;\npub mod folder;\nmod high;\npub use self::{folder::A, high::run, low::Low};"),
        ("low.rs", "pub struct Low; #[cfg(test)] mod tests { use crate::high::run; }"),
        ("folder/mod.rs", "mod a;\nmod b;\npub use self::a::A;\npub(crate) use self::b::B;"),
        ("folder/a.rs", "use crate::low::Low; pub struct A(Low);"),
        ("folder/b.rs", "use super::A; use ::serde::Serialize; pub struct B(A, super::a::A, serde::Value);"),
        (
            "high.rs",
            "use crate::{folder::{self, B as C}, low}; pub fn run() { folder::A; low::Low; self.high; C::new() }",
        ),
    ];
    assert_eq!(check(&files), [""; 0]);
}

#[test]
fn imports_that_point_up_are_found() {
    for import in [
        "use crate::high::High;",
        "use super::high::High;",
        // Re-exported by the root.
        "use crate::High;",
        "use super::{High as Other};",
        // By a path, and within a function, a macro and a group.
        "type T = crate::high::High;",
        "fn f() { use super::{high::High}; }",
        "fn f() { g!(\"{}\", 0..crate::high::High::MAX) }",
        "use crate::high; fn f() { high::High::new() }",
        "use crate::high as h; fn f(_: &h::High) {}",
        "use crate::high::*;",
        // The item is below, and the path is not.
        "use crate::high::Lower;",
        "#[cfg(not(test))] use crate::high::High;",
        "use crate::high::made::Made;",
        "mod inner { use super::super::High; }",
    ] {
        let files = [
            ("lib.rs", "mod lower;\nmod low;\nmod high;\npub use self::high::High;"),
            ("lower.rs", "pub struct Lower;"),
            ("low.rs", import),
            ("high.rs", "pub use crate::lower::Lower; pub struct High; pub mod made { define!(Made); }"),
        ];
        let faults = check(&files);
        assert!(faults.len() == 1 && faults[0].starts_with("low.rs:1: `low"), "{import} {faults:?}");
        assert!(faults[0].contains("imports from `high"), "{import} {faults:?}");
    }
}

#[test]
fn the_order_within_a_folder_counts() {
    let files = [
        ("lib.rs", "mod folder;"),
        ("folder/mod.rs", "mod a;\nmod b;\npub use self::{a::A, b::B};"),
        ("folder/a.rs", "\nuse super::B;\npub struct A;"),
        ("folder/b.rs", "pub struct B;"),
    ];
    let expected = "folder/a.rs:2: `folder::a` imports from `folder::b`, which is listed below it";
    assert_eq!(check(&files), [expected]);
}

#[test]
fn circles_are_found() {
    // A folder's own items and one of its files: neither is above the other, and only one may use the other.
    let files = [
        ("lib.rs", "mod folder;"),
        ("folder/mod.rs", "mod a;\npub(crate) use self::a::A;\npub struct Base;\nimpl Base { fn f() -> A {} }"),
        ("folder/a.rs", "use super::Base;\npub struct A(Base);"),
    ];
    assert_eq!(check(&files), ["circle: folder/a.rs:1 -> folder/mod.rs, folder/mod.rs:2 -> folder/a.rs"]);

    // Without the method it is a re-export, which is none.
    let files = [files[0], ("folder/mod.rs", "mod a;\npub(crate) use self::a::A;\npub struct Base;"), files[2]];
    assert_eq!(check(&files), [""; 0]);

    let files = [
        ("lib.rs", "mod a;\nmod b;\nmod c;"),
        ("a.rs", "use crate::c::C; pub struct A;"),
        ("b.rs", "use crate::a::A; pub struct B;"),
        ("c.rs", "use crate::b::B; pub struct C;"),
    ];
    let faults = check(&files);
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert_eq!(faults[1], "circle: a.rs:1 -> c.rs, c.rs:1 -> b.rs, b.rs:1 -> a.rs");
}

#[test]
fn a_path_that_leads_nowhere_is_an_error() {
    let read = |path: &Path| (path == Path::new("lib.rs")).then(|| "use crate::nowhere::X;".to_owned());
    let tree = Tree::read(Path::new("lib.rs"), &read).unwrap();
    assert_eq!(imports(&tree).unwrap_err(), "lib.rs:1: `crate::nowhere::X` not found");
    assert!(Tree::read(Path::new("lib.rs"), &|_| None).is_err());
    assert!(Tree::read(Path::new("lib.rs"), &|path| read(path).map(|_| "mod a;".to_owned())).is_err());
}
