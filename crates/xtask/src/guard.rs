use std::process::{Command, Stdio};

use crate::{
    steps::{Steps, execute},
    tree,
};

/// The packages of the tools, with the versions that are installed if a tool is missing, and the program of each.
const TOOLS: [(&str, &str, &str); 3] = [
    ("cargo-machete", "0.9.2", "cargo-machete"),
    ("typos-cli", "1.52.0", "typos"),
    ("cargo-deny", "0.20.2", "cargo-deny"),
];

/// Runs tools that read the whole workspace.
pub(crate) fn run(steps: &mut Steps) {
    let [machete, typos, deny] = TOOLS.map(|(package, version, program)| {
        steps.step(program, move || {
            if tree::has_program(program) {
                return Ok(());
            }
            execute(tree::cargo().args(["install", "--locked", package, "--version", version]))
        })
    });
    let at_root = |program| {
        let mut command = Command::new(program);
        command.current_dir(tree::root());
        command
    };
    // As a subcommand, it does not expect the variables of a cargo that runs this program.
    steps.after(machete, "unused dependencies", move || execute(&mut at_root("cargo-machete")));
    steps.after(typos, "spelling", move || execute(at_root("typos").arg("--format=brief")));
    steps.after(deny, "banned crates and sources", || {
        execute(tree::cargo().args(["deny", "--workspace", "--locked", "check", "bans", "sources"]))
    });
    steps.after(deny, "advisories", check_advisories);
}

/// Checks for known vulnerabilities, if their database can be fetched.
fn check_advisories() -> Result<(), String> {
    let mut command = tree::cargo();
    command.args(["deny", "--workspace", "--locked", "check", "advisories"]).stderr(Stdio::piped());
    let output = command.output().map_err(|error| format!("cargo deny could not be started: {error}"))?;
    let errors = String::from_utf8_lossy(&output.stderr);
    println!("{errors}");
    if errors.contains("failed to fetch advisory database") {
        println!("not checked: the database of advisories could not be fetched");
        return Ok(());
    }
    if output.status.success() { Ok(()) } else { Err(format!("cargo deny failed ({})", output.status)) }
}
