//! What runs in a Worker: built, and tested in workerd.

mod toolchain;
mod worker;
mod workerd;

use self::{
    toolchain::Toolchain,
    worker::{CONFORMANCE, EXAMPLE},
};
use crate::{
    steps::{Steps, execute},
    tree,
};

/// The libraries for the target, with the features that they have there.
const LIBRARIES: &[&str] = &["lucia-core", "lucia-auth", "adapter-tests", "adapter-cloudflare-kv"];
const FEATURES: &str = "adapter-tests/auth,adapter-cloudflare-kv/d1";

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
    steps.step("libraries for wasm32", || check_libraries(toolchain));
    let mut built = false;
    steps.step("Workers", || {
        worker::build(toolchain, &[EXAMPLE, CONFORMANCE])?;
        built = true;
        Ok(())
    });
    if built {
        steps.step("size of a Worker", || EXAMPLE.check_size());
        steps.step("tests in workerd", workerd::test);
    }
}

/// A library does not choose where random bytes come from; the application does, by a feature of `getrandom`.
fn check_libraries(toolchain: Toolchain) -> Result<(), String> {
    let mut check = toolchain.cargo("check");
    check
        .args(["--no-default-features", "--features", FEATURES])
        .args(LIBRARIES.iter().flat_map(|package| ["--package", package]))
        .env("CARGO_TARGET_DIR", tree::target("wasm-libraries"))
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", r#"--cfg getrandom_backend="custom""#);
    execute(&mut check)
}
