use std::time::Duration;

use lucia_core::{AdapterError, AdapterErrorKind, AttributesError, InvalidKeyId};

#[cfg(feature = "password")]
use crate::password::PasswordError;

/// An error of the methods of [`Auth`](crate::Auth).
///
/// The variants correspond to Lucia's error codes, see [`code`](Self::code), and to failures that Lucia leaves untyped.
/// If an adapter reported the failure, its error is the [`source`](std::error::Error::source), followed by the
/// database's. Print the whole chain to see the column, constraint or value.
///
/// ```
/// use lucia_auth::{AdapterError, AdapterErrorKind, Error};
///
/// let error = Error::from(AdapterError::new(AdapterErrorKind::InvalidKeyId));
/// assert_eq!(error.code(), "AUTH_INVALID_KEY_ID");
/// assert!(error.is_invalid_credentials());
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The session does not exist or has expired, or its user does not exist.
    #[error("the session does not exist or has expired")]
    #[non_exhaustive]
    InvalidSessionId {
        /// The adapter's error, if it reported this.
        source: Option<AdapterError>,
    },
    /// The user does not exist.
    #[error("the user does not exist")]
    #[non_exhaustive]
    InvalidUserId {
        /// The adapter's error, if it reported this.
        source: Option<AdapterError>,
    },
    /// The key does not exist.
    #[error("the key does not exist")]
    #[non_exhaustive]
    InvalidKeyId {
        /// The adapter's error, if it reported this.
        source: Option<AdapterError>,
    },
    /// The password is wrong, or the key has no password.
    #[error("the password is wrong")]
    InvalidPassword,
    /// The stored hash has a format that is no longer supported (bcrypt): the user must set a new password.
    #[error("the stored password hash is outdated: the user must set a new password")]
    OutdatedPassword,
    /// An attempt or a token exceeds a limit: see [`Throttle`](crate::Throttle) and
    /// [`NewToken::at_most_every`](crate::NewToken::at_most_every). Nothing was verified or issued.
    #[error("too many attempts")]
    #[non_exhaustive]
    TooManyAttempts {
        /// The time after which the next attempt is allowed.
        retry_after: Duration,
    },
    /// Too many passwords are waiting to be hashed: see `AuthBuilder::hash_queue`. Nothing was verified or
    /// stored.
    #[error("too many passwords are waiting to be hashed")]
    #[non_exhaustive]
    Busy {
        /// The time after which a retry may succeed.
        retry_after: Duration,
    },
    /// The one-time token is unknown, used, void, expired or malformed, or has another purpose: see
    /// [`Tokens`](crate::Tokens).
    #[error("the link or code is invalid or has expired")]
    InvalidOneTimeToken,
    /// The request comes from another origin, or has no origin and may change something.
    #[error("the request does not come from an origin of this site")]
    InvalidRequest,
    /// Nobody is signed in.
    #[error("nobody is signed in")]
    NotAuthenticated,
    /// The user did not authenticate recently enough for what they are about to do: see `Auth::confirm_password`.
    #[error("the user must authenticate again")]
    ReauthenticationRequired,
    /// The method requires an option of [`AuthBuilder`](crate::AuthBuilder) that is not set.
    #[error("`AuthBuilder::{option}` is required and not set")]
    #[non_exhaustive]
    MissingOption {
        /// The builder's method.
        option: &'static str,
    },
    /// [`Auth::hash_plain_sessions`](crate::Auth::hash_plain_sessions) requires
    /// [`SessionIds::HashedAndPlain`](crate::SessionIds::HashedAndPlain).
    #[error("plain sessions are converted only with `SessionIds::HashedAndPlain`")]
    NotHashedAndPlain,
    /// A key with this provider id and provider user id already exists.
    #[error("a key with this provider user id already exists")]
    #[non_exhaustive]
    DuplicateKeyId {
        /// The adapter's error, if it reported this.
        source: Option<AdapterError>,
    },
    /// A user with this id already exists.
    #[error("a user with this id already exists")]
    #[non_exhaustive]
    DuplicateUserId {
        /// The adapter's error, if it reported this.
        source: Option<AdapterError>,
    },
    /// A session with this id already exists.
    #[error("a session with this id already exists")]
    #[non_exhaustive]
    DuplicateSessionId {
        /// The adapter's error, if it reported this.
        source: Option<AdapterError>,
    },
    /// Another row has the value of a unique attribute.
    #[error("the value of {} is taken", attribute(name, "a unique attribute"))]
    #[non_exhaustive]
    DuplicateAttribute {
        /// The attribute, if the store reports it.
        name: Option<String>,
        /// The adapter's error.
        source: AdapterError,
    },
    /// The store cannot hold an attribute or its value.
    #[error("the store cannot hold {}", attribute(name, "an attribute"))]
    #[non_exhaustive]
    InvalidAttribute {
        /// The attribute, if the store reports it.
        name: Option<String>,
        /// The adapter's error.
        source: AdapterError,
    },
    /// The store cannot hold an id: it is too long, or does not fit the column's type.
    #[error("the store cannot hold this id")]
    UnsupportedId(#[source] AdapterError),
    /// A provider id is empty or contains a colon.
    #[error("the provider id is malformed")]
    MalformedKeyId(#[source] InvalidKeyId),
    /// The token that the application chose for a session cannot be one.
    #[error(
        "malformed session token: it takes 1 to 255 visible ASCII characters other than `\"`, `%`, `,`, `;` and `\\`, \
         and must not look like a hash of 64 hexadecimal digits"
    )]
    MalformedSessionToken,
    /// The attributes do not fit their type, or one has a reserved name.
    #[error("the attributes do not fit their type or the schema")]
    Attributes(#[source] AttributesError),
    /// The password is not acceptable, or could not be checked or hashed.
    #[error("the password is not acceptable, or could not be checked or hashed")]
    #[cfg(feature = "password")]
    Password(#[source] PasswordError),
    /// The operating system provided no random bytes.
    #[error("no random bytes from the operating system")]
    Random(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The adapter failed. Its error is the source.
    #[error("the adapter failed")]
    Adapter(#[source] AdapterError),
}

fn attribute(name: &Option<String>, otherwise: &str) -> String {
    name.as_ref().map_or_else(|| otherwise.to_owned(), |name| format!("the attribute `{name}`"))
}

impl Error {
    /// Returns Lucia's code for this error.
    ///
    /// Errors without a code in Lucia have one in the same style. The code of a failed adapter, hasher or check is
    /// `UNKNOWN_ERROR`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InvalidSessionId { .. } => "AUTH_INVALID_SESSION_ID",
            Self::InvalidUserId { .. } => "AUTH_INVALID_USER_ID",
            Self::InvalidKeyId { .. } => "AUTH_INVALID_KEY_ID",
            Self::InvalidPassword => "AUTH_INVALID_PASSWORD",
            Self::OutdatedPassword => "AUTH_OUTDATED_PASSWORD",
            Self::TooManyAttempts { .. } => "AUTH_TOO_MANY_ATTEMPTS",
            Self::Busy { .. } => "AUTH_BUSY",
            Self::InvalidOneTimeToken => "AUTH_INVALID_ONE_TIME_TOKEN",
            Self::InvalidRequest => "AUTH_INVALID_REQUEST",
            Self::NotAuthenticated => "AUTH_NOT_AUTHENTICATED",
            Self::ReauthenticationRequired => "AUTH_REAUTHENTICATION_REQUIRED",
            Self::DuplicateKeyId { .. } => "AUTH_DUPLICATE_KEY_ID",
            Self::DuplicateUserId { .. } => "AUTH_DUPLICATE_USER_ID",
            Self::DuplicateSessionId { .. } => "AUTH_DUPLICATE_SESSION_ID",
            Self::DuplicateAttribute { .. } => "AUTH_DUPLICATE_ATTRIBUTE",
            Self::InvalidAttribute { .. } | Self::Attributes(_) => "AUTH_INVALID_ATTRIBUTES",
            Self::UnsupportedId(_) => "AUTH_UNSUPPORTED_ID",
            Self::MalformedKeyId(_) => "AUTH_MALFORMED_KEY_ID",
            Self::MalformedSessionToken => "AUTH_MALFORMED_SESSION_TOKEN",
            #[cfg(feature = "password")]
            Self::Password(error) if error.is_unacceptable() => "AUTH_UNACCEPTABLE_PASSWORD",
            #[cfg(feature = "password")]
            Self::Password(_) => "UNKNOWN_ERROR",
            Self::MissingOption { .. } | Self::NotHashedAndPlain | Self::Random(_) | Self::Adapter(_) => {
                "UNKNOWN_ERROR"
            }
        }
    }

    /// Returns `true` if a sign-in failed because of the credentials: an unknown key, or a wrong, missing or outdated
    /// password.
    ///
    /// Show the same message for all of them; different ones would reveal who has an account.
    #[must_use]
    pub const fn is_invalid_credentials(&self) -> bool {
        matches!(self, Self::InvalidKeyId { .. } | Self::InvalidPassword | Self::OutdatedPassword)
    }

    /// Returns the time after which the client may retry, if a limit is exceeded or the process is too busy to
    /// hash its password.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooManyAttempts { retry_after } | Self::Busy { retry_after } => Some(*retry_after),
            _ => None,
        }
    }

    /// Returns `true` if the store or a check of the password is unavailable, so that a retry may succeed.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Adapter(error) => error.kind() == AdapterErrorKind::Unavailable,
            #[cfg(feature = "password")]
            Self::Password(error) => matches!(error, PasswordError::CheckFailed(_)),
            _ => false,
        }
    }
}

impl From<AdapterError> for Error {
    fn from(error: AdapterError) -> Self {
        let name = error.attribute().map(str::to_owned);
        match error.kind() {
            AdapterErrorKind::InvalidSessionId => Self::InvalidSessionId { source: Some(error) },
            AdapterErrorKind::InvalidUserId => Self::InvalidUserId { source: Some(error) },
            AdapterErrorKind::InvalidKeyId => Self::InvalidKeyId { source: Some(error) },
            AdapterErrorKind::DuplicateKeyId => Self::DuplicateKeyId { source: Some(error) },
            AdapterErrorKind::DuplicateUserId => Self::DuplicateUserId { source: Some(error) },
            AdapterErrorKind::DuplicateSessionId => Self::DuplicateSessionId { source: Some(error) },
            AdapterErrorKind::DuplicateAttribute => Self::DuplicateAttribute { name, source: error },
            AdapterErrorKind::InvalidAttribute => Self::InvalidAttribute { name, source: error },
            AdapterErrorKind::UnsupportedId => Self::UnsupportedId(error),
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

#[cfg(feature = "password")]
impl From<PasswordError> for Error {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy { retry_after } => Self::Busy { retry_after },
            error => Self::Password(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    #[test]
    fn an_adapters_error_keeps_its_meaning_and_is_the_source() {
        use AdapterErrorKind as Kind;
        for (kind, code, text) in [
            (Kind::InvalidSessionId, "AUTH_INVALID_SESSION_ID", "the session does not exist or has expired"),
            (Kind::InvalidUserId, "AUTH_INVALID_USER_ID", "the user does not exist"),
            (Kind::InvalidKeyId, "AUTH_INVALID_KEY_ID", "the key does not exist"),
            (Kind::DuplicateSessionId, "AUTH_DUPLICATE_SESSION_ID", "a session with this id already exists"),
            (Kind::DuplicateUserId, "AUTH_DUPLICATE_USER_ID", "a user with this id already exists"),
            (Kind::DuplicateKeyId, "AUTH_DUPLICATE_KEY_ID", "a key with this provider user id already exists"),
            (Kind::DuplicateAttribute, "AUTH_DUPLICATE_ATTRIBUTE", "the value of the attribute `email` is taken"),
            (Kind::InvalidAttribute, "AUTH_INVALID_ATTRIBUTES", "the store cannot hold the attribute `email`"),
            (Kind::UnsupportedId, "AUTH_UNSUPPORTED_ID", "the store cannot hold this id"),
            // Ids of tokens are random, so nobody chose a taken one.
            (Kind::DuplicateTokenId, "UNKNOWN_ERROR", "the adapter failed"),
            (Kind::Conflict, "UNKNOWN_ERROR", "the adapter failed"),
            (Kind::Decode, "UNKNOWN_ERROR", "the adapter failed"),
            (Kind::Unavailable, "UNKNOWN_ERROR", "the adapter failed"),
            (Kind::Backend, "UNKNOWN_ERROR", "the adapter failed"),
        ] {
            let error = Error::from(AdapterError::new(kind).with_attribute("email"));
            assert_eq!((error.code(), error.to_string().as_str()), (code, text), "{kind:?}");
            let source = error.source().and_then(|source| source.downcast_ref::<AdapterError>());
            assert_eq!(source.map(AdapterError::kind), Some(kind));
            assert_eq!(error.is_unavailable(), kind == Kind::Unavailable);
        }
        let unnamed = |kind| Error::from(AdapterError::new(kind)).to_string();
        assert_eq!(unnamed(Kind::DuplicateAttribute), "the value of a unique attribute is taken");
        assert_eq!(unnamed(Kind::InvalidAttribute), "the store cannot hold an attribute");
    }
}
