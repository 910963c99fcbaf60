//! Builds the crates for Workers, and tests them in workerd.

mod toolchain;
mod worker;
mod workerd;

use self::{
    toolchain::Toolchain,
    worker::{CONFORMANCE, EXAMPLE_D1, EXAMPLE_KV},
};
use crate::{
    steps::{Steps, execute},
    tree,
};

/// Libraries that compile for the target without a host environment, with their features.
const ANY_HOST: &[&str] = &[
    "--package=lucia-core",
    "--package=lucia-auth",
    "--package=lucia-sql",
    "--package=adapter-tests",
    "--features=adapter-tests/auth",
];
/// Libraries for Workers, with which `lucia-core` uses the clock of JavaScript.
const WORKERS: &[&str] = &["--package=adapter-cloudflare-d1", "--package=adapter-cloudflare-kv"];

/// Builds the crates that run on wasm32-unknown-unknown, and runs their tests in workerd.
pub(crate) fn run(steps: &mut Steps) {
    let toolchain = steps.step("a toolchain for wasm32", || Toolchain::require().map(drop));
    steps.after(toolchain, "libraries for wasm32", || check(ANY_HOST));
    steps.after(toolchain, "libraries for Workers", || check(WORKERS));
    let workers = steps.after(toolchain, "Workers", || {
        let toolchain = Toolchain::require()?;
        [CONFORMANCE, EXAMPLE_D1, EXAMPLE_KV].into_iter().try_for_each(|worker| worker.build(toolchain))
    });
    steps.after(workers, "size of the larger example", || EXAMPLE_KV.check_size());
    steps.after(workers, "tests in workerd", workerd::test);
}

/// Checks the libraries with a custom source of random bytes, because applications choose it by a feature of `getrandom`.
fn check(packages: &[&str]) -> Result<(), String> {
    let mut check = Toolchain::require()?.cargo("check");
    check
        .arg("--no-default-features")
        .args(packages)
        .env("CARGO_TARGET_DIR", tree::target("wasm-libraries"))
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", r#"--cfg getrandom_backend="custom""#);
    execute(&mut check)
}
