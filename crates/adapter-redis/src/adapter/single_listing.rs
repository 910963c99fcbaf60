//! The sessions of a user on one server, alone or behind sentinels.
//!
//! One `SORT_RO` reads an index with its sessions. A script, which also does, takes the server four times as long. It runs if
//! the server or the permissions of the user do not allow `SORT_RO`, and for every index that is not a set of at most
//! [`MAX_KEYS`] ids.

use lucia_core::{SessionSchema, UserId};
use redis::{FromRedisValue as _, Value};

use super::{
    entries::{Entries, Ids, is_announcement},
    listing::Listing,
    single::Single,
    store::{MAX_KEYS, Store},
};
use crate::{
    classify::{is_outage, is_refused_command, is_wrong_type},
    connections::{Batched, Connections},
    error::Error,
    key::Key,
};

/// The values of sessions, in the order of their ids.
type Values = Vec<Option<Vec<u8>>>;

impl<C: Connections> Single<C> {
    pub(super) async fn get_sessions_by_user_id(&self, user_id: &UserId) -> Result<Vec<SessionSchema>, Error> {
        let Ok(index) = self.store.prefixes.user_sessions_key(user_id) else { return Ok(Vec::new()) };
        let mut connection = self.store.connection().await?;
        let (ids, values) = match self.sort(&mut connection, index).await? {
            Some((ids, values)) => (ids, Some(values)),
            None => self.run_list(&mut connection, index).await?,
        };
        let mut listing = Listing::new(Entries::from(ids));
        if let Some(values) = values {
            let stale = listing.add(&self.store.prefixes, user_id, &values);
            // The list is complete, also if the server accepts no writes.
            if let Err(error) = self.delete_expired_entries(&mut connection, index, user_id, &stale).await {
                tracing::debug!(%error, "expired entries not removed from an index");
            }
            return Ok(listing.sessions);
        }
        while let Some(stale) = listing.read(&self.store, &mut connection, user_id).await? {
            let left = self.delete_expired_entries(&mut connection, index, user_id, &stale).await?;
            listing.continue_with(left);
        }
        Ok(listing.sessions)
    }

    /// Returns the ids in an index and the values of their sessions; `None` if only the script can read it.
    async fn sort(&self, connection: &mut Batched<C>, index: Key<'_>) -> Result<Option<(Ids, Values)>, Error> {
        let Some(pattern) = pattern(&self.store.prefixes.session) else { return Ok(None) };
        if self.sort_refusal.applies() {
            return Ok(None);
        }
        // `SORT_RO` does not reject lists and sorted sets.
        let count = redis::cmd("SCARD").arg(index).take();
        let mut sort = redis::cmd("SORT_RO");
        sort.arg(index).arg("BY").arg("nosort").arg("LIMIT").arg(0).arg(MAX_KEYS + 1);
        sort.arg("GET").arg("#").arg("GET").arg(pattern);
        let [count, pairs] = connection.read_both([count, sort]).await?.map(Value::extract_error);
        match count.and(pairs).and_then(|pairs| Ok(Values::from_redis_value(pairs)?)) {
            Ok(pairs) => Ok(split(pairs)),
            Err(error) if is_wrong_type(&error) => Ok(None),
            Err(error) if error.code().is_none() || is_outage(&error) => Err(error.into()),
            Err(error) => {
                // The server is older than Redis 7.0, or the user may not read every key.
                if is_refused_command(&error) {
                    self.sort_refusal.remember();
                }
                Ok(None)
            }
        }
    }

    /// Returns the ids in an index and the values of their sessions, without the entries that it removed; only the ids if
    /// their sessions are to be read separately.
    async fn run_list(&self, connection: &mut Batched<C>, index: Key<'_>) -> Result<(Ids, Option<Values>), Error> {
        let Store { prefixes, scripts, .. } = &self.store;
        let max_keys = MAX_KEYS.to_string();
        let arguments = [prefixes.session.as_bytes(), max_keys.as_bytes()];
        let listed: (Ids, Option<Values>) =
            scripts.list.run(connection, &[index], &prefixes.with_reserved(&arguments)).await?;
        match listed {
            (ids, Some(values)) => {
                let (ids, values) = ids.into_iter().zip(values).filter(|(_, value)| value.is_some()).unzip();
                Ok((ids, Some(values)))
            }
            listed => Ok(listed),
        }
    }

    /// Removes the entries that still have no session of the user from an index, and returns the remaining entries.
    async fn delete_expired_entries(
        &self,
        connection: &mut Batched<C>,
        index: Key<'_>,
        user_id: &UserId,
        stale: &Ids,
    ) -> Result<Entries, Error> {
        let Store { prefixes, scripts, .. } = &self.store;
        let mut left = Vec::new();
        for chunk in stale.chunks(MAX_KEYS) {
            // An id without a key has no session, nor does the key of an index: the script removes its entry.
            let sessions = chunk.iter().map(|id| prefixes.session_key_of(id).unwrap_or(index));
            let keys: Vec<_> = [index].into_iter().chain(sessions).collect();
            let arguments: Vec<&[u8]> =
                [user_id.as_str().as_bytes()].into_iter().chain(chunk.iter().map(Vec::as_slice)).collect();
            left = scripts.delete_expired_entries.run(connection, &keys, &arguments).await?;
        }
        Ok(Entries::from(left))
    }
}

/// Returns the pattern of the keys of sessions with this prefix; `None` if `SORT` cannot build the keys, or some ids have no
/// key.
fn pattern(prefix: &str) -> Option<String> {
    let is_usable = !prefix.is_empty() && !prefix.contains(['*', '\0']);
    is_usable.then(|| format!("{prefix}*"))
}

/// Returns the ids and the values of pairs; `None` if there are too many, or announcements of a cluster among them. A
/// session is never empty: Dragonfly returns an empty value if there is none.
fn split(pairs: Values) -> Option<(Ids, Values)> {
    let count = pairs.len() / 2;
    if count > MAX_KEYS {
        return None;
    }
    let (mut ids, mut values) = (Ids::with_capacity(count), Values::with_capacity(count));
    let mut pairs = pairs.into_iter();
    while let (Some(id), Some(value)) = (pairs.next(), pairs.next()) {
        ids.push(id.filter(|id| !is_announcement(id))?);
        values.push(value.filter(|value| !value.is_empty()));
    }
    Some((ids, values))
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn a_session_without_a_value_does_not_exist() {
        let pairs = ["a", "{}", "b", ""].map(|text| Some(text.as_bytes().to_vec()));
        let pairs = pairs.into_iter().chain([Some(b"c".to_vec()), None]).collect();
        let (ids, values) = split(pairs).unwrap();
        assert_eq!(ids, [b"a", b"b", b"c"]);
        assert_eq!(values, [Some(b"{}".to_vec()), None, None]);
    }
}
