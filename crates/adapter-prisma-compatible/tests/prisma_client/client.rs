use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use crate::install::Installed;

/// The time that a response may take.
const TIMEOUT: Duration = Duration::from_secs(120);

/// A Prisma Client in a separate process, which is stopped when this is dropped.
#[derive(Debug)]
pub(crate) struct Client {
    process: Child,
    input: ChildStdin,
    answers: Receiver<String>,
    _installed: Installed,
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Client {
    /// Starts a client with the options of `connect.js`.
    pub(crate) fn connect(options: &Value) -> Self {
        let installed = Installed::ready();
        let mut node = installed.node();
        node.arg("serve.js").arg(options.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = node.spawn().unwrap();
        let (input, output) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        let (sender, answers) = channel();
        thread::spawn(move || {
            BufReader::new(output).lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        Self { process, input, answers, _installed: installed }
    }

    /// Returns the row with an id, as the client reads it.
    pub(crate) fn find(&mut self, model: &str, id: &str) -> Option<Value> {
        let row = self.try_find(model, id).unwrap_or_else(|error| panic!("{model} {id}: {error}"));
        Some(row).filter(|row| !row.is_null())
    }

    pub(crate) fn try_find(&mut self, model: &str, id: &str) -> Result<Value, String> {
        result(self.ask(&json!({"model": model, "operation": "findUnique", "where": {"id": id}})))
    }

    pub(crate) fn create(&mut self, model: &str, row: &Value) -> Value {
        self.run(&json!({"model": model, "operation": "create", "data": row}))
    }

    pub(crate) fn update(&mut self, model: &str, id: &str, row: &Value) -> Value {
        self.run(&json!({"model": model, "operation": "update", "where": {"id": id}, "data": row}))
    }

    pub(crate) fn delete(&mut self, model: &str, id: &str) {
        self.run(&json!({"model": model, "operation": "delete", "where": {"id": id}}));
    }

    /// Calls a method of Lucia JS, and returns the result or the message of the error.
    pub(crate) fn lucia(&mut self, models: &Value, call: &str, arguments: &Value) -> Result<Value, String> {
        result(self.ask(&json!({"lucia": models, "call": call, "args": arguments})))
    }

    fn run(&mut self, request: &Value) -> Value {
        result(self.ask(request)).unwrap_or_else(|error| panic!("{request}: {error}"))
    }

    fn ask(&mut self, request: &Value) -> Value {
        writeln!(self.input, "{request}").unwrap();
        let answer = self.answers.recv_timeout(TIMEOUT).unwrap_or_else(|error| panic!("{request}: {error}"));
        serde_json::from_str(&answer).unwrap()
    }
}

fn result(mut answer: Value) -> Result<Value, String> {
    match answer.get("error") {
        None => Ok(answer["result"].take()),
        Some(error) => Err(error["message"].as_str().unwrap().to_owned()),
    }
}
