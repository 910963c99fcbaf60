use lucia_core::AttributesError;

use crate::{InvalidCsrf, InvalidSessionCookie};

/// Why a configuration makes no [`Auth`](crate::Auth).
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
    #[error("the attribute of the absolute session lifetime is misnamed")]
    AbsoluteSessionLifetime(#[source] AttributesError),
    /// A bound on password hashing is zero.
    #[error("passwords of no length, or no hashing at all, would let nobody in")]
    ZeroPasswordBound,
    /// This target has no clock of its own: supply one.
    #[error("this target has no clock: supply one to the builder")]
    NoClock,
}
