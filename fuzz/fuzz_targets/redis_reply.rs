//! Reads replies of a Redis server or cluster: no session or token of another id, user or kind is returned, every loop
//! ends, and no error contains a value.
#![no_main]

use std::{
    io::Cursor,
    sync::{Arc, Mutex},
    time::Duration,
};

use adapter_redis::{
    ConnectionError, Connections, RedisConfig, RedisSessionAdapter, RedisTokenAdapter, Topology,
    redis::{Cmd, Parser, Pipeline, RedisError, RedisFuture, RedisResult, Value, aio::ConnectionLike},
};
use futures_util::FutureExt as _;
use libfuzzer_sys::fuzz_target;
use lucia_core::{
    AdapterResult, SessionAdapter as _, SessionSchema, SessionUpdate, TokenAdapter as _, TokenKind, TokenSchema,
    UnixMillis,
};

const KIND: TokenKind = TokenKind::from_static("reset");
const EXPIRES: UnixMillis = UnixMillis::new(4_102_444_800_000);

// One of `abcdefghijklmn` for the operation, in upper case on a cluster, and the replies in the Redis protocol.
fuzz_target!(|input: &[u8]| {
    let [operation, replies @ ..] = input else {
        return;
    };
    if operation.is_ascii_uppercase() {
        run(Replies::<true>::new(replies), operation.to_ascii_lowercase(), replies);
    } else {
        run(Replies::<false>::new(replies), *operation, replies);
    }
});

fn run<const CLUSTER: bool>(server: Replies<CLUSTER>, operation: u8, replies: &[u8]) {
    if operation == b'h' {
        // The claims of the server about itself, which may be wrong.
        let _ = RedisSessionAdapter::new(server).now_or_never();
        return;
    }
    let mode = if CLUSTER { "cluster" } else { "standalone" };
    let text = |text: &str| Value::BulkString(text.as_bytes().to_vec());
    *server.hello.lock().expect("one thread") = Some(Value::Array(["version", "7.0.0", "mode", mode].map(text).into()));
    let outcome = if matches!(operation, b'i'..=b'n') {
        let adapter = RedisTokenAdapter::new(server).now_or_never().expect("nobody waits");
        let adapter = adapter.expect("it says the right things");
        tokens(&adapter, operation).now_or_never()
    } else {
        // With another prefix than the default one, no index of Lucia JS is looked for.
        let adapter = RedisSessionAdapter::with_config(server, RedisConfig::new().session_prefix("s"));
        let adapter = adapter.now_or_never().expect("nobody waits").expect("it says the right things");
        sessions(&adapter, operation).now_or_never()
    };
    // The text of an error reply comes from the server.
    let has_errors = replies.iter().any(|byte| matches!(byte, b'-' | b'!'));
    if let Err(error) = outcome.expect("nobody waits")
        && !has_errors
    {
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    }
}

async fn sessions<const CLUSTER: bool>(
    adapter: &RedisSessionAdapter<Replies<CLUSTER>>,
    operation: u8,
) -> AdapterResult<()> {
    let session = SessionSchema::new("s", "u", UnixMillis::new(1), EXPIRES);
    let renewal = SessionUpdate::renewal(UnixMillis::new(2), UnixMillis::new(4_102_444_800_001));
    match operation {
        b'a' => {
            let found = adapter.get_session(&"s".into()).await?;
            assert!(found.is_none_or(|session| session.id.as_str() == "s"));
        }
        b'b' => {
            let found = adapter.get_sessions_by_user_id(&"u".into()).await?;
            assert!(found.iter().all(|session| session.user_id.as_str() == "u"));
        }
        b'c' => adapter.set_session(&session).await?,
        b'd' => adapter.update_session(&"s".into(), &renewal).await?,
        b'e' => adapter.delete_session(&"s".into()).await?,
        b'f' => adapter.delete_sessions_by_user_id(&"u".into()).await?,
        b'g' => adapter.rotate_session(&"s".into(), &"t".into(), &renewal).await?,
        _ => adapter.delete_other_sessions(&"u".into(), &"s".into()).await?,
    }
    Ok(())
}

async fn tokens<const CLUSTER: bool>(
    adapter: &RedisTokenAdapter<Replies<CLUSTER>>,
    operation: u8,
) -> AdapterResult<()> {
    match operation {
        b'i' | b'j' => {
            let (kind, id) = (KIND, "t".into());
            let found = match operation {
                b'i' => adapter.get_token(&kind, &id).await?,
                _ => adapter.take_token(&kind, &id).await?,
            };
            assert!(found.is_none_or(|token| token.id == id && token.kind == kind));
        }
        b'k' => adapter.set_token(&TokenSchema::new("t", KIND, EXPIRES).with_user_id("u")).await?,
        b'l' => adapter.delete_tokens(Some(&KIND), &"u".into()).await?,
        b'm' => {
            let count = adapter.add_to_counter("c", 1, Duration::from_secs(60), UnixMillis::new(1)).await?;
            assert!(count.value <= 1 << 53);
        }
        _ => drop(adapter.add_to_counter("c", -1, Duration::ZERO, UnixMillis::new(1)).await?),
    }
    Ok(())
}

/// A server that answers any command with the next reply, and closes the connection after the last one.
#[derive(Clone)]
struct Replies<const CLUSTER: bool> {
    hello: Arc<Mutex<Option<Value>>>,
    /// One parser for all replies, because it reads ahead.
    rest: Arc<Mutex<(Parser, Cursor<Vec<u8>>)>>,
}

impl<const CLUSTER: bool> Replies<CLUSTER> {
    fn new(replies: &[u8]) -> Self {
        Self { hello: Arc::default(), rest: Arc::new(Mutex::new((Parser::new(), Cursor::new(replies.to_vec())))) }
    }

    fn next(&self) -> RedisResult<Value> {
        if let Some(hello) = self.hello.lock().expect("one thread").take() {
            return Ok(hello);
        }
        let (parser, rest) = &mut *self.rest.lock().expect("one thread");
        parser.parse_value(rest)
    }
}

impl<const CLUSTER: bool> Connections for Replies<CLUSTER> {
    type Connection = Self;
    const TOPOLOGY: Topology = if CLUSTER { Topology::Cluster } else { Topology::Single };

    async fn connection(&self) -> Result<Self, ConnectionError> {
        Ok(self.clone())
    }
}

impl<const CLUSTER: bool> ConnectionLike for Replies<CLUSTER> {
    fn req_packed_command<'a>(&'a mut self, _: &'a Cmd) -> RedisFuture<'a, Value> {
        async {
            match self.next()? {
                Value::ServerError(error) => Err(RedisError::from(error)),
                value => Ok(value),
            }
        }
        .boxed()
    }

    fn req_packed_commands<'a>(&'a mut self, _: &'a Pipeline, _: usize, count: usize) -> RedisFuture<'a, Vec<Value>> {
        async move { (0..count).map(|_| self.next()).collect() }.boxed()
    }

    fn get_db(&self) -> i64 {
        0
    }
}
