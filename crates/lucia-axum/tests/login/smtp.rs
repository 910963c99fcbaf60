use std::{path::Path, process::Stdio, time::Duration};

use serde::Deserialize;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

/// An SMTP server on a free port: the npm package `smtp-server`. It stops when this is dropped.
pub(crate) struct SmtpServer {
    /// With the password that the server requires.
    pub(crate) url: String,
    lines: Lines<BufReader<ChildStdout>>,
    _process: Child,
}

/// A mail that the server received.
#[derive(Debug, Deserialize)]
pub(crate) struct Received {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    /// The headers and the text.
    pub(crate) message: String,
}

impl SmtpServer {
    pub(crate) async fn start() -> Self {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/npm");
        let script = sources.join("smtp.mjs");
        let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let packages = test_servers::npm_packages(&sources.join("smtp"), &[&script], target).unwrap();
        let mut process = Command::new("node")
            .arg(packages.join("smtp.mjs"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("install Node.js 20 or newer: `cargo xtask test` does it as root");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = lines.next_line().await.unwrap().expect("the server listens");
        Self { url: format!("smtp://lucia:mail%20secret@127.0.0.1:{port}"), lines, _process: process }
    }

    /// Waits for the next mail.
    pub(crate) async fn receive(&mut self) -> Received {
        let line = timeout(Duration::from_secs(20), self.lines.next_line()).await.expect("a mail is sent");
        let line = line.unwrap().expect("the server runs");
        serde_json::from_str(&line).unwrap()
    }
}

impl Received {
    /// Returns the link in the text, which has a line of its own.
    pub(crate) fn link(&self) -> String {
        assert!(self.message.contains("Content-Transfer-Encoding: quoted-printable"), "{}", self.message);
        // All of the text is ASCII.
        let text = self.message.replace("=\r\n", "").replace("=3D", "=");
        text.lines().find(|line| line.starts_with("http://")).expect("a link").to_owned()
    }

    /// Returns the token in the link.
    pub(crate) fn token(&self) -> String {
        self.link().split_once("?token=").expect("a token").1.to_owned()
    }
}
