use std::{
    fmt::Write as _,
    process::{Command, ExitCode},
    time::{Duration, Instant},
};

use crate::tree;

/// A sequence of steps. The next steps run even if a step fails.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    done: Vec<Step>,
}

#[derive(Debug)]
struct Step {
    name: String,
    failure: Option<String>,
    time: Duration,
}

impl Steps {
    /// Runs `cargo` with these arguments as a step.
    pub(crate) fn cargo(&mut self, name: &str, arguments: &[&str]) {
        self.command(name, tree::cargo().args(arguments));
    }

    /// Runs a command as a step.
    pub(crate) fn command(&mut self, name: &str, command: &mut Command) {
        self.step(name, || execute(command));
    }

    /// Runs a step.
    #[expect(clippy::disallowed_methods, reason = "measures elapsed time")]
    pub(crate) fn step(&mut self, name: &str, run: impl FnOnce() -> Result<(), String>) {
        println!("\n=== {name}");
        let start = Instant::now();
        let failure = run().err();
        if let Some(failure) = &failure {
            println!("=== {name}: {failure}");
        }
        self.done.push(Step { name: name.to_owned(), failure, time: start.elapsed() });
    }

    /// Prints a summary.
    pub(crate) fn finish(self) -> ExitCode {
        let mut summary = String::from("\n=== summary\n");
        for Step { name, failure, time } in &self.done {
            let outcome = failure.as_deref().unwrap_or("ok");
            // Writing to a string cannot fail.
            let _ = writeln!(summary, "{:>6.1} s  {name}: {outcome}", time.as_secs_f64());
        }
        println!("{summary}");
        if self.done.iter().all(|step| step.failure.is_none()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// Runs a command. The error names the program.
pub(crate) fn execute(command: &mut Command) -> Result<(), String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().map_err(|error| format!("{program} could not be started: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{program} failed ({status})")) }
}
