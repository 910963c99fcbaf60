use std::fmt;

use crate::{TokenId, TokenKind, UnixMillis, UserId};

/// One row of the token table: a record that is used once, such as the hash of a link to reset a password.
///
/// `Debug` hides the id and the data.
///
/// ```
/// use lucia_core::{TokenKind, TokenSchema, UnixMillis};
///
/// const PASSWORD_RESET: TokenKind = TokenKind::from_static("password_reset");
///
/// let token = TokenSchema::new("5e884898da28", PASSWORD_RESET, UnixMillis::new(1_000)).with_user_id("u1");
/// assert!(!token.is_expired(UnixMillis::new(1_000)));
/// assert!(token.is_expired(UnixMillis::new(1_001)));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct TokenSchema {
    /// The primary key.
    pub id: TokenId,
    /// The purpose.
    pub kind: TokenKind,
    /// The user whose token it is, if any.
    pub user_id: Option<UserId>,
    /// Text of the application that the token is bound to, at most 65,536 bytes: an email address, for example.
    pub data: String,
    /// The last millisecond at which the token can be used.
    pub expires: UnixMillis,
}

impl TokenSchema {
    /// Creates a token without a user and without data.
    #[must_use]
    pub fn new(id: impl Into<TokenId>, kind: TokenKind, expires: UnixMillis) -> Self {
        Self { id: id.into(), kind, user_id: None, data: String::new(), expires }
    }

    /// Sets the user.
    #[must_use]
    pub fn with_user_id(mut self, user_id: impl Into<UserId>) -> Self {
        self.user_id = Some(user_id.into());
        self
    }

    /// Sets the data.
    #[must_use]
    pub fn with_data(mut self, data: impl Into<String>) -> Self {
        self.data = data.into();
        self
    }

    /// Returns `true` if `now` is after `expires`.
    #[must_use]
    pub fn is_expired(&self, now: UnixMillis) -> bool {
        now > self.expires
    }
}

impl fmt::Debug for TokenSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSchema")
            .field("kind", &self.kind)
            .field("user_id", &self.user_id)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}
