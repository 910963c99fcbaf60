use lucia_core::AttributesError;

use crate::{InvalidCsrf, InvalidSessionCookie};

/// An error of [`AuthBuilder::build`](crate::AuthBuilder::build).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A CSRF option is invalid.
    #[error("the CSRF protection is misconfigured")]
    Csrf(#[from] InvalidCsrf),
    /// A cookie option is invalid, alone or with the other options or the environment.
    #[error("the session cookie is misconfigured")]
    SessionCookie(#[from] InvalidSessionCookie),
    /// The attribute for a time of a session has a reserved name.
    #[error("the attribute of `{option}` has a reserved name")]
    #[non_exhaustive]
    SessionAttribute {
        /// The builder's method.
        option: &'static str,
        /// The reason.
        source: AttributesError,
    },
    /// Two times of a session have the same attribute.
    #[error("`session_created_at` and `session_authenticated_at` must be different attributes")]
    SameSessionAttribute,
    /// An option requires the creation time of sessions.
    #[error("`{option}` requires `session_created_at`")]
    #[non_exhaustive]
    NoSessionCreatedAt {
        /// The builder's method.
        option: &'static str,
    },
    /// Nobody could have a session.
    #[error("`max_sessions_per_user` must be at least 1")]
    NoSessions,
    /// Sessions would be expired when they are created.
    #[error("`{option}` must be at least a millisecond")]
    #[non_exhaustive]
    ZeroSessionLifetime {
        /// The builder's method.
        option: &'static str,
    },
    /// A limit of the [`Throttle`](crate::Throttle) allows nothing.
    #[error("`Throttle::{option}` must allow at least one attempt, in at least a millisecond")]
    #[non_exhaustive]
    ZeroLimit {
        /// The throttle's method.
        option: &'static str,
    },
    /// A limit of password hashing is zero.
    #[cfg(feature = "password")]
    #[error("`{option}` must be at least 1")]
    #[non_exhaustive]
    ZeroPasswordBound {
        /// The builder's method.
        option: &'static str,
    },
    /// Every password would be too short or too long.
    #[cfg(feature = "password")]
    #[error("`PasswordRules::min_length` exceeds `max_password_length`: every password would be too short or too long")]
    NoAcceptablePassword,
    /// User attributes require the row of the user, which validations do not read.
    #[error("`check_users_only_at_renewal` reads no user attributes: remove it, or `user_attributes`")]
    UserAttributesAreNotRead,
    /// The target has no system clock, and none was set.
    #[error("no clock on this target: set one with `AuthBuilder::clock`")]
    NoClock,
}
