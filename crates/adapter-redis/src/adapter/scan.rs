use async_trait::async_trait;
use lucia_core::{AdapterResult, SessionId, SessionPage, SessionScan};
use redis::{Pipeline, aio::ConnectionLike};

use super::{
    cluster::Cluster,
    entries::Ids,
    operations::Operations,
    record,
    session_adapter::RedisSessionAdapter,
    single::Single,
    slots::{number_in, slots},
    store::{MAX_KEYS, Store},
};
use crate::{connections::Connections, error::Error, key::Key};

#[async_trait]
impl<C: Connections> SessionScan for RedisSessionAdapter<C> {
    /// Ignores the limit. A page is read from about a thousand keys of any kind, and may be empty.
    async fn scan_sessions(&self, cursor: Option<&str>, _limit: usize) -> AdapterResult<SessionPage> {
        let page = match &*self.operations {
            Operations::Single(single) => single.scan_sessions(cursor).await,
            Operations::Cluster(cluster) => cluster.scan_sessions(cursor).await,
        };
        Ok(page?)
    }
}

impl<C: Connections> Single<C> {
    /// The cursor consists of that of the server and the id of the server, which alone understands it and only until it
    /// is restarted.
    async fn scan_sessions(&self, cursor: Option<&str>) -> Result<SessionPage, Error> {
        let (position, scanned) = match cursor {
            Some(cursor) => cursor.split_once('@').map(|(position, id)| (position, Some(id))).ok_or(Error::Cursor)?,
            None => ("0", None),
        };
        let position: u64 = position.parse().map_err(|_| Error::Cursor)?;
        let prefix = self.store.prefixes.session.as_str();
        let mut pipeline = Pipeline::new();
        pipeline.cmd("SCAN").arg(position).arg("MATCH").arg(pattern(prefix)).arg("COUNT").arg(MAX_KEYS);
        pipeline.cmd("INFO").arg("server");
        let mut connection = self.store.connection().await?;
        let ((next, keys), info): ((u64, Ids), String) = pipeline.query_async(&mut connection).await?;
        let server = info.lines().find_map(|line| line.strip_prefix("run_id:")).unwrap_or_default().trim();
        if scanned.is_some_and(|scanned| scanned != server) {
            return Err(Error::ScanLost);
        }
        let ids = keys.into_iter().filter_map(|key| Some(key.strip_prefix(prefix.as_bytes())?.to_vec())).collect();
        let session_ids = session_ids(&self.store, &mut connection, ids).await?;
        Ok(SessionPage { session_ids, next: (next != 0).then(|| format!("{next}@{server}")) })
    }
}

impl<C: Connections> Cluster<C> {
    /// The cursor is a hash slot. Slots are read as a whole, so it does not matter which server has one when it is read.
    async fn scan_sessions(&self, cursor: Option<&str>) -> Result<SessionPage, Error> {
        let prefix = self.store.prefixes.session.as_str();
        let slots = slots(prefix);
        let first = cursor.map_or(Ok(*slots.start()), str::parse).map_err(|_| Error::Cursor)?;
        if !slots.contains(&first) {
            return Err(Error::Cursor);
        }
        // The driver sends a script to the server that has the slot of its key.
        let number = number_in(first, prefix);
        let key = Key { prefix: prefix.as_bytes(), id: number.as_bytes() };
        let [from, to, max_keys] = [first.to_string(), slots.end().to_string(), MAX_KEYS.to_string()];
        let arguments = [&from, &to, prefix, &max_keys].map(str::as_bytes);
        let mut connection = self.store.connection().await?;
        let (next, ids): (u16, Ids) = self.store.scripts.cluster_scan.run(&mut connection, &[key], &arguments).await?;
        let session_ids = session_ids(&self.store, &mut connection, ids).await?;
        Ok(SessionPage { session_ids, next: slots.contains(&next).then(|| next.to_string()) })
    }
}

/// Returns the ids of sessions among those of keys. Without a prefix, any key may be one.
async fn session_ids<C>(
    store: &Store<C>,
    connection: &mut impl ConnectionLike,
    mut ids: Ids,
) -> Result<Vec<SessionId>, Error>
where
    C: Connections,
{
    if store.prefixes.are_bare() {
        let mut sessions = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(MAX_KEYS) {
            let values = store.get_many(connection, chunk).await?;
            let is_session = |(id, value): &(&Vec<u8>, Option<Vec<u8>>)| {
                value.as_deref().is_some_and(|value| matches!(record::read(&store.prefixes, value, id), Ok(Some(_))))
            };
            sessions.extend(chunk.iter().zip(values).filter(is_session).map(|(id, _)| id.clone()));
        }
        ids = sessions;
    }
    // No session has an id that is not text.
    Ok(ids.into_iter().filter_map(|id| String::from_utf8(id).ok()).map(SessionId::new).collect())
}

/// Returns the pattern of keys with a prefix, which may contain characters that have a meaning in patterns.
fn pattern(prefix: &str) -> String {
    let mut pattern = String::with_capacity(prefix.len() + 1);
    for character in prefix.chars() {
        if matches!(character, '*' | '?' | '[' | ']' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern + "*"
}
