use std::{any::type_name, time::Duration};

use http::{HeaderName, HeaderValue, StatusCode, header};
use lucia_auth::Error;

/// The reason why an extractor found no session, or why a handler's call of [`Auth`](lucia_auth::Auth) failed.
///
/// As a response it has the status given below. Its body is a line of text, or `application/problem+json` (RFC 9457) if
/// the client prefers JSON; [`AuthLayer::render_rejections`](crate::AuthLayer::render_rejections) replaces it. A 401
/// has `WWW-Authenticate: Bearer`. A 5xx is logged by `tracing` with its sources, at level `error` or, if the process
/// is only busy, `warn`, and gives the client no details.
///
/// Extract a `Result` to respond differently:
///
/// ```
/// use axum::response::Redirect;
/// use lucia_axum::{AuthRejection, CurrentSession};
///
/// async fn account(session: Result<CurrentSession, AuthRejection>) -> Result<String, Redirect> {
///     match session {
///         Ok(session) => Ok(format!("Hello {}", session.user.id)),
///         Err(_) => Err(Redirect::to("/sign-in")),
///     }
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthRejection {
    /// Nobody is signed in: 401.
    #[error("nobody is signed in")]
    NotAuthenticated,
    /// The bearer token is not that of a live session: 401, with `error="invalid_token"`.
    #[error("the bearer token is invalid or has expired")]
    InvalidToken,
    /// The credentials are wrong: 401. The response does not reveal which part.
    #[error("wrong credentials")]
    InvalidCredentials(#[source] Error),
    /// The request comes from another origin, or has no origin and may change something: 403.
    #[error("the request does not come from an origin of this site")]
    ForeignOrigin,
    /// The user may not do this, as [`RequireSession::authorize`](crate::RequireSession::authorize) decided: 403.
    #[error("the user is not allowed to do this")]
    Forbidden,
    /// The user is signed in, but did not authenticate recently enough, as
    /// [`RecentSession`](crate::RecentSession) and
    /// [`RequireSession::authenticated_within`](crate::RequireSession::authenticated_within) require: 403.
    #[error("the user must authenticate again")]
    ReauthenticationRequired,
    /// The requested change is not possible: 409 for a taken name, 422 for an unacceptable password or id, 400 for a
    /// malformed id or an invalid link or code, 404 for an unknown user.
    #[error(transparent)]
    Refused(Error),
    /// Too many attempts were made, as counted by [`Throttle`](lucia_auth::Throttle) or by the application's own limiter:
    /// 429, with `Retry-After` in whole seconds.
    #[error("too many attempts")]
    // Exhaustive, so that the application can return it.
    TooManyAttempts {
        /// The time after which the client may retry.
        retry_after: Duration,
    },
    /// Too many passwords are waiting to be hashed: 503, with `Retry-After` in whole seconds.
    #[error("too many sign-ins at the moment")]
    #[non_exhaustive]
    Busy {
        /// The time after which the client may retry.
        retry_after: Duration,
    },
    /// The store, or a check of a new password, is unavailable: 503. This does not mean "signed out".
    #[error("the service is temporarily unavailable")]
    Unavailable(#[source] Error),
    /// Any other failure: 500.
    #[error("internal authentication error")]
    Failed(#[source] Error),
    /// The route has no [`AuthLayer`](crate::AuthLayer), or one with other attribute types: 500.
    #[error(
        "the route has no AuthLayer<{user_attributes}, {session_attributes}>: add it outside of the extractor or guard"
    )]
    #[non_exhaustive]
    MissingLayer {
        /// The type of the user attributes that the extractor or guard has.
        user_attributes: &'static str,
        /// The type of the session attributes that the extractor or guard has.
        session_attributes: &'static str,
    },
}

impl AuthRejection {
    pub(crate) fn missing_layer<U, S>() -> Self {
        Self::MissingLayer { user_attributes: type_name::<U>(), session_attributes: type_name::<S>() }
    }

    /// Returns the status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotAuthenticated | Self::InvalidToken | Self::InvalidCredentials(_) => StatusCode::UNAUTHORIZED,
            Self::ForeignOrigin | Self::Forbidden | Self::ReauthenticationRequired => StatusCode::FORBIDDEN,
            Self::Refused(error) => refusal(error).unwrap_or(StatusCode::BAD_REQUEST),
            Self::TooManyAttempts { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy { .. } | Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Failed(_) | Self::MissingLayer { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Returns a code that clients can match on: Lucia's (`AUTH_INVALID_SESSION_ID`), if it may be disclosed.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAuthenticated => "AUTH_NOT_AUTHENTICATED",
            Self::InvalidToken => "AUTH_INVALID_TOKEN",
            Self::InvalidCredentials(_) => "AUTH_INVALID_CREDENTIALS",
            Self::ForeignOrigin => "AUTH_INVALID_REQUEST",
            Self::Forbidden => "AUTH_FORBIDDEN",
            Self::ReauthenticationRequired => "AUTH_REAUTHENTICATION_REQUIRED",
            Self::Refused(error) => error.code(),
            Self::TooManyAttempts { .. } => "AUTH_TOO_MANY_ATTEMPTS",
            Self::Busy { .. } => "AUTH_BUSY",
            Self::Unavailable(_) => "AUTH_UNAVAILABLE",
            Self::Failed(_) | Self::MissingLayer { .. } => "UNKNOWN_ERROR",
        }
    }

    /// Returns a line for the client, such as "the password is longer than 1024 bytes", without details that it must
    /// not know.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            #[cfg(feature = "password")]
            Self::Refused(Error::Password(error)) => error.to_string(),
            Self::Refused(Error::MalformedKeyId(error)) => error.to_string(),
            Self::MissingLayer { .. } => "the route has no AuthLayer of these attribute types".to_owned(),
            rejection => rejection.to_string(),
        }
    }

    /// Returns the headers that the status requires.
    pub(super) fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        match self {
            Self::InvalidToken => {
                Some((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer error=\"invalid_token\"")))
            }
            Self::TooManyAttempts { retry_after } | Self::Busy { retry_after } => {
                // Round up, or the client would retry too early.
                let seconds = retry_after.as_secs().saturating_add(u64::from(retry_after.subsec_nanos() > 0));
                Some((header::RETRY_AFTER, seconds.into()))
            }
            _ if self.status() == StatusCode::UNAUTHORIZED => {
                Some((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")))
            }
            _ => None,
        }
    }

    pub(super) fn log(&self) {
        let status = self.status().as_u16();
        let error: &(dyn std::error::Error + 'static) = self;
        match self {
            Self::Unavailable(_) | Self::Failed(_) | Self::MissingLayer { .. } => {
                tracing::error!(status, error, "request not handled");
            }
            // An attack may cause many of them.
            Self::Busy { .. } => tracing::warn!(status, error, "request not handled"),
            // If every id is rejected, the application generates ids of another type than the column's.
            Self::Refused(Error::UnsupportedId(_)) => tracing::warn!(status, error, "request refused"),
            Self::Refused(_) => tracing::debug!(status, error, "request refused"),
            _ => {}
        }
    }
}

/// Returns the status of an error that the client can correct.
fn refusal(error: &Error) -> Option<StatusCode> {
    match error {
        Error::DuplicateKeyId { .. }
        | Error::DuplicateUserId { .. }
        | Error::DuplicateSessionId { .. }
        | Error::DuplicateAttribute { .. } => Some(StatusCode::CONFLICT),
        #[cfg(feature = "password")]
        Error::Password(error) if error.is_unacceptable() => Some(StatusCode::UNPROCESSABLE_ENTITY),
        Error::UnsupportedId(_) => Some(StatusCode::UNPROCESSABLE_ENTITY),
        Error::InvalidOneTimeToken | Error::MalformedKeyId(_) | Error::MalformedSessionToken => {
            Some(StatusCode::BAD_REQUEST)
        }
        Error::InvalidUserId { .. } => Some(StatusCode::NOT_FOUND),
        _ => None,
    }
}

/// Allows `?` on methods of [`Auth`](lucia_auth::Auth) in handlers.
impl From<Error> for AuthRejection {
    fn from(error: Error) -> Self {
        match error {
            Error::NotAuthenticated | Error::InvalidSessionId { .. } => Self::NotAuthenticated,
            Error::InvalidRequest => Self::ForeignOrigin,
            Error::ReauthenticationRequired => Self::ReauthenticationRequired,
            Error::TooManyAttempts { retry_after, .. } => Self::TooManyAttempts { retry_after },
            Error::Busy { retry_after, .. } => Self::Busy { retry_after },
            error if error.is_invalid_credentials() => Self::InvalidCredentials(error),
            error if error.is_unavailable() => Self::Unavailable(error),
            error if refusal(&error).is_some() => Self::Refused(error),
            error => Self::Failed(error),
        }
    }
}
