use adapter_redis::{
    RedisConfig, RedisSessionAdapter, SetupError,
    redis::{self, aio::ConnectionManager},
};
use lucia_core::UnixMillis;

use crate::{
    arguments::{Names, RedisKeys},
    failure::Failure,
};

/// One Redis server.
pub(crate) struct Redis {
    connection: ConnectionManager,
}

/// What the server says of itself.
pub(crate) struct ServerInfo {
    /// What it does when its memory is full, if that is limited.
    pub(crate) eviction: Option<String>,
    pub(crate) now: UnixMillis,
}

impl Redis {
    pub(super) async fn connect(url: &str) -> Result<Self, Failure> {
        Ok(Self { connection: adapter_redis::connect(url).await? })
    }

    pub(crate) async fn adapter(&self, names: &Names) -> Result<RedisSessionAdapter<ConnectionManager>, SetupError> {
        let config = match names.redis_keys {
            RedisKeys::Default => RedisConfig::new(),
            RedisKeys::Lucia2 => RedisConfig::lucia_2(),
            RedisKeys::Lucia1 => RedisConfig::lucia_1(),
        };
        RedisSessionAdapter::with_config(self.connection.clone(), config).await
    }

    pub(crate) async fn info(&self) -> Result<ServerInfo, Failure> {
        let mut connection = self.connection.clone();
        let (info, (seconds, micros)): (String, (i64, i64)) =
            redis::pipe().cmd("INFO").cmd("TIME").query_async(&mut connection).await?;
        let field = |name: &str| {
            let mut fields = info.lines().filter_map(|line| line.trim_end().split_once(':'));
            fields.find(|(field, _)| *field == name).map(|(_, value)| value.to_owned())
        };
        let is_limited = field("maxmemory").is_some_and(|bytes| bytes != "0");
        Ok(ServerInfo {
            eviction: field("maxmemory_policy").filter(|_| is_limited),
            now: UnixMillis::new(seconds * 1_000 + micros / 1_000),
        })
    }
}
