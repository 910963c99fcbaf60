use axum_core::response::{IntoResponse, Response};
use http::StatusCode;
use lucia::Error;

/// Why an extractor found no session, or what a handler's call of [`Auth`](lucia::Auth) failed with.
///
/// As a response it is a status and one line of text. A handler that wants to answer otherwise extracts a `Result`:
///
/// ```
/// use axum::response::Redirect;
/// use lucia_axum::{AuthRejection, CurrentSession};
///
/// async fn account(session: Result<CurrentSession, AuthRejection>) -> Result<String, Redirect> {
///     match session {
///         Ok(session) => Ok(format!("Hello {}", session.user.user_id)),
///         Err(_) => Err(Redirect::to("/sign-in")),
///     }
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthRejection {
    /// Nobody is signed in, or not with these credentials: 401.
    #[error("nobody is signed in")]
    NotAuthenticated,
    /// The store could not be reached, so that nobody knows: 503. Never to be taken for "signed out".
    #[error("the session store is unavailable")]
    Unavailable(#[source] Error),
    /// Anything else that kept the request from being handled: 500.
    #[error("authentication failed to work")]
    Failed(#[source] Error),
    /// The route has no [`AuthLayer`](crate::AuthLayer), or one of other attribute types: 500.
    #[error("the route has no AuthLayer of these attribute types")]
    MissingLayer,
}

impl AuthRejection {
    /// The status that it is answered with.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::NotAuthenticated => StatusCode::UNAUTHORIZED,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Failed(_) | Self::MissingLayer => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// For handlers that use `?` on what they ask of [`Auth`](lucia::Auth).
impl From<Error> for AuthRejection {
    fn from(error: Error) -> Self {
        match error {
            Error::NotAuthenticated | Error::InvalidSessionId => Self::NotAuthenticated,
            error if error.is_invalid_credentials() => Self::NotAuthenticated,
            error if error.is_unavailable() => Self::Unavailable(error),
            error => Self::Failed(error),
        }
    }
}

impl IntoResponse for AuthRejection {
    fn into_response(self) -> Response {
        (self.status(), self.to_string()).into_response()
    }
}
