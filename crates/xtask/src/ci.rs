use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    fuzz, licences, msrv, prose,
    steps::Steps,
    test,
    tree::{self, OUTSIDE},
};

/// The published crates, each with feature sets to check it with on its own.
const ALONE: &[(&str, &[&str])] = &[
    ("lucia-core", &[]),
    ("lucia-auth", &[]),
    ("lucia-auth", &["--no-default-features"]),
    ("lucia-auth", &["--no-default-features", "--features", "idna"]),
    ("lucia-auth", &["--no-default-features", "--features", "password"]),
    ("lucia-auth", &["--no-default-features", "--features", "public-suffix"]),
    ("lucia-auth", &["--no-default-features", "--features", "zxcvbn"]),
    ("lucia-axum", &[]),
    ("lucia-axum", &["--no-default-features"]),
    ("lucia-sql", &[]),
    ("lucia-http", &[]),
    ("adapter-prisma-compatible", &["--features", "rusqlite"]),
    ("adapter-prisma-compatible", &["--features", "sqlite"]),
    ("adapter-prisma-compatible", &["--features", "postgres"]),
    ("adapter-prisma-compatible", &["--features", "mysql"]),
    ("adapter-prisma-compatible", &["--features", "diesel-sqlite"]),
    ("adapter-prisma-compatible", &["--features", "diesel-postgres"]),
    ("adapter-prisma-compatible", &["--features", "diesel-mysql"]),
    ("adapter-redis", &[]),
    ("adapter-redis", &["--features", "cluster"]),
    ("adapter-redis", &["--features", "sentinel"]),
    ("adapter-redis", &["--features", "deadpool"]),
    ("adapter-redis", &["--features", "cluster,deadpool,sentinel"]),
    ("adapter-redis", &["--features", "rustls"]),
    ("adapter-redis", &["--features", "upstash"]),
    ("adapter-cloudflare-d1", &[]),
    ("adapter-cloudflare-kv", &[]),
    ("adapter-kv-http", &["--no-default-features"]),
    ("adapter-kv-http", &["--no-default-features", "--features", "unstorage"]),
    ("adapter-kv-http", &["--no-default-features", "--features", "cloudflare"]),
    ("adapter-object-store", &[]),
    ("adapter-object-store", &["--features", "aws"]),
    ("adapter-object-store", &["--features", "azure"]),
    ("adapter-object-store", &["--features", "gcp"]),
    ("lucia-cli", &[]),
    ("adapter-tests", &["--no-default-features"]),
    ("adapter-tests", &["--no-default-features", "--features", "auth"]),
    ("adapter-tests", &["--no-default-features", "--features", "harness"]),
];

/// Runs everything that has to pass.
pub(crate) fn run(steps: &mut Steps) {
    steps.cargo("format", &["fmt", "--all", "--check"]);
    for outside in OUTSIDE {
        steps.cargo(&format!("format of {outside}"), &["fmt", "--manifest-path", outside, "--check"]);
    }
    let clippy = ["clippy", "--workspace", "--all-targets", "--all-features", "--locked", "--", "-D", "warnings"];
    steps.cargo("lints", &clippy);
    for (package, features) in ALONE {
        let mut command = tree::cargo();
        command.args(["clippy", "--locked", "--package", package]).args(*features).args(["--", "-D", "warnings"]);
        steps.command(format!("{package} alone {}", features.join(" ")).trim_end(), command);
        // A link to an item of another feature breaks.
        let mut docs = document();
        docs.args(["--package", package]).args(*features);
        steps.command(format!("documentation of {package} alone {}", features.join(" ")).trim_end(), docs);
    }
    for outside in OUTSIDE {
        let mut command = tree::cargo();
        command
            .args(["clippy", "--locked", "--all-targets", "--manifest-path", outside, "--", "-D", "warnings"])
            // Compiles shared dependencies once.
            .env("CARGO_TARGET_DIR", tree::target(""));
        steps.command(&format!("lints of {outside}"), command);
    }
    fuzz::run_corpus(steps);
    steps.step("packages of earlier runs", forget_packages);
    steps.command("packages, each built from its packaged files", package());
    let mut docs = document();
    docs.args(["--workspace", "--all-features"]);
    steps.command("documentation", docs);
    steps.step("declared Rust versions", msrv::check_declared);
    steps.step("licences of dependencies", licences::check);
    steps.step("prose", prose::check);
    test::run(steps);
}

fn document() -> Command {
    let mut command = tree::cargo();
    command.args(["doc", "--no-deps", "--locked"]).env("RUSTDOCFLAGS", "-D warnings");
    command
}

/// Packages the published crates, and builds each from its package, with the others as if from the registry.
fn package() -> Command {
    let mut command = tree::cargo();
    command.args(["package", "--allow-dirty"]);
    select_published(&mut command);
    command
}

/// Publishes the published crates, each after those on which it depends.
pub(crate) fn publish(steps: &mut Steps, dry_run: bool) {
    steps.step("packages of earlier runs", forget_packages);
    let mut command = tree::cargo();
    command.arg("publish");
    if dry_run {
        command.arg("--dry-run");
    } else {
        // Compiles nothing while a token is in the environment: a dry run does.
        command.arg("--no-verify");
    }
    select_published(&mut command);
    steps.command("published crates", command);
}

fn select_published(command: &mut Command) {
    // A crate may have no default features with which it builds.
    command.args(["--locked", "--all-features"]);
    for package in published() {
        command.args(["--package", package]);
    }
}

fn published() -> BTreeSet<&'static str> {
    ALONE.iter().map(|(package, _)| *package).collect()
}

/// Deletes the sources that an earlier run unpacked from its packages. Cargo would use them again, because the version is
/// the same.
fn forget_packages() -> Result<(), String> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(env::home_dir()?.join(".cargo"))).ok_or("no home folder: set CARGO_HOME")?;
    // The registry of `cargo package` is a folder, so the name of its cache has no host before the hash.
    let local = folders(&home.join("registry/src")).filter(|(name, _)| name.starts_with('-'));
    for (name, path) in local.flat_map(|(_, registry)| folders(&registry)) {
        let is_version =
            |rest: &str| rest.strip_prefix('-').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        if published().into_iter().any(|package| name.strip_prefix(package).is_some_and(is_version)) {
            fs::remove_dir_all(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        }
    }
    Ok(())
}

/// Returns the names and paths in a folder, none if it does not exist.
fn folders(path: &Path) -> impl Iterator<Item = (String, PathBuf)> + use<> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())))
}
