//! How session tokens are stored.

use lucia_core::{SessionId, SessionToken};

/// The stored form of session tokens, for [`AuthBuilder::session_ids`](crate::AuthBuilder::session_ids).
///
/// A client holds a [`SessionToken`]; the store holds a [`SessionId`]. With hashes, whoever reads the store, a backup or
/// a replica cannot sign in with what they find.
///
/// | | new sessions | accepts hashed | accepts plain |
/// |---|---|---|---|
/// | `Hashed` | hashed | yes | no |
/// | `HashedAndPlain` | hashed | yes | yes, until their renewal |
/// | `Plain` | plain | no | yes |
///
/// A hash is the lower-case hexadecimal SHA-256 of the token, as in Lucia's own guide to sessions. In every mode a token
/// of 64 hexadecimal digits is never looked up as it is, because a stolen hash would be a token then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SessionIds {
    /// Stores hashes. Sessions with plain ids, such as those of Lucia v2, have ended.
    Hashed,
    /// Stores hashes, and accepts sessions with plain ids. Their renewal, or a rotation, replaces the id by its hash,
    /// and the client keeps its cookie.
    ///
    /// Both are looked up in one round trip if the store can, and otherwise the hash first, so that a hashed session takes
    /// one read. Lucia v2 cannot read the hashed ones.
    #[default]
    HashedAndPlain,
    /// Stores tokens as they are, for Lucia v2 beside this process. Whoever reads the store can sign in.
    Plain,
}

impl SessionIds {
    /// Returns the id under which a new session is stored.
    pub(crate) fn new_id(self, token: &SessionToken) -> SessionId {
        match self {
            Self::Hashed | Self::HashedAndPlain => token.hashed_id(),
            Self::Plain => SessionId::new(token.as_str()),
        }
    }

    /// Returns the ids under which the session of a token may be stored, in the order in which they count.
    pub(crate) fn ids_of(self, token: &SessionToken) -> Vec<SessionId> {
        let plain = || SessionId::new(token.as_str());
        match self {
            Self::Hashed => vec![token.hashed_id()],
            Self::HashedAndPlain if token.is_hash() => vec![token.hashed_id()],
            Self::HashedAndPlain => vec![token.hashed_id(), plain()],
            Self::Plain if token.is_hash() => vec![],
            Self::Plain => vec![plain()],
        }
    }

    /// Returns the id that replaces a plain one.
    pub(crate) fn hashed(self, id: &SessionId) -> Option<SessionId> {
        let is_plain = self == Self::HashedAndPlain && !id.is_hash();
        is_plain.then(|| SessionToken::new(id.as_str()).hashed_id())
    }
}
