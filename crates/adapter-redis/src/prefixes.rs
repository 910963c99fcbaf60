use std::borrow::Cow;

use lucia_core::{SessionId, SessionSchema, TokenId, UserId};

use crate::key::Key;

/// The error of prefixes that cannot be used together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPrefixes {
    /// A prefix is empty.
    #[error("a key prefix is empty")]
    Empty,
    /// Two records of different kinds could have the same key.
    #[error("two of the key prefixes are equal, or one extends the other after a colon")]
    Overlapping,
}

/// The error of an id whose key, which has no prefix, is or could be that of another record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ReservedId {
    /// The key could be that of a token or a counter.
    #[error(
        "the {record} id begins with the `{setting}` of `RedisConfig`, and keys of sessions have no prefix, so its key \
         could be that of another record: use other ids, or another `{setting}`"
    )]
    Prefix {
        /// `session` or `user`.
        record: &'static str,
        setting: &'static str,
    },
    /// The key of a session would be that of the index that lists it.
    #[error("the session has the id of its user, and keys of sessions have no prefix: use another id")]
    OwnIndex,
    /// The key of an index is that of a session, or of a record of another program.
    #[error("the id of the user is the key of another record, because keys of sessions have no prefix: use another id")]
    Taken,
}

/// The prefixes of keys, each with its colon. The rest of a key is the unescaped id, so no two ids share a key.
///
/// Those of sessions and of users' sessions may both be empty without a colon: Lucia JS 1.0 used bare ids as keys. An id
/// that begins with another prefix then has no key. A session and an index with the same key differ in their type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Prefixes {
    pub(crate) session: String,
    pub(crate) user_sessions: String,
    pub(crate) token: String,
    pub(crate) user_tokens: String,
    pub(crate) counter: String,
}

impl Prefixes {
    /// Returns the default prefixes, except those of sessions and of users' sessions, which are empty.
    pub(crate) fn without_those_of_sessions() -> Self {
        Self { session: String::new(), user_sessions: String::new(), ..Self::default() }
    }

    /// Returns `true` if the keys of sessions and of their indexes are bare ids.
    pub(crate) fn are_bare(&self) -> bool {
        self.session.is_empty()
    }

    /// Checks that no prefix is empty except as above, and that no two could result in the same key.
    pub(crate) fn check(&self) -> Result<(), InvalidPrefixes> {
        let Self { session, user_sessions, token, user_tokens, counter } = self;
        let sessions = [session, user_sessions];
        let are_bare = sessions.iter().all(|prefix| prefix.is_empty());
        let prefixes: Vec<_> =
            sessions.into_iter().filter(|_| !are_bare).chain([token, user_tokens, counter]).collect();
        if prefixes.iter().any(|prefix| matches!(prefix.as_str(), "" | ":")) {
            return Err(InvalidPrefixes::Empty);
        }
        let overlap = |one: &str, other: &str| one.starts_with(other) || other.starts_with(one);
        if (1..).zip(&prefixes).any(|(next, one)| prefixes[next..].iter().any(|other| overlap(one, other))) {
            return Err(InvalidPrefixes::Overlapping);
        }
        Ok(())
    }

    pub(crate) fn session_key<'a>(&'a self, session_id: &'a SessionId) -> Result<Key<'a>, ReservedId> {
        self.session_key_of(session_id.as_str().as_bytes())
    }

    /// Returns the key of a session by the id in an index.
    pub(crate) fn session_key_of<'a>(&'a self, session_id: &'a [u8]) -> Result<Key<'a>, ReservedId> {
        self.unreserved("session", Key { prefix: self.session.as_bytes(), id: session_id })
    }

    pub(crate) fn user_sessions_key<'a>(&'a self, user_id: &'a UserId) -> Result<Key<'a>, ReservedId> {
        self.unreserved("user", Key { prefix: self.user_sessions.as_bytes(), id: user_id.as_str().as_bytes() })
    }

    /// Returns the keys of a session and of the index that lists it.
    pub(crate) fn keys<'a>(&'a self, session: &'a SessionSchema) -> Result<[Key<'a>; 2], ReservedId> {
        let keys = [self.session_key(&session.id)?, self.user_sessions_key(&session.user_id)?];
        if keys[0] == keys[1] { Err(ReservedId::OwnIndex) } else { Ok(keys) }
    }

    fn unreserved<'a>(&self, record: &'static str, key: Key<'a>) -> Result<Key<'a>, ReservedId> {
        if key.prefix.is_empty()
            && let Some((setting, _)) =
                self.others().into_iter().find(|(_, other)| key.id.starts_with(other.as_bytes()))
        {
            return Err(ReservedId::Prefix { record, setting });
        }
        Ok(key)
    }

    /// Returns the prefixes of the other records, and the names of their settings.
    fn others(&self) -> [(&'static str, &str); 3] {
        [("token_prefix", &self.token), ("user_tokens_prefix", &self.user_tokens), ("counter_prefix", &self.counter)]
    }

    /// Appends the prefixes with which no id may begin to the arguments of a script that reads ids: none unless keys of
    /// sessions have no prefix.
    pub(crate) fn with_reserved<'a>(&'a self, arguments: &'a [&'a [u8]]) -> Cow<'a, [&'a [u8]]> {
        let mut arguments = Cow::Borrowed(arguments);
        if self.are_bare() {
            arguments.to_mut().extend(self.others().map(|(_, prefix)| prefix.as_bytes()));
        }
        arguments
    }

    pub(crate) fn token_key<'a>(&'a self, token_id: &'a TokenId) -> Key<'a> {
        self.token_key_of(token_id.as_str().as_bytes())
    }

    /// Returns the key of a token by the id in an index.
    pub(crate) const fn token_key_of<'a>(&'a self, token_id: &'a [u8]) -> Key<'a> {
        Key { prefix: self.token.as_bytes(), id: token_id }
    }

    pub(crate) fn user_tokens_key<'a>(&'a self, user_id: &'a UserId) -> Key<'a> {
        Key { prefix: self.user_tokens.as_bytes(), id: user_id.as_str().as_bytes() }
    }

    pub(crate) const fn counter_key<'a>(&'a self, key: &'a str) -> Key<'a> {
        Key { prefix: self.counter.as_bytes(), id: key.as_bytes() }
    }
}

impl Default for Prefixes {
    fn default() -> Self {
        let [session, user_sessions, token, user_tokens, counter] =
            ["session:", "userSession:", "token:", "userToken:", "counter:"].map(str::to_owned);
        Self { session, user_sessions, token, user_tokens, counter }
    }
}

#[cfg(test)]
mod tests {
    use lucia_core::UnixMillis;
    use proptest::prelude::*;
    use redis::ToRedisArgs as _;

    use super::*;

    /// Returns prefixes with their colons, in the order of the fields.
    fn prefixes(names: [&str; 5]) -> Prefixes {
        let [session, user_sessions, token, user_tokens, counter] = names.map(|name| format!("{name}:"));
        Prefixes { session, user_sessions, token, user_tokens, counter }
    }

    /// Returns prefixes without those of sessions.
    fn bare([token, user_tokens, counter]: [&str; 3]) -> Prefixes {
        let (session, user_sessions) = Default::default();
        Prefixes { session, user_sessions, ..prefixes(["", "", token, user_tokens, counter]) }
    }

    fn written(key: Key<'_>) -> Vec<Vec<u8>> {
        key.to_redis_args()
    }

    #[test]
    fn r11_equal_and_overlapping_prefixes_are_rejected() {
        for (one, other) in [("a", "a"), ("a", "a:b"), ("a:b", "a"), ("a:", "a"), ("a", "a:"), ("a:b:c", "a")] {
            for names in [
                [one, other, "t", "ut", "c"],
                [one, "u", other, "ut", "c"],
                ["s", one, "t", "ut", other],
                ["s", "u", one, other, "c"],
                ["s", "u", "t", one, other],
            ] {
                assert_eq!(prefixes(names).check(), Err(InvalidPrefixes::Overlapping), "{names:?}");
            }
            assert_eq!(bare([one, "ut", other]).check(), Err(InvalidPrefixes::Overlapping), "{one} {other}");
        }
        for names in [
            ["", "a", "t", "ut", "c"],
            ["a", "", "t", "ut", "c"],
            ["", "", "t", "ut", "c"],
            ["s", "u", "", "b", "c"],
            ["s", "u", "a", "", "c"],
            ["s", "u", "a", "b", ""],
        ] {
            assert_eq!(prefixes(names).check(), Err(InvalidPrefixes::Empty), "{names:?}");
        }
        for tokens in [["", "b", "c"], ["a", "", "c"], ["a", "b", ""]] {
            assert_eq!(bare(tokens).check(), Err(InvalidPrefixes::Empty), "{tokens:?}");
        }
        for half in [
            Prefixes { session: String::new(), ..Prefixes::default() },
            Prefixes { user_sessions: String::new(), ..Prefixes::default() },
        ] {
            assert_eq!(half.check(), Err(InvalidPrefixes::Empty), "{half:?}");
        }
        for (session, user_sessions) in
            [("session", "user_sessions"), ("a", "ab"), ("app:s", "app:u"), ("*", "[a]"), ("é", "{x}")]
        {
            let names = [session, user_sessions, "token", "userToken", "counter"];
            assert_eq!(prefixes(names).check(), Ok(()), "{names:?}");
        }
        assert_eq!(Prefixes::default().check(), Ok(()));
        assert_eq!(Prefixes::without_those_of_sessions().check(), Ok(()));
    }

    #[test]
    fn bare_ids_may_not_begin_with_another_prefix() {
        let prefixes = Prefixes::without_those_of_sessions();
        for (id, setting) in [
            ("token:", "token_prefix"),
            ("token:t1", "token_prefix"),
            ("userToken:u1", "user_tokens_prefix"),
            ("counter:k", "counter_prefix"),
        ] {
            let (session_id, user_id) = (SessionId::new(id), UserId::new(id));
            assert_eq!(prefixes.session_key(&session_id), Err(ReservedId::Prefix { record: "session", setting }));
            assert_eq!(prefixes.user_sessions_key(&user_id), Err(ReservedId::Prefix { record: "user", setting }));
            assert!(Prefixes::default().session_key(&session_id).is_ok());
            assert!(Prefixes::default().user_sessions_key(&user_id).is_ok());
        }
        for id in ["", ":", "token", "Token:t1", "tokens:t1", " token:t1", "session:token:t1"] {
            assert_eq!(prefixes.session_key(&id.into()).map(written), Ok(vec![id.as_bytes().to_vec()]));
        }
        let arguments: [&[u8]; 1] = [b"u1"];
        assert!(matches!(Prefixes::default().with_reserved(&arguments), Cow::Borrowed([b"u1"])));
        let expected: [&[u8]; 4] = [b"u1", b"token:", b"userToken:", b"counter:"];
        assert_eq!(*prefixes.with_reserved(&arguments), expected);
    }

    #[test]
    fn no_session_has_the_bare_id_of_its_user() {
        let session = |id, user_id| SessionSchema::new(id, user_id, UnixMillis::MAX, UnixMillis::MAX);
        let (one, other) = (session("a", "a"), session("a", "b"));
        let bare = Prefixes::without_those_of_sessions();
        assert_eq!(bare.keys(&one), Err(ReservedId::OwnIndex));
        assert_eq!(bare.keys(&other).unwrap().map(written), [[b"a".to_vec()], [b"b".to_vec()]]);
        assert!(Prefixes::default().keys(&one).is_ok());
    }

    proptest! {
        #[test]
        fn no_key_has_two_kinds(names in prop::array::uniform5("[a:]{1,4}"), ids in prop::array::uniform5("[a:]{0,4}")) {
            let prefixes = prefixes(names.each_ref().map(String::as_str));
            if prefixes.check().is_ok() {
                let [session, user_sessions, token, user_tokens, counter] = ids;
                let (session, token) = (SessionId::new(session), TokenId::new(token));
                let users = [user_sessions, user_tokens].map(UserId::new);
                let keys: std::collections::HashSet<_> = [
                    prefixes.session_key(&session).unwrap(),
                    prefixes.user_sessions_key(&users[0]).unwrap(),
                    prefixes.token_key(&token),
                    prefixes.user_tokens_key(&users[1]),
                    prefixes.counter_key(&counter),
                ]
                .map(written)
                .into();
                prop_assert_eq!(keys.len(), 5);
            }
        }

        #[test]
        fn no_bare_key_has_two_kinds(names in prop::array::uniform3("[a:]{1,3}"), ids in prop::array::uniform5("[a:]{0,7}")) {
            let prefixes = bare(names.each_ref().map(String::as_str));
            if prefixes.check().is_ok() {
                let [session, user_sessions, token, user_tokens, counter] = ids;
                let (session, token) = (SessionId::new(session), TokenId::new(token));
                let users = [user_sessions, user_tokens].map(UserId::new);
                let others =
                    [prefixes.token_key(&token), prefixes.user_tokens_key(&users[1]), prefixes.counter_key(&counter)]
                        .map(written);
                for (key, id) in [
                    (prefixes.session_key(&session), session.as_str()),
                    (prefixes.user_sessions_key(&users[0]), users[0].as_str()),
                ] {
                    let is_reserved = names.iter().any(|name| id.starts_with(&format!("{name}:")));
                    prop_assert_eq!(key.is_err(), is_reserved);
                    if let Ok(key) = key {
                        prop_assert_eq!(written(key), [id.as_bytes()]);
                        prop_assert!(!others.contains(&written(key)));
                    }
                }
            }
        }

        #[test]
        fn no_two_ids_share_a_key(one in ".*", other in ".*") {
            let prefixes = Prefixes::default();
            let ids = [&one, &other].map(|id| SessionId::new(id.as_str()));
            let keys = ids.each_ref().map(|id| written(prefixes.session_key(id).unwrap()));
            prop_assert_eq!(keys[0] == keys[1], one == other);
            prop_assert_eq!(&keys[0], &[format!("session:{one}").into_bytes()]);
            prop_assert_eq!(prefixes.session_key(&ids[0]).unwrap().len(), keys[0][0].len());
            let user_id = UserId::new(&*one);
            let index = prefixes.user_sessions_key(&user_id).unwrap();
            prop_assert_eq!(written(index), [format!("userSession:{one}").into_bytes()]);
            prop_assert_eq!(written(prefixes.token_key(&TokenId::new(&*one))), [format!("token:{one}").into_bytes()]);
            prop_assert_eq!(written(prefixes.user_tokens_key(&user_id)), [format!("userToken:{one}").into_bytes()]);
            prop_assert_eq!(written(prefixes.counter_key(&one)), [format!("counter:{one}").into_bytes()]);
        }
    }
}
