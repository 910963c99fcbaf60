//! Upstash's REST API in front of a real Redis server, as its documentation describes it: a command is the JSON array in
//! the body of a POST, `/pipeline` and `/multi-exec` take an array of them; 200 and `result`, 400 and `error`, 401 without
//! the token, 405 for other methods; strings in base64 with the header `Upstash-Encoding`.

use std::{
    fmt, io,
    net::Ipv4Addr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

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
use redis::{
    Client, Cmd, FromRedisValue, IntoConnectionInfo as _, Pipeline, RedisError, RedisResult, Value,
    aio::{ConnectionLike as _, ConnectionManager, ConnectionManagerConfig},
    io::tcp::TcpSettings,
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{Service, ServiceError};

/// The token of every API.
pub const TOKEN: &str = "2553feg6a2d9842h2a0gcdb5f8efe9934";

/// How long a busy server may take to reply.
const PATIENCE: Duration = Duration::from_secs(30);

/// A Redis server, and connections to it.
pub struct Database {
    connection: ConnectionManager,
    server: Service,
}

impl Database {
    /// Starts the server that [`redis`](fn@crate::redis) returns, and connects to it.
    ///
    /// # Errors
    /// Returns the errors of [`redis`](fn@crate::redis), and [`ServiceError::Io`] if the server cannot be reached.
    pub async fn start() -> Result<Self, ServiceError> {
        let server = crate::redis()?;
        let connection = connect(server.url()).await;
        let connection = connection.map_err(io::Error::other).map_err(ServiceError::io("connecting to Redis"))?;
        Ok(Self { connection, server })
    }

    /// Returns the URL of the server.
    #[must_use]
    pub fn url(&self) -> &str {
        self.server.url()
    }

    /// Runs a command directly on the server.
    ///
    /// # Errors
    /// Returns the error of the server, or of the conversion of its reply.
    pub async fn run<T: FromRedisValue>(&self, command: &[&str]) -> RedisResult<T> {
        to_command(command).query_async(&mut self.connection.clone()).await
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("server", &self.server).finish_non_exhaustive()
    }
}

async fn connect(url: &str) -> RedisResult<ConnectionManager> {
    let info = url.into_connection_info()?;
    let client = Client::open(info.set_tcp_settings(TcpSettings::default().set_nodelay(true)))?;
    let config = ConnectionManagerConfig::new().set_response_timeout(Some(PATIENCE));
    ConnectionManager::new_with_config(client, config).await
}

/// The REST API of a database. It ends when this value is dropped.
pub struct Front {
    /// Its URL.
    pub url: String,
    shared: Arc<Shared>,
    task: JoinHandle<io::Result<()>>,
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
    /// Starts an API that supports every command of the database.
    ///
    /// # Errors
    /// Returns [`ServiceError::Io`] if the system refuses a port.
    pub async fn start(database: &Database) -> Result<Self, ServiceError> {
        Self::without(database, None).await
    }

    /// Starts an API that does not support a command.
    ///
    /// # Errors
    /// Returns [`ServiceError::Io`] if the system refuses a port.
    pub async fn without(database: &Database, unknown: Option<&'static str>) -> Result<Self, ServiceError> {
        let (connection, requests) = (database.connection.clone(), AtomicUsize::new(0));
        let shared = Arc::new(Shared { connection, requests, unknown, answer: Mutex::new(None) });
        let listening = ServiceError::io("listening on a port");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let bound = listener.and_then(|listener| Ok((listener.local_addr()?, listener)));
        let (address, listener) = bound.map_err(listening)?;
        let router = Router::new()
            .route("/", post(one))
            .route("/pipeline", post(pipeline))
            .route("/multi-exec", post(transaction))
            .with_state(Arc::clone(&shared));
        let task = tokio::spawn(axum::serve(listener, router).into_future());
        Ok(Self { url: format!("http://{address}"), shared, task })
    }

    /// Sets the response to every later request.
    pub fn answer_with(&self, status: u16, content_type: &'static str, body: impl Into<String>) {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        *self.shared.answer() = Some((status, [(CONTENT_TYPE, content_type)], body.into()));
    }

    /// Returns the number of requests since the last call.
    #[expect(clippy::must_use_candidate, reason = "it also resets the number")]
    pub fn count(&self) -> usize {
        self.shared.requests.swap(0, SeqCst)
    }
}

impl Shared {
    fn answer(&self) -> MutexGuard<'_, Option<Answer>> {
        self.answer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Front {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Front").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A word of a command. Clients may send numbers as such.
#[derive(Deserialize)]
#[serde(from = "serde_json::Value")]
struct Word(String);

impl From<serde_json::Value> for Word {
    fn from(word: serde_json::Value) -> Self {
        match word {
            serde_json::Value::String(text) => Self(text),
            other => Self(other.to_string()),
        }
    }
}

impl AsRef<str> for Word {
    fn as_ref(&self) -> &str {
        &self.0
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
    let words: Vec<Word> = match read(&shared, &headers, &body) {
        Ok(words) => words,
        Err(response) => return *response,
    };
    if words.first().map(AsRef::as_ref) == shared.unknown {
        return fail(StatusCode::BAD_REQUEST, "ERR Command is not available");
    }
    match to_command(&words).query_async(&mut shared.connection.clone()).await {
        Ok(value) => Json(to_json(value, is_encoded(&headers))).into_response(),
        Err(error) => fail(StatusCode::BAD_REQUEST, &text(&error)),
    }
}

async fn pipeline(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let commands: Vec<Vec<Word>> = match read(&shared, &headers, &body) {
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
    let commands: Vec<Vec<Word>> = match read(&shared, &headers, &body) {
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

fn to_pipeline(commands: &[Vec<Word>]) -> Pipeline {
    let mut pipeline = Pipeline::new();
    for words in commands {
        pipeline.add_command(to_command(words));
    }
    pipeline
}

/// Counts a request, and reads it if its token is valid.
fn read<T: DeserializeOwned>(shared: &Shared, headers: &HeaderMap, body: &Bytes) -> Result<T, Box<Response>> {
    shared.requests.fetch_add(1, SeqCst);
    if let Some(answer) = shared.answer().clone() {
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
