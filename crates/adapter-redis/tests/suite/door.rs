use std::sync::Arc;

use adapter_redis::{
    Connections,
    redis::{Cmd, FromRedisValue, cmd},
};
use adapter_tests::{BackDoor, BoxError, Corruption};
use lucia_core::{SessionId, TokenId, UnixMillis, UserId, async_trait};

use super::{expiry::expiry, faulty::Faults};

/// The prefixes of a store, which start with the name of its case.
#[derive(Clone)]
pub(crate) struct Names {
    case: String,
    pub(crate) session: String,
    pub(crate) user_session: String,
    pub(crate) token: String,
    pub(crate) user_token: String,
    pub(crate) counter: String,
}

impl Names {
    pub(crate) fn new(case: &str, names: [&str; 5]) -> Self {
        let [session, user_session, token, user_token, counter] = names.map(|name| format!("{case}:{name}"));
        Self { case: case.to_owned(), session, user_session, token, user_token, counter }
    }
}

/// Direct access to the servers. Keys are written here independently of the adapter.
pub(crate) struct Door<C> {
    connections: C,
    names: Names,
    faults: Arc<Faults>,
}

impl<C: Connections> Door<C> {
    pub(crate) fn new(connections: C, names: Names) -> Self {
        Self { connections, names, faults: Arc::default() }
    }

    pub(crate) fn faults(&self) -> Arc<Faults> {
        Arc::clone(&self.faults)
    }

    async fn run<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, BoxError> {
        Ok(command.query_async(&mut self.connections.connection().await?).await?)
    }

    fn session_key(&self, session_id: &SessionId) -> String {
        format!("{}:{}", self.names.session, session_id.as_str())
    }

    fn user_sessions_key(&self, user_id: &UserId) -> String {
        format!("{}:{user_id}", self.names.user_session)
    }

    async fn expiry(&self, key: &str) -> Result<Option<UnixMillis>, BoxError> {
        let millis = expiry(&mut self.connections.connection().await?, key).await?;
        Ok((millis != -1).then(|| UnixMillis::new(millis)))
    }
}

#[async_trait]
impl<C: Connections> BackDoor for Door<C> {
    async fn raw_session(&self, session_id: &SessionId) -> Result<Option<Vec<u8>>, BoxError> {
        self.run(cmd("GET").arg(self.session_key(session_id))).await
    }

    async fn put_raw_session(&self, session_id: &SessionId, json: &[u8]) -> Result<(), BoxError> {
        self.run(cmd("SET").arg(self.session_key(session_id)).arg(json).arg("KEEPTTL")).await
    }

    async fn corrupt_session(&self, session_id: &SessionId, how: Corruption) -> Result<(), BoxError> {
        let key = self.session_key(session_id);
        match how {
            // Arguments over HTTP must be UTF-8, but a script may contain escapes of any bytes.
            Corruption::Garbage => {
                let script = r#"return redis.call('SET', KEYS[1], '{"id":\255\0', 'KEEPTTL')"#;
                self.run(cmd("EVAL").arg(script).arg(1).arg(key)).await
            }
            _ => {
                self.run::<i64>(cmd("DEL").arg(&key)).await?;
                self.run(cmd("RPUSH").arg(&key).arg("one").arg("two")).await
            }
        }
    }

    async fn index(&self, user_id: &UserId) -> Result<Vec<SessionId>, BoxError> {
        let ids: Vec<String> = self.run(cmd("SMEMBERS").arg(self.user_sessions_key(user_id))).await?;
        Ok(ids.into_iter().map(SessionId::from).collect())
    }

    async fn put_index_entry(&self, user_id: &UserId, session_id: &SessionId) -> Result<(), BoxError> {
        self.run(cmd("SADD").arg(self.user_sessions_key(user_id)).arg(session_id.as_str())).await
    }

    async fn expire_session(&self, session_id: &SessionId) -> Result<(), BoxError> {
        self.run(cmd("PEXPIREAT").arg(self.session_key(session_id)).arg(1)).await
    }

    async fn recorded_expiry(&self, session_id: &SessionId) -> Result<Option<UnixMillis>, BoxError> {
        self.expiry(&self.session_key(session_id)).await
    }

    async fn recorded_index_expiry(&self, user_id: &UserId, _: &SessionId) -> Result<Option<UnixMillis>, BoxError> {
        self.expiry(&self.user_sessions_key(user_id)).await
    }

    async fn recorded_token_expiry(&self, token_id: &TokenId) -> Result<Option<UnixMillis>, BoxError> {
        self.expiry(&format!("{}:{}", self.names.token, token_id.as_str())).await
    }

    async fn recorded_counter_expiry(&self, key: &str) -> Result<Option<UnixMillis>, BoxError> {
        self.expiry(&format!("{}:{key}", self.names.counter)).await
    }

    async fn fail_write(&self, nth: usize) -> Result<(), BoxError> {
        self.faults.fail(nth);
        Ok(())
    }

    /// All prefixes of a case have its name. In a cluster, the client asks every primary for its keys.
    async fn stored_bytes(&self) -> Result<Vec<u8>, BoxError> {
        let keys: Vec<String> = self.run(cmd("KEYS").arg(format!("*{}*", self.names.case))).await?;
        let mut stored = keys.join("\n").into_bytes();
        for key in keys {
            let script = cmd("EVAL").arg(VALUE).arg(1).arg(key).take();
            for value in self.run::<Vec<Vec<u8>>>(&script).await? {
                stored.push(b'\n');
                stored.extend(value);
            }
        }
        Ok(stored)
    }
}

/// Returns the value of a key of any type, as a list.
const VALUE: &str = "
local kind = redis.call('TYPE', KEYS[1]).ok
if kind == 'string' then return { redis.call('GET', KEYS[1]) } end
if kind == 'set' then return redis.call('SMEMBERS', KEYS[1]) end
if kind == 'zset' then return redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES') end
if kind == 'hash' then return redis.call('HGETALL', KEYS[1]) end
if kind == 'list' then return redis.call('LRANGE', KEYS[1], 0, -1) end
if kind == 'none' then return {} end
return redis.error_reply('a value of the type ' .. kind)";
