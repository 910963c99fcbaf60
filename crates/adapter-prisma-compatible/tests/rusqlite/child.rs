//! Another process that runs the same test.

use std::{
    env,
    io::{BufRead as _, BufReader, Lines},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
};

/// The variable with the path of the database, which only the other process has.
const FILE: &str = "LUCIA_TEST_FILE";
/// The start of the lines that are not from the test harness.
const MARK: &str = "> ";

/// Returns the path of the database in the other process.
pub(crate) fn file() -> Option<PathBuf> {
    env::var_os(FILE).map(PathBuf::from)
}

/// Writes a line for the parent.
#[expect(clippy::print_stdout, reason = "the parent reads it")]
pub(crate) fn tell(line: &str) {
    println!("{MARK}{line}");
}

/// Waits until the parent lets this process go on.
pub(crate) fn wait() {
    let _ = std::io::stdin().read_line(&mut String::new());
}

/// A process that is killed when this is dropped.
pub(crate) struct Again {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Again {
    /// Starts this test in another process.
    pub(crate) fn start(test: &str, file: &Path) -> Self {
        Self::start_with(Command::new(env::current_exe().unwrap()), test, file)
    }

    /// Starts this test in a process that can write no files larger than a number of blocks.
    pub(crate) fn start_with_limit(blocks: u32, test: &str, file: &Path) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", "trap '' XFSZ; ulimit -S -f \"$1\"; shift; exec \"$@\"", "sh"]).arg(blocks.to_string());
        shell.arg(env::current_exe().unwrap());
        Self::start_with(shell, test, file)
    }

    /// Removes the limit.
    pub(crate) fn lift_limit(&self) {
        let process = self.process.id().to_string();
        assert!(Command::new("prlimit").args(["--fsize=unlimited", "--pid", &process]).status().unwrap().success());
    }

    /// Tells the process to go on.
    pub(crate) fn go_on(&mut self) {
        drop(self.process.stdin.take());
    }

    fn start_with(mut command: Command, test: &str, file: &Path) -> Self {
        command.args(["--exact", test, "--nocapture"]).env(FILE, file);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, lines }
    }

    /// Returns the next line that the process tells, or `None` at its end.
    pub(crate) fn heard(&mut self) -> Option<String> {
        let mut lines = self.lines.by_ref().map_while(Result::ok);
        lines.find_map(|line| Some(line.strip_prefix(MARK)?.to_owned()))
    }

    /// Kills the process. It cannot end by itself in an orderly way.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    pub(crate) fn succeeds(&mut self) -> bool {
        self.process.wait().unwrap().success()
    }
}

impl Drop for Again {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
