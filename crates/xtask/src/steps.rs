use std::{
    io::{self, Write},
    process::{Command, ExitCode},
    time::{Duration, Instant},
};

use crate::tree;

/// A sequence of steps. The next steps run even if a step fails, except those after it.
#[derive(Default)]
pub(crate) struct Steps {
    planned: Vec<Step>,
}

struct Step {
    name: String,
    /// The step without which this one cannot run.
    after: Option<StepId>,
    run: Box<dyn FnOnce() -> Result<(), String>>,
}

/// A step of a sequence.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StepId(usize);

/// What became of a step.
#[derive(Debug)]
struct Outcome {
    name: String,
    failure: Option<String>,
    time: Duration,
}

impl Steps {
    /// Adds a step that runs `cargo` with these arguments.
    pub(crate) fn cargo(&mut self, name: &str, arguments: &[&str]) {
        let mut command = tree::cargo();
        command.args(arguments);
        self.command(name, command);
    }

    /// Adds a step that runs a command.
    pub(crate) fn command(&mut self, name: &str, mut command: Command) {
        self.step(name, move || execute(&mut command));
    }

    /// Adds a step.
    pub(crate) fn step(&mut self, name: &str, run: impl FnOnce() -> Result<(), String> + 'static) -> StepId {
        self.add(name, None, run)
    }

    /// Adds a step that is skipped if another one fails.
    pub(crate) fn after(
        &mut self,
        other: StepId,
        name: &str,
        run: impl FnOnce() -> Result<(), String> + 'static,
    ) -> StepId {
        self.add(name, Some(other), run)
    }

    fn add(&mut self, name: &str, after: Option<StepId>, run: impl FnOnce() -> Result<(), String> + 'static) -> StepId {
        self.planned.push(Step { name: name.to_owned(), after, run: Box::new(run) });
        StepId(self.planned.len() - 1)
    }

    /// Runs the steps and prints a summary.
    pub(crate) fn run(self) -> ExitCode {
        match self.run_to(&mut io::stdout()) {
            Ok(true) => ExitCode::SUCCESS,
            // Nobody reads the output.
            Ok(false) | Err(_) => ExitCode::FAILURE,
        }
    }

    /// Returns whether all steps have succeeded.
    #[expect(clippy::disallowed_methods, reason = "measures elapsed time")]
    fn run_to(self, output: &mut impl Write) -> io::Result<bool> {
        let count = self.planned.len();
        let mut done: Vec<Outcome> = Vec::new();
        for (index, Step { name, after, run }) in self.planned.into_iter().enumerate() {
            let title = format!("=== {} of {count}: {name}", index + 1);
            writeln!(output, "\n{title}")?;
            output.flush()?;
            let failed = after.map(|StepId(after)| &done[after]).filter(|outcome| outcome.failure.is_some());
            let start = Instant::now();
            let failure = match failed {
                Some(outcome) => Some(format!("skipped, because of: {}", outcome.name)),
                None => run().err(),
            };
            let time = start.elapsed();
            let first_line = failure.as_deref().and_then(|failure| failure.lines().next());
            writeln!(output, "{title}: {} ({:.1} s)", first_line.unwrap_or("ok"), time.as_secs_f64())?;
            done.push(Outcome { name, failure, time });
        }
        let total: Duration = done.iter().map(|outcome| outcome.time).sum();
        let succeeded = done.iter().filter(|outcome| outcome.failure.is_none()).count();
        writeln!(output, "\n=== summary: {succeeded} of {count} ok ({:.1} s)", total.as_secs_f64())?;
        for Outcome { name, failure, time } in &done {
            writeln!(output, "{:>6.1} s  {name}: {}", time.as_secs_f64(), failure.as_deref().unwrap_or("ok"))?;
        }
        Ok(succeeded == count)
    }
}

/// Runs a command. The error names the program.
pub(crate) fn execute(command: &mut Command) -> Result<(), String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().map_err(|error| format!("{program} could not be started: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{program} failed ({status})")) }
}

#[cfg(test)]
mod tests {
    use super::Steps;

    fn run(steps: Steps) -> (bool, String) {
        let mut output = Vec::new();
        let succeeded = steps.run_to(&mut output).unwrap();
        (succeeded, String::from_utf8(output).unwrap())
    }

    #[test]
    fn each_step_says_its_number_and_its_time() {
        let mut steps = Steps::default();
        steps.step("one", || Ok(()));
        steps.step("two", || Ok(()));
        let (succeeded, output) = run(steps);
        assert!(succeeded);
        assert!(output.contains("=== 1 of 2: one\n=== 1 of 2: one: ok (0.0 s)\n"), "{output}");
        assert!(output.contains("=== 2 of 2: two\n"), "{output}");
        assert!(output.ends_with("=== summary: 2 of 2 ok (0.0 s)\n   0.0 s  one: ok\n   0.0 s  two: ok\n"), "{output}");
    }

    #[test]
    fn steps_after_a_failed_one_are_skipped_and_others_run() {
        let mut steps = Steps::default();
        let failing = steps.step("toolchain", || Err("missing".to_owned()));
        let skipped = steps.after(failing, "build", || panic!("ran"));
        steps.after(skipped, "test", || panic!("ran"));
        steps.step("prose", || Ok(()));
        steps.step("tests", || Err("failed\nof two".to_owned()));
        let (succeeded, output) = run(steps);
        assert!(!succeeded);
        assert!(output.contains("5 of 5: tests: failed (0.0 s)\n"), "{output}");
        for line in [
            "summary: 1 of 5 ok",
            "toolchain: missing",
            "build: skipped, because of: toolchain",
            "test: skipped, because of: build",
            "prose: ok",
            "tests: failed\nof two",
        ] {
            assert!(output.contains(line), "{line}: {output}");
        }
    }
}
