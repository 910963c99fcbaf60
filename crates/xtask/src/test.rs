use std::thread;

use crate::{
    node::{self, Node},
    packages,
    steps::Steps,
    tree, wasm,
};

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
        steps.step(&packages.join(", "), || packages::require(programs, packages));
    }
    let mut node = Node::default();
    steps.step("Node.js", || {
        node = node::require()?;
        Ok(())
    });
    let mut tests = tree::cargo();
    tests.args(["test", "--workspace", "--all-features", "--locked", "--no-fail-fast"]);
    // Most tests wait for servers, which leaves half of the processors idle with one test for each.
    let threads = thread::available_parallelism().map_or(4, |processors| 2 * processors.get());
    tests.args(["--", "--test-threads", &threads.to_string()]);
    node.provide(&mut tests);
    steps.command("tests of the workspace", &mut tests);
    let mut outsider = tree::cargo();
    outsider
        .args(["test", "--locked", "--manifest-path", "adapter-tests/examples/custom-adapter/Cargo.toml"])
        .env("CARGO_TARGET_DIR", tree::target("outsider"));
    steps.command("the suite in a crate outside the workspace", &mut outsider);
    wasm::run(steps);
}
