use lucia_core::{SessionId, TokenId, UserId};

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
    Crossing,
}

/// The prefixes of keys, each with its colon. The rest of a key is the unescaped id, so no two ids share a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Prefixes {
    session: String,
    user_sessions: String,
    token: String,
    user_tokens: String,
    counter: String,
}

impl Prefixes {
    /// Creates the prefixes of sessions and their indexes, and of tokens, their indexes and counters.
    ///
    /// Without the first two, the keys of sessions and of their indexes are bare ids, because Lucia JS 1.0 stored them
    /// so. Two records with the same key then differ in their type or in their fields.
    ///
    /// # Errors
    /// Returns [`InvalidPrefixes`] if a prefix is empty, or two could result in the same key.
    pub(crate) fn new(sessions: Option<[&str; 2]>, tokens: [&str; 3]) -> Result<Self, InvalidPrefixes> {
        let names: Vec<_> = sessions.iter().flatten().chain(&tokens).collect();
        if names.iter().any(|name| name.is_empty()) {
            return Err(InvalidPrefixes::Empty);
        }
        let prefixes: Vec<_> = names.iter().map(|name| format!("{name}:")).collect();
        let cross = |one: &String, other: &String| one.starts_with(other) || other.starts_with(one);
        if (1..).zip(&prefixes).any(|(next, one)| prefixes[next..].iter().any(|other| cross(one, other))) {
            return Err(InvalidPrefixes::Crossing);
        }
        let [session, user_sessions] = sessions.map(|names| names.map(|name| format!("{name}:"))).unwrap_or_default();
        let [token, user_tokens, counter] = tokens.map(|name| format!("{name}:"));
        Ok(Self { session, user_sessions, token, user_tokens, counter })
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

    /// Returns the prefix of session keys, including its colon.
    pub(crate) fn session_prefix(&self) -> &str {
        &self.session
    }

    /// Returns the prefix of index keys, including its colon.
    pub(crate) fn index_prefix(&self) -> &str {
        &self.user_sessions
    }

    /// Returns the prefix of token keys, including its colon.
    pub(crate) fn token_prefix(&self) -> &str {
        &self.token
    }

    /// Returns the prefix of the keys of users' tokens, including its colon.
    pub(crate) fn user_tokens_prefix(&self) -> &str {
        &self.user_tokens
    }

    /// Returns the prefix of counter keys, including its colon.
    pub(crate) fn counter_prefix(&self) -> &str {
        &self.counter
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use redis::ToRedisArgs as _;

    use super::*;

    const TOKENS: [&str; 3] = ["token", "userToken", "counter"];

    fn written(key: Key<'_>) -> Vec<Vec<u8>> {
        key.to_redis_args()
    }

    #[test]
    fn r11_equal_and_overlapping_prefixes_are_rejected() {
        for (one, other) in [("a", "a"), ("a", "a:b"), ("a:b", "a"), ("a:", "a"), ("a", "a:"), ("a:b:c", "a")] {
            for [session, index, token, user_tokens, counter] in [
                [one, other, "t", "ut", "c"],
                [one, "u", other, "ut", "c"],
                ["s", one, "t", "ut", other],
                ["s", "u", one, other, "c"],
                ["s", "u", "t", one, other],
            ] {
                let prefixes = Prefixes::new(Some([session, index]), [token, user_tokens, counter]);
                assert_eq!(prefixes, Err(InvalidPrefixes::Crossing), "{one} {other}");
            }
            assert_eq!(Prefixes::new(None, [one, "ut", other]), Err(InvalidPrefixes::Crossing), "{one} {other}");
        }
        for (session, index) in [("", "a"), ("a", ""), ("", "")] {
            assert_eq!(Prefixes::new(Some([session, index]), TOKENS), Err(InvalidPrefixes::Empty));
        }
        for tokens in [["", "b", "c"], ["a", "", "c"], ["a", "b", ""]] {
            assert_eq!(Prefixes::new(None, tokens), Err(InvalidPrefixes::Empty));
        }
        for (session, index) in
            [("session", "user_sessions"), ("a", "ab"), ("app:s", "app:u"), ("*", "[a]"), ("é", "{x}")]
        {
            assert!(Prefixes::new(Some([session, index]), TOKENS).is_ok(), "{session} {index}");
        }
        assert!(Prefixes::new(None, TOKENS).is_ok());
    }

    proptest! {
        #[test]
        fn no_key_has_two_kinds(names in prop::array::uniform5("[a:]{1,4}"), ids in prop::array::uniform5("[a:]{0,4}")) {
            let [session, index, token, user_tokens, counter] = names.each_ref().map(String::as_str);
            if let Ok(prefixes) = Prefixes::new(Some([session, index]), [token, user_tokens, counter]) {
                let [session, index, token, user_tokens, counter] = ids;
                let (session, token) = (SessionId::new(session), TokenId::new(token));
                let users = [index, user_tokens].map(UserId::new);
                let keys: std::collections::HashSet<_> = [
                    prefixes.session_key(&session),
                    prefixes.index_key(&users[0]),
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
        fn no_two_ids_share_a_key(one in ".*", other in ".*") {
            let prefixes = Prefixes::new(Some(["session", "userSession"]), TOKENS).unwrap();
            let ids = [&one, &other].map(|id| SessionId::new(id.as_str()));
            let keys = ids.each_ref().map(|id| written(prefixes.session_key(id)));
            prop_assert_eq!(keys[0] == keys[1], one == other);
            prop_assert_eq!(&keys[0], &[format!("session:{one}").into_bytes()]);
            prop_assert_eq!(prefixes.session_key(&ids[0]).len(), keys[0][0].len());
            let user_id = UserId::new(&*one);
            prop_assert_eq!(written(prefixes.index_key(&user_id)), [format!("userSession:{one}").into_bytes()]);
            prop_assert_eq!(written(prefixes.token_key(&TokenId::new(&*one))), [format!("token:{one}").into_bytes()]);
            prop_assert_eq!(written(prefixes.user_tokens_key(&user_id)), [format!("userToken:{one}").into_bytes()]);
            prop_assert_eq!(written(prefixes.counter_key(&one)), [format!("counter:{one}").into_bytes()]);
        }
    }
}
