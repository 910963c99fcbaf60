use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use adapter_tests::BoxError;
use serde_json::{Value, json};
use tokio::sync::oneshot;

type Pending = Arc<Mutex<HashMap<u64, oneshot::Sender<Value>>>>;

/// A Node process that runs Lucia JS. It ends with its standard input, which this value owns.
#[derive(Debug)]
pub(crate) struct LuciaJs {
    node: Child,
    requests: Mutex<ChildStdin>,
    pending: Pending,
    next: AtomicU64,
}

/// The error that Lucia JS threw.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct JsError {
    /// The code of a `LuciaError`.
    pub(crate) code: Option<String>,
    pub(crate) message: String,
}

impl LuciaJs {
    /// Starts Lucia JS on a Redis server, with these periods in milliseconds.
    pub(crate) fn start(url: &str, active: u64, idle: u64) -> Result<Self, BoxError> {
        let mut node = Command::new("node")
            .arg(script()?)
            .env("REDIS_URL", url)
            .env("ACTIVE_PERIOD", active.to_string())
            .env("IDLE_PERIOD", idle.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let requests = node.stdin.take().ok_or("node has no standard input")?;
        let answers = node.stdout.take().ok_or("node has no standard output")?;
        let pending = Pending::default();
        thread::spawn({
            let pending = Arc::clone(&pending);
            move || deliver(answers, &pending)
        });
        Ok(Self { node, requests: Mutex::new(requests), pending, next: AtomicU64::new(0) })
    }

    /// Calls a method of Lucia JS.
    pub(crate) async fn call(&self, method: &str, arguments: Value) -> Result<Value, JsError> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, answer) = oneshot::channel();
        self.pending.lock().unwrap().insert(id, sender);
        let request = json!({ "id": id, "method": method, "arguments": arguments });
        self.requests.lock().unwrap().write_all(format!("{request}\n").as_bytes()).unwrap();
        let mut answer = answer.await.expect("node responds to every request");
        match answer.get("error") {
            None => Ok(answer["value"].take()),
            Some(error) => Err(JsError {
                code: error["code"].as_str().map(str::to_owned),
                message: error["message"].as_str().unwrap_or_default().to_owned(),
            }),
        }
    }
}

impl Drop for LuciaJs {
    fn drop(&mut self) {
        let _ = self.node.kill();
        let _ = self.node.wait();
    }
}

/// Sends each response to the call that waits for it. At the end, the channels of waiting calls are closed.
fn deliver(answers: ChildStdout, pending: &Mutex<HashMap<u64, oneshot::Sender<Value>>>) {
    for line in BufReader::new(answers).lines().map_while(Result::ok) {
        let answer: Value = serde_json::from_str(&line).expect("a response is one line of JSON");
        let id = answer["id"].as_u64().expect("a response has the id of its request");
        if let Some(sender) = pending.lock().unwrap().remove(&id) {
            let _ = sender.send(answer);
        }
    }
    pending.lock().unwrap().clear();
}

/// Returns the path of the script beside its packages, which are installed once for each version of the files.
fn script() -> Result<PathBuf, BoxError> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lucia_js");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    Ok(test_servers::npm_packages(&sources, &[&sources.join("lucia.mjs")], target)?.join("lucia.mjs"))
}
