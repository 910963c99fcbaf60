use lucia_core::{AdapterError, AdapterErrorKind, AttributesError, InvalidKeyId};

use crate::password::PasswordError;

/// What the methods of [`Auth`](crate::Auth) fail with.
///
/// The variants are Lucia's error codes, which [`code`](Self::code) spells; the rest are failures that Lucia leaves untyped.
///
/// ```
/// use lucia::Error;
///
/// assert_eq!(Error::InvalidSessionId.code(), "AUTH_INVALID_SESSION_ID");
/// assert!(Error::InvalidKeyId.is_invalid_credentials());
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no such session, or it has expired, or its user is gone.
    #[error("the session does not exist or has expired")]
    InvalidSessionId,
    /// There is no such user.
    #[error("the user does not exist")]
    InvalidUserId,
    /// There is no such key.
    #[error("the key does not exist")]
    InvalidKeyId,
    /// The password is not the key's, or the key has none.
    #[error("the password is wrong")]
    InvalidPassword,
    /// The stored hash is of a kind that is no longer verified (bcrypt): the user has to set a new password.
    #[error("the stored password is outdated and has to be reset")]
    OutdatedPassword,
    /// The request comes from another origin.
    #[error("the request comes from another origin")]
    InvalidRequest,
    /// Nobody is signed in.
    #[error("nobody is signed in")]
    NotAuthenticated,
    /// A key with this provider id and provider user id exists already.
    #[error("a key with this provider user id exists already")]
    DuplicateKeyId,
    /// A user with this id exists already.
    #[error("a user with this id exists already")]
    DuplicateUserId,
    /// A session with this id exists already.
    #[error("a session with this id exists already")]
    DuplicateSessionId,
    /// Another row has the value of a unique attribute.
    #[error("the value of a unique attribute is taken")]
    DuplicateAttribute {
        /// The attribute, where the store tells.
        name: Option<String>,
    },
    /// The store has no place for an attribute, or not for such a value.
    #[error("the store cannot hold an attribute")]
    InvalidAttribute {
        /// The attribute, where the store tells.
        name: Option<String>,
    },
    /// A provider id is empty or holds a colon.
    #[error("the provider id is malformed")]
    MalformedKeyId(#[source] InvalidKeyId),
    /// The id that the application chose for a session could not travel in a cookie.
    #[error("a session id has to be of 1 to 255 visible ASCII characters that a cookie can carry")]
    MalformedSessionId,
    /// Attributes do not fit their type, or have a reserved name.
    #[error("the attributes do not fit")]
    Attributes(#[source] AttributesError),
    /// A password is not acceptable, or could not be hashed.
    #[error("the password could not be hashed")]
    Password(#[source] PasswordError),
    /// The operating system gave no random bytes.
    #[error("no random bytes")]
    Random(#[source] getrandom::Error),
    /// The adapter failed; its own error is the source.
    #[error("the adapter failed")]
    Adapter(#[source] AdapterError),
}

impl Error {
    /// Lucia's code of this error.
    ///
    /// What Lucia has no code for is named in the same style; an adapter's failure is `UNKNOWN_ERROR`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InvalidSessionId => "AUTH_INVALID_SESSION_ID",
            Self::InvalidUserId => "AUTH_INVALID_USER_ID",
            Self::InvalidKeyId => "AUTH_INVALID_KEY_ID",
            Self::InvalidPassword => "AUTH_INVALID_PASSWORD",
            Self::OutdatedPassword => "AUTH_OUTDATED_PASSWORD",
            Self::InvalidRequest => "AUTH_INVALID_REQUEST",
            Self::NotAuthenticated => "AUTH_NOT_AUTHENTICATED",
            Self::DuplicateKeyId => "AUTH_DUPLICATE_KEY_ID",
            Self::DuplicateUserId => "AUTH_DUPLICATE_USER_ID",
            Self::DuplicateSessionId => "AUTH_DUPLICATE_SESSION_ID",
            Self::DuplicateAttribute { .. } => "AUTH_DUPLICATE_ATTRIBUTE",
            Self::InvalidAttribute { .. } | Self::Attributes(_) => "AUTH_INVALID_ATTRIBUTES",
            Self::MalformedKeyId(_) => "AUTH_MALFORMED_KEY_ID",
            Self::MalformedSessionId => "AUTH_MALFORMED_SESSION_ID",
            Self::Password(_) => "AUTH_UNACCEPTABLE_PASSWORD",
            Self::Random(_) | Self::Adapter(_) => "UNKNOWN_ERROR",
        }
    }

    /// Whether a sign-in failed for what the visitor typed: an unknown key, or a password that is wrong, absent or outdated.
    ///
    /// Answer all of them with one message, or the answer tells who has an account (bug C14).
    #[must_use]
    pub const fn is_invalid_credentials(&self) -> bool {
        matches!(self, Self::InvalidKeyId | Self::InvalidPassword | Self::OutdatedPassword)
    }

    /// Whether the store could not be reached, so that trying again may help.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Adapter(error) if error.kind() == AdapterErrorKind::Unavailable)
    }
}

impl From<AdapterError> for Error {
    fn from(error: AdapterError) -> Self {
        let name = || error.attribute().map(str::to_owned);
        match error.kind() {
            AdapterErrorKind::InvalidSessionId => Self::InvalidSessionId,
            AdapterErrorKind::InvalidUserId => Self::InvalidUserId,
            AdapterErrorKind::InvalidKeyId => Self::InvalidKeyId,
            AdapterErrorKind::DuplicateKeyId => Self::DuplicateKeyId,
            AdapterErrorKind::DuplicateUserId => Self::DuplicateUserId,
            AdapterErrorKind::DuplicateSessionId => Self::DuplicateSessionId,
            AdapterErrorKind::DuplicateAttribute => Self::DuplicateAttribute { name: name() },
            AdapterErrorKind::InvalidAttribute => Self::InvalidAttribute { name: name() },
            _ => Self::Adapter(error),
        }
    }
}

impl From<AttributesError> for Error {
    fn from(error: AttributesError) -> Self {
        Self::Attributes(error)
    }
}

impl From<InvalidKeyId> for Error {
    fn from(error: InvalidKeyId) -> Self {
        Self::MalformedKeyId(error)
    }
}

impl From<PasswordError> for Error {
    fn from(error: PasswordError) -> Self {
        Self::Password(error)
    }
}

impl From<getrandom::Error> for Error {
    fn from(error: getrandom::Error) -> Self {
        Self::Random(error)
    }
}
