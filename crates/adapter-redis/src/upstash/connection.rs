use std::{fmt, str};

use futures_util::FutureExt as _;
use lucia_http::{
    BaseUrl, Client, HttpConfig, HttpSetupError, Request, Retry, bearer,
    reqwest::{
        Method, StatusCode,
        header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
    },
};
use redis::{Arg, Cmd, ErrorKind, Pipeline, RedisFuture, RedisResult, Value, aio::ConnectionLike};
use serde_json::Value as Json;

use super::{error::redis_error, reply, retry::retry};
use crate::{
    connections::{ConnectionError, Connections, Topology},
    setup_error::SetupError,
};

/// A connection to a Redis database of Upstash or Vercel KV through its REST API.
///
/// Each command is one HTTP request, and so is each pipeline. Arguments must be UTF-8, because the API accepts JSON;
/// replies may be any bytes. Clones share the HTTP connections. The connection can run other commands too.
///
/// ```no_run
/// use adapter_redis::{RedisSessionAdapter, UpstashConnection};
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let connection = UpstashConnection::new("https://us1-merry-cat-32748.upstash.io", "the REST token")?;
/// let adapter = RedisSessionAdapter::new(connection).await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct UpstashConnection {
    client: Client,
    base: BaseUrl,
}

/// Without this header, the service returns bytes that are not text as replacement characters.
const ENCODING: HeaderName = HeaderName::from_static("upstash-encoding");

impl UpstashConnection {
    /// Creates a connection with the default [`HttpConfig`].
    ///
    /// # Errors
    /// Returns the errors of [`with_config`](Self::with_config).
    pub fn new(url: &str, token: &str) -> Result<Self, SetupError> {
        Self::with_config(url, token, HttpConfig::new())
    }

    /// Creates a connection to the database with this REST URL and a token that allows writing. Sends nothing yet.
    ///
    /// They are `UPSTASH_REDIS_REST_URL` and `UPSTASH_REDIS_REST_TOKEN` in Upstash's console, and `KV_REST_API_URL` and
    /// `KV_REST_API_TOKEN` in Vercel's.
    ///
    /// # Errors
    /// Returns [`SetupError::Http`] if the URL or the token is invalid, or the HTTP client cannot be created.
    pub fn with_config(url: &str, token: &str, config: HttpConfig) -> Result<Self, SetupError> {
        let base = BaseUrl::parse(url).map_err(HttpSetupError::from)?;
        let headers = HeaderMap::from_iter([
            (AUTHORIZATION, bearer(token)?),
            (CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (ENCODING, HeaderValue::from_static("base64")),
        ]);
        let client = Client::new(config, concat!("adapter-redis/", env!("CARGO_PKG_VERSION")), headers)?;
        Ok(Self { client, base })
    }

    /// Sends commands to an endpoint of the API, and returns the body of the response.
    async fn post(&self, endpoint: &str, commands: &Json, retry: Retry) -> RedisResult<Vec<u8>> {
        let request = Request::new(Method::POST, self.base.join(endpoint)).body(commands.to_string()).retry(retry);
        let response = self.client.send(request.accept(StatusCode::BAD_REQUEST)).await.map_err(redis_error)?;
        match response.status {
            StatusCode::BAD_REQUEST => Err(reply::rejection(&response.body)),
            _ => Ok(response.body),
        }
    }

    async fn run(&self, command: &Cmd) -> RedisResult<Value> {
        reply::one(&self.post("/", &to_json(command)?, retry(std::iter::once(command))).await?)
    }

    async fn run_all(&self, pipeline: &Pipeline, offset: usize, count: usize) -> RedisResult<Vec<Value>> {
        let commands = pipeline.cmd_iter().map(to_json).collect::<RedisResult<_>>()?;
        let endpoint = if pipeline.is_transaction() { "/multi-exec" } else { "/pipeline" };
        let body = self.post(endpoint, &Json::Array(commands), retry(pipeline.cmd_iter())).await?;
        let values = reply::many(&body, pipeline.len())?;
        if pipeline.is_transaction() {
            // The driver only reads the reply of `EXEC`.
            return Ok(vec![Value::Array(values)]);
        }
        Ok(values.into_iter().skip(offset).take(count).collect())
    }
}

fn to_json(command: &Cmd) -> RedisResult<Json> {
    let word = |word| match word {
        Arg::Simple(bytes) => str::from_utf8(bytes).ok(),
        _ => None,
    };
    let words: Option<Vec<_>> = command.args_iter().map(word).collect();
    let error = (ErrorKind::Client, "an argument of a command is not UTF-8, or is the cursor of an iterator");
    words.map(Json::from).ok_or_else(|| error.into())
}

impl ConnectionLike for UpstashConnection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        self.run(command).boxed()
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        self.run_all(pipeline, offset, count).boxed()
    }

    fn get_db(&self) -> i64 {
        0
    }
}

impl Connections for UpstashConnection {
    type Connection = Self;
    const TOPOLOGY: Topology = Topology::Single;

    async fn connection(&self) -> Result<Self, ConnectionError> {
        Ok(self.clone())
    }
}

impl fmt::Debug for UpstashConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpstashConnection")
            .field("url", &self.base.as_str())
            .field("http", &self.client)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use redis::cmd;
    use serde_json::json;

    use super::*;

    #[test]
    fn no_debug_shows_the_token() {
        let connection = UpstashConnection::new("https://kv.example.com", "hunter2").unwrap();
        assert!(!format!("{connection:?}").contains("hunter2"));
    }

    #[test]
    fn arguments_are_text() {
        assert_eq!(to_json(cmd("SET").arg("k").arg(7)).unwrap(), json!(["SET", "k", "7"]));
        let error = to_json(cmd("GET").arg(&b"hunter2\xff"[..])).unwrap_err();
        assert!(error.kind() == ErrorKind::Client && !format!("{error:?}").contains("hunter2"), "{error}");
    }
}
