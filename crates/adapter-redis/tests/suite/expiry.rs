//! The expiry of a key, on any version of the server.

use adapter_redis::redis::{RedisResult, aio::ConnectionLike, cmd};

/// The expiry in milliseconds; -1 for never, -2 for an absent key.
pub(crate) async fn expiry(connection: &mut (impl ConnectionLike + Send), key: &str) -> RedisResult<i64> {
    cmd("EVAL").arg(SCRIPT).arg(1).arg(key).query_async(connection).await
}

/// Redis 7 has a command. Before that, the expiry is the sum of the current and the remaining time, read in the same
/// millisecond.
const SCRIPT: &str = "
local told = redis.pcall('PEXPIRETIME', KEYS[1])
if type(told) == 'number' then return told end
local function now()
    local time = redis.call('TIME')
    return time[1] * 1000 + math.floor(time[2] / 1000)
end
while true do
    local before = now()
    local left = redis.call('PTTL', KEYS[1])
    if left < 0 then return left end
    if now() == before then return before + left end
end";
