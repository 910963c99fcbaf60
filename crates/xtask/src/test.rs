use std::thread;

use crate::{failures::execute_tests, node, packages, steps::Steps, tree, wasm};

/// The programs that tests start, with the Debian packages that contain them.
const PROGRAMS: &[(&[&str], &[&str])] = &[
    (&["chromium", "chromedriver"], &["chromium", "chromium-driver"]),
    (&["initdb"], &["postgresql"]),
    (&["pgbouncer"], &["pgbouncer"]),
    (&["mariadbd", "mariadb-install-db"], &["mariadb-server"]),
    (&["redis-server"], &["redis-server"]),
    (&["pip3"], &["python3-pip"]),
];

/// Installs what the tests need, and runs all tests.
pub(crate) fn run(steps: &mut Steps) {
    for (programs, packages) in PROGRAMS {
        steps.step(&packages.join(", "), move || packages::require(programs, packages));
    }
    steps.step("Node.js", || node::require().map(drop));
    steps.step("tests of the workspace", || {
        let mut tests = tree::cargo();
        tests.args(["test", "--workspace", "--all-features", "--locked", "--no-fail-fast"]);
        // Most tests wait for servers, which leaves half of the processors idle with one test for each.
        let threads = thread::available_parallelism().map_or(4, |processors| 2 * processors.get());
        tests.args(["--", "--test-threads", &threads.to_string()]);
        // Without Node.js, the tests that need it fail, and the others run.
        node::require().unwrap_or_default().provide(&mut tests);
        execute_tests(&mut tests)
    });
    let mut outsider = tree::cargo();
    outsider
        .args(["test", "--locked", "--manifest-path", "adapter-tests/examples/custom-adapter/Cargo.toml"])
        .env("CARGO_TARGET_DIR", tree::target("outsider"));
    steps.command("the suite in a crate outside the workspace", outsider);
    wasm::run(steps);
}
