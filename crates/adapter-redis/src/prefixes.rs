use lucia_core::{SessionId, UserId};

use crate::key::Key;

/// The error of a pair of prefixes that cannot be used together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPrefixes {
    /// A prefix is empty.
    #[error("a key prefix is empty")]
    Empty,
    /// A key could belong to both a session and an index.
    #[error("the key prefixes of sessions and indexes are equal, or one extends the other after a colon")]
    Crossing,
}

/// The prefixes of keys. The rest of a key is the unescaped id, so no two ids share a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Prefixes {
    session: String,
    user_sessions: String,
}

impl Prefixes {
    /// Creates the prefixes of keys `{session}:{id}` and `{user_sessions}:{user_id}`.
    ///
    /// # Errors
    /// Returns [`InvalidPrefixes`] if a prefix is empty, or both could result in the same key.
    pub(crate) fn new(session: &str, user_sessions: &str) -> Result<Self, InvalidPrefixes> {
        if session.is_empty() || user_sessions.is_empty() {
            return Err(InvalidPrefixes::Empty);
        }
        let (session, user_sessions) = (format!("{session}:"), format!("{user_sessions}:"));
        if session.starts_with(&user_sessions) || user_sessions.starts_with(&session) {
            return Err(InvalidPrefixes::Crossing);
        }
        Ok(Self { session, user_sessions })
    }

    /// Creates empty prefixes, because Lucia JS 1.0 stored bare ids. A session and an index with the same key differ in
    /// their type.
    pub(crate) const fn none() -> Self {
        Self { session: String::new(), user_sessions: String::new() }
    }

    pub(crate) fn session_key<'a>(&'a self, session_id: &'a SessionId) -> Key<'a> {
        self.session_key_of(session_id.as_str().as_bytes())
    }

    /// Returns the key of a session by the id in an index.
    pub(crate) const fn session_key_of<'a>(&'a self, session_id: &'a [u8]) -> Key<'a> {
        Key { prefix: self.session.as_bytes(), id: session_id }
    }

    pub(crate) fn index_key<'a>(&'a self, user_id: &'a UserId) -> Key<'a> {
        Key { prefix: self.user_sessions.as_bytes(), id: user_id.as_str().as_bytes() }
    }

    /// Returns the prefix of session keys, including its colon.
    pub(crate) fn session_prefix(&self) -> &str {
        &self.session
    }

    /// Returns the prefix of index keys, including its colon.
    pub(crate) fn index_prefix(&self) -> &str {
        &self.user_sessions
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use redis::ToRedisArgs as _;

    use super::*;

    #[test]
    fn r11_equal_and_overlapping_prefixes_are_rejected() {
        for (session, index) in [("a", "a"), ("a", "a:b"), ("a:b", "a"), ("a:", "a"), ("a", "a:"), ("a:b:c", "a")] {
            assert_eq!(Prefixes::new(session, index), Err(InvalidPrefixes::Crossing), "{session} {index}");
        }
        for (session, index) in [("", "a"), ("a", ""), ("", "")] {
            assert_eq!(Prefixes::new(session, index), Err(InvalidPrefixes::Empty));
        }
        for (session, index) in
            [("session", "user_sessions"), ("a", "ab"), ("app:s", "app:u"), ("*", "[a]"), ("é", "{x}")]
        {
            assert!(Prefixes::new(session, index).is_ok(), "{session} {index}");
        }
    }

    fn written(key: Key<'_>) -> Vec<Vec<u8>> {
        key.to_redis_args()
    }

    proptest! {
        #[test]
        fn no_key_is_a_session_and_an_index(session in "[a:]{1,4}", index in "[a:]{1,4}", id in "[a:]{0,4}", user in "[a:]{0,4}") {
            if let Ok(prefixes) = Prefixes::new(&session, &index) {
                let (session_id, user_id) = (SessionId::new(id), UserId::new(user));
                prop_assert_ne!(written(prefixes.session_key(&session_id)), written(prefixes.index_key(&user_id)));
            }
        }

        #[test]
        fn no_two_ids_share_a_key(one in ".*", other in ".*") {
            let prefixes = Prefixes::new("session", "userSession").unwrap();
            let ids = [&one, &other].map(|id| SessionId::new(id.as_str()));
            let keys = ids.each_ref().map(|id| written(prefixes.session_key(id)));
            prop_assert_eq!(keys[0] == keys[1], one == other);
            prop_assert_eq!(&keys[0], &[format!("session:{one}").into_bytes()]);
            prop_assert_eq!(prefixes.session_key(&ids[0]).len(), keys[0][0].len());
            let ids = [&one, &other].map(|id| UserId::new(id.as_str()));
            let keys = ids.each_ref().map(|id| written(prefixes.index_key(id)));
            prop_assert_eq!(keys[0] == keys[1], one == other);
            prop_assert_eq!(&keys[0], &[format!("userSession:{one}").into_bytes()]);
        }
    }
}
