//! A server in front of a real Redis server with Upstash's REST API, as its documentation describes it: a command is the
//! JSON array in the body of a POST, `/pipeline` and `/multi-exec` take an array of them; 200 and `result`, 400 and `error`,
//! 401 without the token, 405 for other methods; strings in base64 with the header `Upstash-Encoding`.

#![allow(dead_code, reason = "each target uses only part of it")]
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use adapter_redis::redis::{
    self, Cmd, Pipeline, RedisError, Value,
    aio::{ConnectionLike as _, ConnectionManager},
};
use adapter_tests::BoxError;
use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{
        HeaderMap, HeaderName, StatusCode,
        header::{AUTHORIZATION, CONTENT_TYPE},
    },
    response::{IntoResponse as _, Response},
    routing::post,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::de::DeserializeOwned;
use serde_json::json;
use test_servers::Service;
use tokio::{net::TcpListener, task::JoinHandle};

pub(crate) const TOKEN: &str = "2553feg6a2d9842h2a0gcdb5f8efe9934";

/// A Redis server, and connections to it.
pub(crate) struct Database {
    pub(crate) connection: ConnectionManager,
    _server: Service,
}

impl Database {
    pub(crate) async fn start() -> Result<Self, BoxError> {
        let server = test_servers::redis()?;
        Ok(Self { connection: adapter_redis::connect(server.url()).await?, _server: server })
    }

    /// Runs a command directly on the server.
    pub(crate) async fn run<T: redis::FromRedisValue>(&self, command: &[&str]) -> Result<T, BoxError> {
        Ok(to_command(command).query_async(&mut self.connection.clone()).await?)
    }
}

/// The REST API of a database.
pub(crate) struct Front {
    pub(crate) url: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    connection: ConnectionManager,
    requests: AtomicUsize,
    /// A command that the service does not support.
    unknown: Option<&'static str>,
    /// The response to every request, if set.
    answer: Mutex<Option<Answer>>,
}

/// A status, a content type and a body.
type Answer = (StatusCode, [(HeaderName, &'static str); 1], String);

impl Front {
    pub(crate) async fn start(database: &Database) -> Self {
        Self::without(database, None).await
    }

    /// Starts an API that does not support a command.
    pub(crate) async fn without(database: &Database, unknown: Option<&'static str>) -> Self {
        let (connection, requests) = (database.connection.clone(), AtomicUsize::new(0));
        let shared = Arc::new(Shared { connection, requests, unknown, answer: Mutex::new(None) });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/", post(one))
            .route("/pipeline", post(pipeline))
            .route("/multi-exec", post(transaction))
            .with_state(Arc::clone(&shared));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, shared, task }
    }

    /// Sets the response to every later request.
    pub(crate) fn answer_with(&self, status: u16, content_type: &'static str, body: impl Into<String>) {
        let status = StatusCode::from_u16(status).unwrap();
        *self.shared.answer.lock().unwrap() = Some((status, [(CONTENT_TYPE, content_type)], body.into()));
    }

    /// Returns the number of requests since the last call.
    pub(crate) fn count(&self) -> usize {
        self.shared.requests.swap(0, SeqCst)
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn to_command(words: &[impl AsRef<str>]) -> Cmd {
    let mut command = Cmd::new();
    for word in words {
        command.arg(word.as_ref());
    }
    command
}

async fn one(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let words: Vec<String> = match read(&shared, &headers, &body) {
        Ok(words) => words,
        Err(response) => return *response,
    };
    if words.first().map(String::as_str) == shared.unknown {
        return fail(StatusCode::BAD_REQUEST, "ERR Command is not available");
    }
    match to_command(&words).query_async(&mut shared.connection.clone()).await {
        Ok(value) => Json(to_json(value, is_encoded(&headers))).into_response(),
        Err(error) => fail(StatusCode::BAD_REQUEST, &text(&error)),
    }
}

async fn pipeline(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let commands: Vec<Vec<String>> = match read(&shared, &headers, &body) {
        Ok(commands) => commands,
        Err(response) => return *response,
    };
    let pipeline = to_pipeline(&commands);
    let values = shared.connection.clone().req_packed_commands(&pipeline, 0, commands.len()).await;
    match values {
        Ok(values) => Json(values.into_iter().map(|value| to_json(value, is_encoded(&headers))).collect::<Vec<_>>())
            .into_response(),
        Err(error) => fail(StatusCode::BAD_REQUEST, &text(&error)),
    }
}

async fn transaction(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let commands: Vec<Vec<String>> = match read(&shared, &headers, &body) {
        Ok(commands) => commands,
        Err(response) => return *response,
    };
    let mut pipeline = to_pipeline(&commands);
    let values = shared.connection.clone().req_packed_commands(pipeline.atomic(), commands.len() + 1, 1).await;
    match values.map(|mut values| values.pop()) {
        Ok(Some(Value::Array(values))) => {
            Json(values.into_iter().map(|value| to_json(value, is_encoded(&headers))).collect::<Vec<_>>())
                .into_response()
        }
        Ok(other) => fail(StatusCode::BAD_REQUEST, &format!("EXECABORT {other:?}")),
        Err(error) => fail(StatusCode::BAD_REQUEST, &text(&error)),
    }
}

fn to_pipeline(commands: &[Vec<String>]) -> Pipeline {
    let mut pipeline = Pipeline::new();
    for words in commands {
        pipeline.add_command(to_command(words));
    }
    pipeline
}

/// Counts a request, and reads it if its token is valid.
fn read<T: DeserializeOwned>(shared: &Shared, headers: &HeaderMap, body: &Bytes) -> Result<T, Box<Response>> {
    shared.requests.fetch_add(1, SeqCst);
    if let Some(answer) = shared.answer.lock().unwrap().clone() {
        return Err(Box::new(answer.into_response()));
    }
    if headers.get(AUTHORIZATION).is_none_or(|value| value != &format!("Bearer {TOKEN}")) {
        return Err(Box::new(fail(StatusCode::UNAUTHORIZED, "WRONGPASS invalid or missing auth token")));
    }
    serde_json::from_slice(body).map_err(|_| Box::new(fail(StatusCode::BAD_REQUEST, "ERR failed to parse command")))
}

fn fail(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({ "error": error }))).into_response()
}

fn is_encoded(headers: &HeaderMap) -> bool {
    headers.get("upstash-encoding").is_some_and(|value| value == "base64")
}

fn text(error: &RedisError) -> String {
    format!("{} {}", error.code().unwrap_or("ERR"), error.detail().unwrap_or_default())
}

/// Returns the response to one command.
fn to_json(value: Value, encoded: bool) -> serde_json::Value {
    match value.extract_error() {
        Ok(value) => json!({ "result": result(value, encoded) }),
        Err(error) => json!({ "error": text(&error) }),
    }
}

fn result(value: Value, encoded: bool) -> serde_json::Value {
    let string = |bytes: Vec<u8>| {
        let text = if encoded { STANDARD.encode(bytes) } else { String::from_utf8_lossy(&bytes).into_owned() };
        serde_json::Value::String(text)
    };
    match value {
        Value::Nil => serde_json::Value::Null,
        Value::Int(number) => number.into(),
        Value::Okay => "OK".into(),
        Value::SimpleString(text) => string(text.into_bytes()),
        Value::BulkString(bytes) => string(bytes),
        Value::Array(values) => values.into_iter().map(|value| result(value, encoded)).collect(),
        other => panic!("Upstash's API does not reply {other:?}"),
    }
}
