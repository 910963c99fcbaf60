//! What the compiler says to somebody who passes the wrong adapter.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

const IMPORTS: &str =
    "use lucia_auth::{Auth, lucia_core::{SplitAdapter, kv::{KvSessionAdapter, KvStore}, memory::MemoryAdapter}};";

/// This crate, as Cargo built it for this test: beside the test itself.
fn library() -> PathBuf {
    let built = fs::read_dir(env::current_exe().unwrap().parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    let is_library = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with("liblucia_auth-") && name.ends_with(".rlib")
    };
    built.filter(is_library).max_by_key(|path| path.metadata().unwrap().modified().unwrap()).unwrap()
}

/// Compiles a function that is given an adapter for sessions alone. Returns what the compiler says.
fn compile(name: &str, statement: &str) -> Result<(), String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (source, library) = (folder.join(name).with_extension("rs"), library());
    let function = format!("pub fn f(sessions: KvSessionAdapter<impl KvStore>) {{ {statement}; }}");
    fs::write(&source, format!("{IMPORTS}\n{function}\n")).unwrap();
    let output = Command::new(Path::new(env!("CARGO")).with_file_name("rustc"))
        .args(["--edition", "2024", "--crate-type", "lib", "--emit", "metadata", "--color", "never", "-A", "unused"])
        .arg("-L")
        .arg(format!("dependency={}", library.parent().unwrap().display()))
        .arg("--extern")
        .arg(format!("lucia_auth={}", library.display()))
        .arg("--out-dir")
        .args([folder, &source])
        .output()
        .unwrap();
    if output.status.success() { Ok(()) } else { Err(String::from_utf8(output.stderr).unwrap()) }
}

#[test]
fn a_session_adapter_alone_is_pointed_at_split_adapter() {
    compile("joined", "Auth::builder(SplitAdapter::new(MemoryAdapter::new(), sessions))").unwrap();

    let message = compile("alone", "Auth::builder(sessions)").unwrap_err();
    assert!(message.contains("` does not store users, keys and sessions"), "{message}");
    assert!(message.contains("`SplitAdapter::new(users, sessions)`"), "{message}");
    assert!(!message.contains("Deref"), "{message}");

    let message = compile("shared", "Auth::builder(std::sync::Arc::new(sessions))").unwrap_err();
    assert!(message.contains("`SplitAdapter::new(users, sessions)`"), "{message}");
}

#[test]
fn halves_that_are_swapped_are_named() {
    let message = compile("swapped", "SplitAdapter::new(sessions, MemoryAdapter::new())").unwrap_err();
    assert!(message.contains("` does not store users and keys"), "{message}");

    let store = "let f = |store: &dyn KvStore| SplitAdapter::new(MemoryAdapter::new(), store)";
    let message = compile("store", store).unwrap_err();
    assert!(message.contains("` does not store sessions"), "{message}");
    assert!(message.contains("`KvSessionAdapter::new(store, layout, clock)`"), "{message}");
}

#[test]
fn pointers_that_forward_nothing_are_answered_with_those_that_do() {
    let message = compile("rc", "Auth::builder(std::rc::Rc::new(MemoryAdapter::new()))").unwrap_err();
    assert!(message.contains("an `Arc`, a `Box` or a `&'static` reference to an adapter is an adapter"), "{message}");
}
