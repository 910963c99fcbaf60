use std::collections::HashMap;

use redis::{FromRedisValue, Value, aio::ConnectionLike};

use crate::{SetupError, Topology};

/// The first release with all that is used: `SET … PXAT`, `GETDEL`.
const NEEDED: (u32, u32) = (6, 2);

/// Asks the server what it is. `HELLO` is as old as Redis 6.0, and every user may say it.
pub(super) async fn server(connection: &mut impl ConnectionLike, topology: Topology) -> Result<(), SetupError> {
    let hello = redis::cmd("HELLO").query_async::<HashMap<String, Value>>(connection).await;
    let mut hello = match hello {
        Ok(hello) => hello,
        Err(error) => return Err(explain(connection, error).await),
    };
    let mut text = |name| hello.remove(name).and_then(|value| String::from_redis_value(value).ok());
    let found = text("version").unwrap_or_default();
    if version(&found).is_none_or(|version| version < NEEDED) {
        return Err(SetupError::UnsupportedVersion { found });
    }
    let mode = text("mode").unwrap_or_default();
    if mode == "sentinel" || (mode == "cluster") != (topology == Topology::Cluster) {
        return Err(SetupError::WrongTopology { mode, topology });
    }
    Ok(())
}

/// Why a server does not know `HELLO`: its age, if it says so.
async fn explain(connection: &mut impl ConnectionLike, error: redis::RedisError) -> SetupError {
    let info = redis::cmd("INFO").arg("server").query_async::<String>(connection).await.unwrap_or_default();
    let found = info.lines().find_map(|line| line.strip_prefix("redis_version:")).map(str::trim);
    match found {
        Some(found) if version(found).is_some_and(|version| version < NEEDED) => {
            SetupError::UnsupportedVersion { found: found.to_owned() }
        }
        _ => error.into(),
    }
}

/// Major and minor.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_version_panics(text in "[0-9.a-z-]{0,30}", major: u32, minor: u32, rest in ".*") {
            let _ = version(&text);
            prop_assert_eq!(version(&format!("{major}.{minor}.{rest}")), Some((major, minor)));
        }
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        let is_enough = |text| version(text).is_some_and(|version| version >= NEEDED);
        assert!(["6.2.0", "6.2.14", "6.10.0", "7.0.15", "8.1.1", "10.0"].into_iter().all(is_enough));
        assert!(!["", "6", "6.0.16", "5.0.14", "4.0", "x.y", "6.x"].into_iter().any(is_enough));
    }
}
