use axum::{
    BoxError,
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use lucia_auth::Error;
use lucia_axum::AuthRejection;
use tokio::task::JoinError;

use super::{pages, retry_later::RetryLater};

/// An early response of a handler.
pub(super) enum Failure {
    /// Nobody is signed in. Afterwards they go on with this page.
    NotSignedIn { next: Option<&'static str> },
    /// The user must enter their password again, and goes on with this page.
    NotConfirmed { next: &'static str },
    /// Too many attempts, or too many people who sign in.
    RetryLater(RetryLater),
    /// The store is unavailable, which does not mean "signed out".
    Unavailable(BoxError),
    /// Any other error. Its details are for the operator.
    Internal(BoxError),
}

impl Failure {
    /// Sends the user to the page that asks for the password, or to the one for signing in, and from there to `next`.
    pub(super) fn unless_confirmed(rejection: AuthRejection, next: &'static str) -> Self {
        match rejection {
            AuthRejection::ReauthenticationRequired => Self::NotConfirmed { next },
            AuthRejection::NotAuthenticated => Self::NotSignedIn { next: Some(next) },
            rejection => rejection.into(),
        }
    }
}

impl From<AuthRejection> for Failure {
    fn from(rejection: AuthRejection) -> Self {
        match rejection {
            AuthRejection::NotAuthenticated => Self::NotSignedIn { next: None },
            rejection @ AuthRejection::Unavailable(_) => Self::Unavailable(Box::new(rejection)),
            rejection => Self::Internal(Box::new(rejection)),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match (RetryLater::of(&error), error) {
            (Some(later), _) => Self::RetryLater(later),
            // The session was invalidated after the request started.
            (_, Error::InvalidSessionId { .. } | Error::InvalidUserId { .. }) => Self::NotSignedIn { next: None },
            (_, error) => AuthRejection::from(error).into(),
        }
    }
}

impl From<BoxError> for Failure {
    fn from(error: BoxError) -> Self {
        match error.downcast::<Error>() {
            Ok(error) => (*error).into(),
            Err(error) => Self::Internal(error),
        }
    }
}

impl From<JoinError> for Failure {
    fn from(error: JoinError) -> Self {
        Self::Internal(Box::new(error))
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::NotSignedIn { next: None } => Redirect::to("/sign-in").into_response(),
            Self::NotSignedIn { next: Some(next) } => Redirect::to(&format!("/sign-in?next={next}")).into_response(),
            Self::NotConfirmed { next } => Redirect::to(&format!("/confirm-password?next={next}")).into_response(),
            Self::RetryLater(later) => later.apply(pages::message(StatusCode::OK, "Please wait", &later.message)),
            Self::Unavailable(error) => {
                tracing::error!(error = &*error, "the store is unavailable");
                pages::message(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "One moment",
                    "We cannot reach our database right now. Nobody was signed out; please try again.",
                )
            }
            Self::Internal(error) => {
                tracing::error!(error = &*error, "request not handled");
                pages::message(StatusCode::INTERNAL_SERVER_ERROR, "Sorry", "Something went wrong on our side.")
            }
        }
    }
}
