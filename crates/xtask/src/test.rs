use crate::{packages, steps::Steps, tree, wasm};

/// Installs what the tests need and runs all of them.
pub(crate) fn run(steps: &mut Steps) {
    steps.step("a browser, for the tests of the login application", || {
        packages::require(&["chromium", "chromedriver"], &["chromium", "chromium-driver"])
    });
    steps.cargo("tests of the workspace", &["test", "--workspace", "--all-features", "--locked", "--no-fail-fast"]);
    let mut outsider = tree::cargo();
    outsider
        .args(["test", "--locked", "--manifest-path", "adapter-tests/examples/custom-adapter/Cargo.toml"])
        .env("CARGO_TARGET_DIR", tree::target("outsider"));
    steps.command("the suite in a crate outside the workspace", &mut outsider);
    wasm::run(steps);
}
