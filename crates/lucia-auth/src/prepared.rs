//! Rows that the application inserts itself.

use lucia_core::{KeySchema, SessionSchema, SessionToken, UserSchema};

use crate::key::Proof;

/// The rows of a user that [`Auth::prepare_user`](crate::Auth::prepare_user) prepared. `Debug` hides the hash.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PreparedUser {
    /// The user.
    pub row: UserSchema,
    /// Their key, if they have one.
    pub key: Option<KeySchema>,
}

/// The row of a session that [`Auth::prepare_session`](crate::Auth::prepare_session) prepared, and its token. `Debug`
/// hides the token and the id.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PreparedSession {
    /// The session.
    pub row: SessionSchema,
    pub(crate) token: SessionToken,
    pub(crate) proof: Option<Proof>,
}

impl PreparedUser {
    pub(crate) const fn new(row: UserSchema, key: Option<KeySchema>) -> Self {
        Self { row, key }
    }
}
