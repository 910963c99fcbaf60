//! Tests of the compiler's messages for wrong and incomplete adapters.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A complete adapter.
const ADAPTER: &str = include_str!("fixtures/adapter.rs");

const IMPORTS: &str =
    "use lucia_auth::{Auth, lucia_core::{SplitAdapter, kv::{KvSessionAdapter, KvStore}, memory::MemoryAdapter}};";

/// Returns the library of this crate, which Cargo built next to this test.
fn library() -> PathBuf {
    let built = fs::read_dir(env::current_exe().unwrap().parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    let is_library = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with("liblucia_auth-") && name.ends_with(".rlib")
    };
    built.filter(is_library).max_by_key(|path| path.metadata().unwrap().modified().unwrap()).unwrap()
}

/// Compiles a function that has an adapter for sessions only.
fn compile(name: &str, statement: &str) -> Result<(), String> {
    let function = format!("pub fn f(sessions: KvSessionAdapter<impl KvStore>) {{ {statement}; }}");
    compile_source(name, &format!("{IMPORTS}\n{function}\n"))
}

/// Compiles a crate, or returns the compiler's message.
fn compile_source(name: &str, source: &str) -> Result<(), String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (file, library) = (folder.join(name).with_extension("rs"), library());
    fs::write(&file, source).unwrap();
    let output = Command::new(Path::new(env!("CARGO")).with_file_name("rustc"))
        .args(["--edition", "2024", "--crate-type", "lib", "--emit", "metadata", "--color", "never", "-A", "unused"])
        .arg("-L")
        .arg(format!("dependency={}", library.parent().unwrap().display()))
        .arg("--extern")
        .arg(format!("lucia_auth={}", library.display()))
        .arg("--out-dir")
        .args([folder, &file])
        .output()
        .unwrap();
    if output.status.success() { Ok(()) } else { Err(String::from_utf8(output.stderr).unwrap()) }
}

/// Returns the adapter without the `impl` of a trait.
fn without_impl(implemented: &str) -> String {
    let start = ADAPTER.find(implemented).unwrap();
    let end = start + ADAPTER[start..].find("}\n\n").unwrap();
    format!("{}{}", ADAPTER[..start].trim_end_matches("#[async_trait]\n"), &ADAPTER[end + 1..])
}

#[test]
fn the_message_names_a_missing_half() {
    compile_source("complete", ADAPTER).unwrap();
    for (name, missing) in [("UserAdapter", "users and keys"), ("SessionAdapter", "sessions")] {
        let source = without_impl(&format!("impl {name} for"));
        let message = compile_source(&format!("without_{name}"), &source).unwrap_err();
        assert!(message.starts_with(&format!("error[E0277]: `MyAdapter` does not store {missing}\n")), "{message}");
        assert!(message.contains("impl Adapter for MyAdapter {}"), "{message}");

        // Without `impl Adapter` too, the error is where the adapter is used.
        let source = source.replace("impl Adapter for MyAdapter {}\n", "");
        let message = compile_source(&format!("only_without_{name}"), &source).unwrap_err();
        let expected = "error[E0277]: `MyAdapter` does not store users, keys and sessions\n";
        assert!(message.starts_with(expected), "{message}");
        assert!(message.contains("`SplitAdapter::new(users, sessions)`"), "{message}");
    }
}

#[test]
fn the_message_names_a_missing_impl_of_adapter() {
    let message = compile_source("no_adapter", &ADAPTER.replace("impl Adapter for MyAdapter {}\n", "")).unwrap_err();
    assert!(message.starts_with("error[E0277]: `MyAdapter` does not store users, keys and sessions\n"), "{message}");
    assert!(message.contains("`impl Adapter for MyAdapter {}`"), "{message}");
}

#[test]
fn the_message_names_a_missing_method() {
    let methods =
        ADAPTER.lines().filter_map(|line| Some((line, line.trim().strip_prefix("async fn ")?.split_once('(')?.0)));
    let mut count = 0;
    for (line, method) in methods {
        let message = compile_source(method, &ADAPTER.replace(line, "")).unwrap_err();
        let expected = format!("error[E0046]: not all trait items implemented, missing: `{method}`\n");
        assert!(message.starts_with(&expected), "{message}");
        count += 1;
    }
    assert_eq!(count, 17);
}

#[test]
fn the_message_for_a_session_adapter_suggests_split_adapter() {
    compile("joined", "Auth::builder(SplitAdapter::new(MemoryAdapter::new(), sessions))").unwrap();

    let message = compile("alone", "Auth::builder(sessions)").unwrap_err();
    assert!(message.contains("` does not store users, keys and sessions"), "{message}");
    assert!(message.contains("`SplitAdapter::new(users, sessions)`"), "{message}");
    assert!(!message.contains("Deref"), "{message}");

    let message = compile("shared", "Auth::builder(std::sync::Arc::new(sessions))").unwrap_err();
    assert!(message.contains("`SplitAdapter::new(users, sessions)`"), "{message}");
}

#[test]
fn the_message_for_a_key_value_store_says_that_it_stores_no_tokens() {
    let needs = "fn needs(_: impl lucia_auth::lucia_core::TokenAdapter) {}";
    compile("tokens", &format!("{needs} needs(std::sync::Arc::new(MemoryAdapter::new()))")).unwrap();

    let message = compile("no_tokens", &format!("{needs} needs(sessions)")).unwrap_err();
    assert!(message.contains("` does not store tokens and counters"), "{message}");
    assert!(message.contains("those for plain key-value stores are not"), "{message}");
}

#[test]
fn the_message_names_swapped_halves() {
    let message = compile("swapped", "SplitAdapter::new(sessions, MemoryAdapter::new())").unwrap_err();
    assert!(message.contains("` does not store users and keys"), "{message}");

    let store = "let f = |store: &dyn KvStore| SplitAdapter::new(MemoryAdapter::new(), store)";
    let message = compile("store", store).unwrap_err();
    assert!(message.contains("` does not store sessions"), "{message}");
    assert!(message.contains("`KvSessionAdapter::new(store)`"), "{message}");
}

#[test]
fn the_message_for_an_unsupported_pointer_names_the_supported_ones() {
    let message = compile("rc", "Auth::builder(std::rc::Rc::new(MemoryAdapter::new()))").unwrap_err();
    assert!(message.contains("an `Arc`, a `Box` or a `&'static` reference to an adapter is an adapter"), "{message}");
}
