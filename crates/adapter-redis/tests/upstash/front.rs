//! A thin front on a real Redis server that speaks Upstash's REST API, as its documentation describes it: a command is the
//! JSON array in the body of a POST; 200 and `result`, 400 and `error`, 401 without the token, 405 for other methods; strings
//! in base64 if the header `Upstash-Encoding` says so.

#![allow(dead_code, reason = "each target uses a part of it")]
#![allow(clippy::unwrap_used, reason = "it is for tests, with a harness or without")]

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use adapter_redis::redis::{self, RedisError, Value, aio::ConnectionManager};
use adapter_tests::BoxError;
use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header::AUTHORIZATION},
    response::{IntoResponse as _, Response},
    routing::post,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
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

    /// Runs a command past every front.
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
    /// Which script from now on fails; 0 for none.
    failing: AtomicUsize,
}

impl Front {
    pub(crate) async fn start(database: &Database) -> Self {
        let (requests, failing) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let shared = Arc::new(Shared { connection: database.connection.clone(), requests, failing });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().route("/", post(serve)).with_state(Arc::clone(&shared));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, shared, task }
    }

    /// How many requests there were since the last time.
    pub(crate) fn count(&self) -> usize {
        self.shared.requests.swap(0, SeqCst)
    }

    /// Lets the `nth` script fail before it is run, with a status after which no request is made again.
    pub(crate) fn fail_script(&self, nth: usize) {
        self.shared.failing.store(nth, SeqCst);
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn to_command(words: &[impl AsRef<str>]) -> redis::Cmd {
    let mut command = redis::Cmd::new();
    for word in words {
        command.arg(word.as_ref());
    }
    command
}

async fn serve(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    shared.requests.fetch_add(1, SeqCst);
    let fail = |status: StatusCode, error: String| (status, Json(json!({ "error": error }))).into_response();
    if headers.get(AUTHORIZATION).is_none_or(|value| value != &format!("Bearer {TOKEN}")) {
        return fail(StatusCode::UNAUTHORIZED, "WRONGPASS invalid or missing auth token".to_owned());
    }
    let Ok(words) = serde_json::from_slice::<Vec<String>>(&body) else {
        return fail(StatusCode::BAD_REQUEST, "ERR failed to parse command".to_owned());
    };
    if words.first().is_some_and(|name| name == "EVAL")
        && shared.failing.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)) == Ok(1)
    {
        return fail(StatusCode::INSUFFICIENT_STORAGE, "ERR".to_owned());
    }
    let encoded = headers.get("upstash-encoding").is_some_and(|value| value == "base64");
    match to_command(&words).query_async(&mut shared.connection.clone()).await {
        Ok(value) => Json(json!({ "result": to_json(value, encoded) })).into_response(),
        Err(error) => fail(StatusCode::BAD_REQUEST, text(&error)),
    }
}

fn text(error: &RedisError) -> String {
    format!("{} {}", error.code().unwrap_or("ERR"), error.detail().unwrap_or_default())
}

fn to_json(value: Value, encoded: bool) -> serde_json::Value {
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
        Value::Array(values) => values.into_iter().map(|value| to_json(value, encoded)).collect(),
        other => panic!("Upstash's API has no such reply: {other:?}"),
    }
}
