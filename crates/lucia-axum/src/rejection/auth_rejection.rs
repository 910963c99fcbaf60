use std::time::Duration;

use http::{HeaderName, HeaderValue, StatusCode, header};
use lucia_auth::{Error, PasswordError};

/// The reason why an extractor found no session, or why a handler's call of [`Auth`](lucia_auth::Auth) failed.
///
/// As a response it has the status that is named below. Its body is one line of text, or `application/problem+json` (RFC 9457)
/// where the client prefers JSON; [`AuthLayer::render_rejections`](crate::AuthLayer::render_rejections) makes all of them
/// something else. A 401 carries `WWW-Authenticate: Bearer`. What is answered with 5xx is logged by `tracing`, at the level
/// `error` and with its sources, and tells the client no more than that.
///
/// A handler that wants to answer otherwise extracts a `Result`:
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
    /// The request has a bearer token, and it is not that of a session which is alive: 401, with `error="invalid_token"`.
    #[error("the bearer token is invalid or has expired")]
    InvalidToken,
    /// A sign-in failed for what the visitor typed: 401. The client does not learn which part was wrong.
    #[error("wrong credentials")]
    InvalidCredentials(#[source] Error),
    /// The request comes from another origin, or may change something and names none: 403.
    #[error("the request does not come from an origin of this site")]
    ForeignOrigin,
    /// What the visitor asked for cannot be done: 409 for what is taken, 422 for a password or an id that is not acceptable,
    /// 400 for a malformed id, 404 for an unknown user.
    #[error(transparent)]
    Refused(Error),
    /// A limiter of the application's own refuses: 429, with `Retry-After` in whole seconds.
    #[error("too many attempts")]
    TooManyAttempts {
        /// How long the client has to wait.
        retry_after: Duration,
    },
    /// The store could not be reached, so that nobody knows: 503. Never to be taken for "signed out".
    #[error("the session store is unavailable")]
    Unavailable(#[source] Error),
    /// Anything else that kept the request from being handled: 500.
    #[error("internal authentication error")]
    Failed(#[source] Error),
    /// The route has no [`AuthLayer`](crate::AuthLayer), or one of other attribute types: 500.
    #[error("the route has no AuthLayer of these attribute types")]
    MissingLayer,
}

impl AuthRejection {
    /// Returns the status that it is answered with.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotAuthenticated | Self::InvalidToken | Self::InvalidCredentials(_) => StatusCode::UNAUTHORIZED,
            Self::ForeignOrigin => StatusCode::FORBIDDEN,
            Self::Refused(error) => refusal(error).unwrap_or(StatusCode::BAD_REQUEST),
            Self::TooManyAttempts { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Failed(_) | Self::MissingLayer => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Returns the code that a client can match on: Lucia's (`AUTH_INVALID_SESSION_ID`), where it may be told.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAuthenticated => "AUTH_NOT_AUTHENTICATED",
            Self::InvalidToken => "AUTH_INVALID_TOKEN",
            Self::InvalidCredentials(_) => "AUTH_INVALID_CREDENTIALS",
            Self::ForeignOrigin => "AUTH_INVALID_REQUEST",
            Self::Refused(error) => error.code(),
            Self::TooManyAttempts { .. } => "AUTH_TOO_MANY_ATTEMPTS",
            Self::Unavailable(_) => "AUTH_UNAVAILABLE",
            Self::Failed(_) | Self::MissingLayer => "UNKNOWN_ERROR",
        }
    }

    /// Returns a line that tells the client what is wrong, such as "the password is longer than 1024 bytes", and nothing that it
    /// must not know.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            Self::Refused(Error::Password(error)) => error.to_string(),
            Self::Refused(Error::MalformedKeyId(error)) => error.to_string(),
            rejection => rejection.to_string(),
        }
    }

    /// What the status asks for beside the body.
    pub(super) fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        match self {
            Self::InvalidToken => {
                Some((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer error=\"invalid_token\"")))
            }
            Self::TooManyAttempts { retry_after } => {
                // Cut to whole seconds, the client would come too early.
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
            Self::Unavailable(_) | Self::Failed(_) | Self::MissingLayer => {
                tracing::error!(status, error, "request not handled");
            }
            // Where every id is refused, it is the application that makes ids of another type than the column's.
            Self::Refused(Error::UnsupportedId(_)) => tracing::warn!(status, error, "request refused"),
            Self::Refused(_) => tracing::debug!(status, error, "request refused"),
            _ => {}
        }
    }
}

/// The status of what a visitor can do something about.
fn refusal(error: &Error) -> Option<StatusCode> {
    match error {
        Error::DuplicateKeyId { .. }
        | Error::DuplicateUserId { .. }
        | Error::DuplicateSessionId { .. }
        | Error::DuplicateAttribute { .. } => Some(StatusCode::CONFLICT),
        Error::Password(PasswordError::Empty | PasswordError::TooLong { .. }) | Error::UnsupportedId(_) => {
            Some(StatusCode::UNPROCESSABLE_ENTITY)
        }
        Error::MalformedKeyId(_) | Error::MalformedSessionId => Some(StatusCode::BAD_REQUEST),
        Error::InvalidUserId { .. } => Some(StatusCode::NOT_FOUND),
        _ => None,
    }
}

/// For handlers that use `?` on what they ask of [`Auth`](lucia_auth::Auth).
impl From<Error> for AuthRejection {
    fn from(error: Error) -> Self {
        match error {
            Error::NotAuthenticated | Error::InvalidSessionId { .. } => Self::NotAuthenticated,
            Error::InvalidRequest => Self::ForeignOrigin,
            error if error.is_invalid_credentials() => Self::InvalidCredentials(error),
            error if error.is_unavailable() => Self::Unavailable(error),
            error if refusal(&error).is_some() => Self::Refused(error),
            error => Self::Failed(error),
        }
    }
}
