use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

/// The database that Prisma Client and Lucia JS wrote: two users, three keys, and a session of each state.
const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../adapter-prisma-compatible/tests/fixtures/lucia_bs3.db");

pub(crate) const ACTIVE: &str = "sessactive00000000000000000000000000000a";
pub(crate) const IDLE: &str = "sessidle000000000000000000000000000000b2";
pub(crate) const ALICE: &str = "alice0000000001";

/// What no command may print: ids with which one can sign in, hashes, and the passwords of URLs.
const SECRETS: &[&str] = &["sessactive", "sessidle", "sessdead", "s2:", "$argon2", "d3f569f6c014", "s3cret"];

/// What a command has done.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Returns the command with these arguments, separated by spaces, and without the variables of the environment.
pub(crate) fn command(arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lucia"));
    command.args(arguments.split_whitespace());
    for name in ["DATABASE_URL", "SESSIONS_URL", "UNSTORAGE_TOKEN"] {
        command.env_remove(name);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub(crate) fn run(arguments: &str) -> Ran {
    run_with_input(arguments, "")
}

pub(crate) fn run_with_input(arguments: &str, input: &str) -> Ran {
    let mut child = command(arguments).spawn().unwrap();
    // The program may have ended without reading it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    for secret in SECRETS {
        assert!(!stdout.contains(secret) && !stderr.contains(secret), "{arguments}: {secret}: {stdout}{stderr}");
    }
    Ran { code: output.status.code().unwrap(), stdout, stderr }
}

/// A copy of the database.
pub(crate) struct Fixture {
    folder: TempDir,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::copy(FIXTURE, folder.path().join("lucia.db")).unwrap();
        Self { folder }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn url(&self) -> String {
        format!("sqlite://{}", self.path().join("lucia.db").display())
    }

    /// Runs a command on the database.
    pub(crate) fn run(&self, arguments: &str) -> Ran {
        run(&format!("--database {} {arguments}", self.url()))
    }

    pub(crate) fn execute(&self, sql: &str) {
        let connection = adapter_prisma_compatible::rusqlite::Connection::open(self.path().join("lucia.db")).unwrap();
        connection.execute_batch(sql).unwrap();
    }

    /// Returns the ids of sessions.
    pub(crate) fn sessions(&self) -> Vec<String> {
        let connection = adapter_prisma_compatible::rusqlite::Connection::open(self.path().join("lucia.db")).unwrap();
        let mut statement = connection.prepare("SELECT id FROM Session ORDER BY id").unwrap();
        let ids = statement.query_map([], |row| row.get(0)).unwrap();
        ids.map(Result::unwrap).collect()
    }
}
