use super::escape::{push_escaped, unescape};
use crate::{SessionId, UserId};

/// The names of the keys under which a key-value store holds sessions.
///
/// ```
/// use lucia_core::kv::KvLayout;
///
/// let layout = KvLayout::new("session", "user_session")?;
/// assert_eq!(layout.session_key(&"s1".into()), "session:s1");
/// assert_eq!(layout.index_key(&"u:1".into(), &"s1".into()), "user_session:u~3A1:s1");
/// # Ok::<(), lucia_core::kv::InvalidKvLayout>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KvLayout {
    session: String,
    user_sessions: String,
    revoked: String,
    user_revoked: String,
}

/// An invalid pair of key prefixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidKvLayout {
    /// A prefix is empty.
    #[error("a key prefix is empty")]
    Empty,
    /// Keys of the two prefixes could not be distinguished.
    #[error("the key prefixes of sessions and of the index are equal, or one continues the other")]
    Overlapping,
    /// A prefix contains a character that some stores rewrite.
    #[error("a key prefix may contain only letters, digits, `-`, `_`, `.` and single colons inside it")]
    Character,
}

impl KvLayout {
    /// Creates a layout with these prefixes, each followed by a colon in the keys.
    ///
    /// # Errors
    /// Returns [`InvalidKvLayout`] if a prefix is empty or contains characters that some stores rewrite, or if keys of
    /// sessions, of the index and of revocations could not be told apart.
    #[doc(alias("prefixes", "sessionKeyPrefix", "userSessionKeyPrefix"))]
    pub fn new(
        session_prefix: impl Into<String>,
        user_sessions_prefix: impl Into<String>,
    ) -> Result<Self, InvalidKvLayout> {
        let (session, user_sessions) = (session_prefix.into(), user_sessions_prefix.into());
        let (revoked, user_revoked) = (format!("{session}_revoked"), format!("{user_sessions}_revoked"));
        for prefix in [&session, &user_sessions] {
            if prefix.is_empty() {
                return Err(InvalidKvLayout::Empty);
            }
            let parts_are_plain = prefix.split(':').all(|part| {
                !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
            });
            if !parts_are_plain || prefix.split(':').any(|part| part.bytes().all(|byte| byte == b'.')) {
                return Err(InvalidKvLayout::Character);
            }
        }
        let all = [&session, &user_sessions, &revoked, &user_revoked];
        if all.iter().enumerate().any(|(index, one)| all[..index].iter().any(|other| overlap(one, other))) {
            return Err(InvalidKvLayout::Overlapping);
        }
        Ok(Self { session, user_sessions, revoked, user_revoked })
    }

    pub(super) fn session_name(&self) -> &str {
        &self.session
    }

    pub(super) fn user_sessions_name(&self) -> &str {
        &self.user_sessions
    }

    /// Returns the key of a session.
    #[must_use]
    pub fn session_key(&self, session_id: &SessionId) -> String {
        key(&self.session, &[session_id.as_str()])
    }

    /// Returns the prefix of every session's key, which no other key has.
    #[must_use]
    pub fn session_prefix(&self) -> String {
        format!("{}:", self.session)
    }

    /// Returns the session id in a session's key. `None` for any other key.
    #[must_use]
    pub fn parse_session_key(&self, key: &str) -> Option<SessionId> {
        let id = key.strip_prefix(self.session.as_str())?.strip_prefix(':')?;
        unescape(id).map(SessionId::new)
    }

    /// Returns the prefix of every tombstone's key in a store without conditional writes. No other key has it.
    #[must_use]
    pub fn revoked_prefix(&self) -> String {
        format!("{}:", self.revoked)
    }

    /// Returns the key of a revoked session's tombstone in a store without conditional writes. It has a hash of the id: a plain id that was replaced by its
    /// hash is still the token of a live session.
    #[must_use]
    pub fn revoked_key(&self, session_id: &SessionId) -> String {
        key(&self.revoked, &[&session_id.digest()])
    }

    /// Returns `true` for the key of a tombstone.
    pub(super) fn is_revoked_key(&self, key: &str) -> bool {
        is_key(&self.revoked, key)
    }

    /// Returns the key of the mark that all sessions of a user were revoked; in a store with conditional writes, that one
    /// was rotated.
    #[must_use]
    pub fn user_revoked_key(&self, user_id: &UserId) -> String {
        key(&self.user_revoked, &[user_id.as_str()])
    }

    /// Returns `true` for the key of a mark.
    pub(super) fn is_user_revoked_key(&self, key: &str) -> bool {
        is_key(&self.user_revoked, key)
    }

    /// Returns the prefix of every mark's key, which no other key has.
    #[must_use]
    pub fn user_revoked_prefix(&self) -> String {
        format!("{}:", self.user_revoked)
    }

    /// Returns the key of a session's entry in the index of its user.
    #[must_use]
    pub fn index_key(&self, user_id: &UserId, session_id: &SessionId) -> String {
        key(&self.user_sessions, &[user_id.as_str(), session_id.as_str()])
    }

    /// Returns the key under which Lucia JS stored the index of a user on Cloudflare KV, a JSON array of session ids.
    #[must_use]
    pub fn list_key(&self, user_id: &UserId) -> String {
        key(&self.user_sessions, &[user_id.as_str()])
    }

    /// Returns the prefix of every index entry's key, which no other key has.
    #[must_use]
    pub fn user_sessions_prefix(&self) -> String {
        format!("{}:", self.user_sessions)
    }

    /// Returns the prefix of the keys of a user's index entries, which no other user's have.
    #[must_use]
    pub fn index_prefix(&self, user_id: &UserId) -> String {
        let mut prefix = self.list_key(user_id);
        prefix.push(':');
        prefix
    }

    /// Returns the user and session ids in the key of an index entry. `None` for any other key.
    #[must_use]
    pub fn parse_index_key(&self, key: &str) -> Option<(UserId, SessionId)> {
        let ids = key.strip_prefix(self.user_sessions.as_str())?.strip_prefix(':')?;
        let (user, session) = ids.split_once(':')?;
        Some((UserId::new(unescape(user)?), SessionId::new(unescape(session)?)))
    }
}

impl Default for KvLayout {
    /// Returns the layout with the prefixes `session` and `user_session`.
    fn default() -> Self {
        let names = ["session", "user_session", "session_revoked", "user_session_revoked"];
        let [session, user_sessions, revoked, user_revoked] = names.map(str::to_owned);
        Self { session, user_sessions, revoked, user_revoked }
    }
}

fn key(prefix: &str, ids: &[&str]) -> String {
    let length = prefix.len() + ids.iter().map(|id| 1 + id.len()).sum::<usize>();
    let mut key = String::with_capacity(length);
    key.push_str(prefix);
    for id in ids {
        key.push(':');
        push_escaped(&mut key, id);
    }
    key
}

/// Returns `true` if a key consists of a prefix and an escaped id.
fn is_key(prefix: &str, key: &str) -> bool {
    let id = key.strip_prefix(prefix).and_then(|rest| rest.strip_prefix(':'));
    id.and_then(unescape).is_some()
}

/// Returns `true` if a key could have either prefix.
fn overlap(a: &str, b: &str) -> bool {
    let continues = |long: &str, short: &str| long.strip_prefix(short).is_some_and(|rest| rest.starts_with(':'));
    a == b || continues(a, b) || continues(b, a)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn r11_overlapping_prefixes_are_rejected() {
        for (session, index) in [
            ("a", "a"),
            ("a", "a:b"),
            ("a:b", "a"),
            ("a", "a_revoked"),
            ("a", "a_revoked:x"),
            ("a_revoked", "a"),
            ("a_revoked:x", "a"),
        ] {
            assert_eq!(KvLayout::new(session, index), Err(InvalidKvLayout::Overlapping), "{session} {index}");
        }
        for (session, index) in [("", "a"), ("a", "")] {
            assert_eq!(KvLayout::new(session, index), Err(InvalidKvLayout::Empty));
        }
        for prefix in ["a/b", "a?", "a:", ":a", "a::b", "..", "a:.", "é", "a b", "*"] {
            assert_eq!(KvLayout::new(prefix, "index"), Err(InvalidKvLayout::Character), "{prefix}");
        }
        assert!(KvLayout::new("app:session", "app:user_session").is_ok());
    }

    #[test]
    fn the_default_is_that_of_unstorage() {
        assert_eq!(KvLayout::new("session", "user_session"), Ok(KvLayout::default()));
    }

    #[test]
    fn u6_no_user_reads_anothers_index() {
        let layout = KvLayout::new("session", "user_session").unwrap();
        let prefix = layout.index_prefix(&"u".into());
        for other in ["u1", "u:1", "u/1", "u?1", "U", "", "u*"] {
            assert!(!layout.index_key(&other.into(), &"s".into()).starts_with(&prefix), "{other}");
        }
    }

    proptest! {
        #[test]
        fn index_keys_name_their_owner(user in ".*", session in ".*") {
            let layout = KvLayout::new("session", "user_session").unwrap();
            let (user, session) = (UserId::new(user), SessionId::new(session));
            let key = layout.index_key(&user, &session);
            prop_assert!(key.starts_with(&layout.index_prefix(&user)));
            prop_assert_eq!(layout.parse_index_key(&key), Some((user, session)));
        }

        #[test]
        fn session_keys_name_their_session(session in ".*") {
            let layout = KvLayout::new("session", "user_session").unwrap();
            let session = SessionId::new(session);
            let key = layout.session_key(&session);
            prop_assert!(key.starts_with(&layout.session_prefix()));
            prop_assert_eq!(layout.parse_session_key(&key), Some(session.clone()));
            prop_assert_eq!(layout.parse_session_key(&layout.revoked_key(&session)), None);
        }

        #[test]
        fn no_foreign_key_panics(key in ".*") {
            let layout = KvLayout::new("s", "u").unwrap();
            let _ = (layout.parse_index_key(&key), layout.parse_session_key(&key));
        }
    }
}
