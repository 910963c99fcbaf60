use std::{fmt, str, sync::Arc};

use futures_util::FutureExt as _;
use redis::{Arg, Cmd, ErrorKind, Pipeline, RedisFuture, RedisResult, Value, aio::ConnectionLike};
use serde_json::Value as Json;

use super::{client::Client, config::UpstashConfig, reply, retry::Retry};
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
    client: Arc<Client>,
}

impl UpstashConnection {
    /// Creates a connection with the default [`UpstashConfig`].
    ///
    /// # Errors
    /// Returns the errors of [`with_config`](Self::with_config).
    pub fn new(url: &str, token: &str) -> Result<Self, SetupError> {
        Self::with_config(url, token, UpstashConfig::new())
    }

    /// Creates a connection to the database with this REST URL and a token that allows writing. Sends nothing yet.
    ///
    /// They are `UPSTASH_REDIS_REST_URL` and `UPSTASH_REDIS_REST_TOKEN` in Upstash's console, and `KV_REST_API_URL` and
    /// `KV_REST_API_TOKEN` in Vercel's.
    ///
    /// # Errors
    /// Returns [`SetupError::InvalidUpstashUrl`] or [`SetupError::InvalidUpstashToken`] if the URL or the token is
    /// invalid, and [`SetupError::HttpClient`] if the HTTP client cannot be created.
    pub fn with_config(url: &str, token: &str, config: UpstashConfig) -> Result<Self, SetupError> {
        Ok(Self { client: Arc::new(Client::new(url, token, config)?) })
    }

    async fn run(&self, command: &Cmd) -> RedisResult<Value> {
        let retry = Retry::of([command].into_iter());
        reply::one(&self.client.post("", to_json(command)?, retry).await?)
    }

    async fn run_all(&self, pipeline: &Pipeline, offset: usize, count: usize) -> RedisResult<Vec<Value>> {
        let commands = pipeline.cmd_iter().map(to_json).collect::<RedisResult<_>>()?;
        let endpoint = if pipeline.is_transaction() { "multi-exec" } else { "pipeline" };
        let retry = Retry::of(pipeline.cmd_iter());
        let answer = self.client.post(endpoint, Json::Array(commands), retry).await?;
        let values = reply::many(&answer, pipeline.len())?;
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
        f.debug_struct("UpstashConnection").field("url", &self.client.url()).finish_non_exhaustive()
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
