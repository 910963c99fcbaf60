use std::collections::HashMap;

use redis::{FromRedisValue, RedisResult, Value, aio::ConnectionLike, cmd};

use super::{entries::Ids, record};
use crate::{
    classify::{is_outage, is_wrong_type},
    connections::Topology,
    key::Key,
    prefixes::Prefixes,
    setup_error::SetupError,
};

/// The first release with all required commands, such as `SET … PXAT`.
const MIN_VERSION: (u32, u32) = (6, 2);

/// The default prefix of session keys in every release except 1.0.
const SESSIONS: &str = "session:";
/// The default prefixes of index keys: that of Lucia JS 2.0 to 2.1.2, and the default one here.
const INDEXES: [&str; 2] = [LUCIA_2, "userSession:"];
const LUCIA_2: &str = "user_sessions:";

/// The maximum number of `SCAN` calls. A different index has one key per few sessions, so a small part of a large
/// database contains some.
const SCANS: usize = 10;
/// The number of keys per `SCAN` call.
const KEYS_PER_SCAN: usize = 1_000;
/// The maximum number of indexes that are compared with their sessions. Lucia JS leaves indexes whose sessions have all
/// expired.
const SAMPLE: usize = 100;
/// The number of sessions that are read per index.
const SESSIONS_PER_INDEX: usize = 100;

/// Checks the version and the mode of the server, with commands that every user may run.
pub(super) async fn server(connection: &mut impl ConnectionLike, topology: Topology) -> Result<(), SetupError> {
    let (found, mode) = match hello(connection).await {
        Ok(server) => server,
        // Servers before Redis 6.0 do not support `HELLO`, and a service over HTTP may not.
        Err(error) => info(connection).await.ok_or(error)?,
    };
    if version(&found).is_none_or(|version| version < MIN_VERSION) {
        return Err(SetupError::UnsupportedVersion { found });
    }
    if mode == "sentinel" || (mode == "cluster") != (topology == Topology::Cluster) {
        return Err(SetupError::WrongTopology { mode, topology });
    }
    Ok(())
}

async fn hello(connection: &mut impl ConnectionLike) -> RedisResult<(String, String)> {
    let mut hello: HashMap<String, Value> = cmd("HELLO").query_async(connection).await?;
    let mut text = |name| hello.remove(name).and_then(|value| String::from_redis_value(value).ok());
    Ok((text("version").unwrap_or_else(|| "of unknown version".to_owned()), text("mode").unwrap_or_default()))
}

async fn info(connection: &mut impl ConnectionLike) -> Option<(String, String)> {
    let info: String = cmd("INFO").arg("server").query_async(connection).await.ok()?;
    let text = |name| info.lines().find_map(|line| line.strip_prefix(name)).map(|text| text.trim().to_owned());
    Some((text("redis_version:")?, text("redis_mode:").unwrap_or_default()))
}

/// Finds live sessions that only another release's index contains. For Lucia JS 2.0 to 2.1.2 this is an error, because
/// revoking all sessions would miss them; otherwise it is a warning.
///
/// Sessions in the default index were created by this adapter with its default prefixes, which the
/// application has corrected since.
pub(super) async fn indexes(
    connection: &mut impl ConnectionLike,
    topology: Topology,
    prefixes: &Prefixes,
) -> Result<(), SetupError> {
    let configured = prefixes.user_sessions.as_str();
    if prefixes.session != SESSIONS {
        return Ok(());
    }
    for other in INDEXES.into_iter().filter(|other| *other != configured) {
        match names_others(connection, topology, prefixes, other).await {
            Ok(false) => {}
            Ok(true) if other == LUCIA_2 => {
                return Err(SetupError::OtherIndex { found: other.to_owned(), configured: configured.to_owned() });
            }
            Ok(true) => tracing::warn!(
                "sessions are indexed under `{other}` and not under `{configured}`: revoking all sessions of a user misses \
                 them; merge the sets with SUNIONSTORE"
            ),
            Err(error) if is_outage(&error) => return Err(error.into()),
            // The user lacks a permission that the guide lists, or a proxy does not support a command.
            Err(error) => tracing::warn!(
                code = error.code(),
                "could not check for sessions that are indexed under `{other}`: allow SCAN and keys `{other}*`"
            ),
        }
    }
    Ok(())
}

/// Returns `true` if an index of another release contains a live session that the configured index does not.
async fn names_others(
    connection: &mut impl ConnectionLike,
    topology: Topology,
    prefixes: &Prefixes,
    other: &str,
) -> RedisResult<bool> {
    let (mut cursor, mut sample) = (0_u64, 0);
    for _ in 0..SCANS {
        let mut scan = cmd("SCAN");
        scan.arg(cursor).arg("MATCH").arg(format!("{other}*")).arg("COUNT").arg(KEYS_PER_SCAN).arg("TYPE").arg("set");
        let (next, indexes): (u64, Ids) = scan.query_async(connection).await?;
        // A proxy may ignore `MATCH`.
        let indexes = indexes.iter().filter_map(|index| Some((index, index.strip_prefix(other.as_bytes())?)));
        for (index, user_id) in indexes.take(SAMPLE - sample) {
            if names_another(connection, prefixes, index, user_id).await? {
                return Ok(true);
            }
            sample += 1;
        }
        if next == 0 || sample == SAMPLE {
            break;
        }
        // A cursor belongs to one node: on a cluster, each call starts a scan on the next node.
        cursor = if topology == Topology::Cluster { 0 } else { next };
    }
    Ok(false)
}

/// Returns `true` if this index of a user contains a live session that the configured index does not.
async fn names_another(
    connection: &mut impl ConnectionLike,
    prefixes: &Prefixes,
    index: &[u8],
    user_id: &[u8],
) -> RedisResult<bool> {
    let ids: Ids = cmd("SRANDMEMBER").arg(index).arg(SESSIONS_PER_INDEX).query_async(connection).await?;
    if ids.is_empty() {
        return Ok(false);
    }
    let mut sessions = cmd("MGET");
    for id in &ids {
        sessions.arg(Key { prefix: prefixes.session.as_bytes(), id });
    }
    let values: Vec<Option<Vec<u8>>> = sessions.query_async(connection).await?;
    let is_theirs = |(id, value): &(&Vec<u8>, Option<Vec<u8>>)| {
        let session = value.as_deref().and_then(|value| record::read(prefixes, value, id).ok().flatten());
        session.is_some_and(|session| session.user_id.as_str().as_bytes() == user_id)
    };
    let theirs: Vec<_> = ids.iter().zip(values).filter(is_theirs).map(|(id, _)| id).collect();
    if theirs.is_empty() {
        return Ok(false);
    }
    // A renewal adds a session to the configured index, so it may be in both.
    let own = Key { prefix: prefixes.user_sessions.as_bytes(), id: user_id };
    match cmd("SMISMEMBER").arg(own).arg(theirs).query_async::<Vec<bool>>(connection).await {
        // The configured index is the list of an old release, which the adapter reads too.
        Err(error) if is_wrong_type(&error) => Ok(false),
        are_members => are_members.map(|are_members| are_members.contains(&false)),
    }
}

/// Returns the major and minor version.
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
        let is_enough = |text| version(text).is_some_and(|version| version >= MIN_VERSION);
        assert!(["6.2.0", "6.2.14", "6.10.0", "7.0.15", "8.1.1", "10.0"].into_iter().all(is_enough));
        assert!(!["", "6", "6.0.16", "5.0.14", "4.0", "x.y", "6.x"].into_iter().any(is_enough));
    }
}
