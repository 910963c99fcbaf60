use lucia_core::AttributesError;

use crate::{InvalidCsrf, InvalidSessionCookie};

/// The error of [`AuthBuilder::build`](crate::AuthBuilder::build).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The CSRF options do not fit.
    #[error("the CSRF protection is misconfigured")]
    Csrf(#[from] InvalidCsrf),
    /// The cookie options do not fit each other, or the environment.
    #[error("the session cookie is misconfigured")]
    SessionCookie(#[from] InvalidSessionCookie),
    /// The attribute that is to hold the start of a session has a reserved name.
    #[error("the attribute of `absolute_session_lifetime` has a reserved name")]
    AbsoluteSessionLifetime(#[source] AttributesError),
    /// Sessions would have expired when they are created.
    #[error("`{option}` must be at least a millisecond")]
    ZeroSessionLifetime {
        /// The builder's method.
        option: &'static str,
    },
    /// A bound on password hashing is zero.
    #[error("`{option}` must be at least 1")]
    ZeroPasswordBound {
        /// The builder's method.
        option: &'static str,
    },
    /// This target has no clock of its own: supply one.
    #[error("this target has no clock of its own: set one with `AuthBuilder::clock`")]
    NoClock,
}
