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
    let mut found = None;
    steps.step("a toolchain for wasm32", || {
        found = Some(Toolchain::require()?);
        Ok(())
    });
    let Some(toolchain) = found else {
        return;
    };
    steps.step("libraries for wasm32", || check(toolchain, ANY_HOST));
    steps.step("libraries for Workers", || check(toolchain, WORKERS));
    let mut built = false;
    steps.step("Workers", || {
        for worker in [CONFORMANCE, EXAMPLE_D1, EXAMPLE_KV] {
            worker.build(toolchain)?;
        }
        built = true;
        Ok(())
    });
    if built {
        steps.step("size of the larger example", || EXAMPLE_KV.check_size());
        steps.step("tests in workerd", workerd::test);
    }
}

/// Checks the libraries with a custom source of random bytes, because applications choose it by a feature of `getrandom`.
fn check(toolchain: Toolchain, packages: &[&str]) -> Result<(), String> {
    let mut check = toolchain.cargo("check");
    check
        .arg("--no-default-features")
        .args(packages)
        .env("CARGO_TARGET_DIR", tree::target("wasm-libraries"))
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", r#"--cfg getrandom_backend="custom""#);
    execute(&mut check)
}
