use std::{error::Error as StdError, time::Duration};

use http::{HeaderValue, Response, StatusCode, header::RETRY_AFTER};
use lucia_auth::PasswordError;
use worker::console_error;

use crate::page;

/// A missing binding, or a wrong configuration.
pub(crate) type SetupError = Box<dyn StdError>;

/// The reason for which a request fails.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{0}")]
    Form(&'static str),
    #[error("Please choose another password: {0}.")]
    Password(PasswordError),
    #[error("The username or the password is wrong.")]
    Credentials,
    #[error("Too many attempts. Please try again in {} min.", .retry_after.as_secs().div_ceil(60).max(1))]
    TooManyAttempts { retry_after: Duration },
    #[error("Too many people are signing in. Please try again in a moment.")]
    Busy { retry_after: Duration },
    #[error("This username is taken.")]
    Taken,
    #[error("The form was sent from another site.")]
    Origin,
    #[error("Page not found.")]
    NotFound,
    #[error("The Worker is not set up.")]
    Setup(#[source] SetupError),
    #[error("Something went wrong. Please try again.")]
    Auth(#[source] lucia_auth::Error),
}

impl From<lucia_auth::Error> for Error {
    fn from(error: lucia_auth::Error) -> Self {
        match error {
            // Which of them it is would tell a stranger who has an account.
            error if error.is_invalid_credentials() => Self::Credentials,
            lucia_auth::Error::DuplicateKeyId { .. } | lucia_auth::Error::DuplicateAttribute { .. } => Self::Taken,
            lucia_auth::Error::TooManyAttempts { retry_after, .. } => Self::TooManyAttempts { retry_after },
            lucia_auth::Error::Busy { retry_after, .. } => Self::Busy { retry_after },
            lucia_auth::Error::InvalidRequest => Self::Origin,
            lucia_auth::Error::Password(error) if error.is_unacceptable() => Self::Password(error),
            error => Self::Auth(error),
        }
    }
}

impl Error {
    const fn status(&self) -> StatusCode {
        match self {
            Self::Form(_) | Self::Password(_) => StatusCode::BAD_REQUEST,
            Self::Credentials => StatusCode::UNAUTHORIZED,
            Self::TooManyAttempts { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Taken => StatusCode::CONFLICT,
            Self::Origin => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Setup(_) | Self::Auth(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    pub(crate) fn into_response(self) -> Response<String> {
        log(self.source());
        let mut response = page::message(self.status(), &self.to_string());
        if let Self::TooManyAttempts { retry_after } | Self::Busy { retry_after } = self {
            // Rounded up, or the browser would retry too early.
            let seconds = retry_after.as_secs().saturating_add(u64::from(retry_after.subsec_nanos() > 0));
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// Logs an error and its sources. Those of Lucia and of its adapters contain no secrets.
pub(crate) fn log(mut error: Option<&(dyn StdError + 'static)>) {
    while let Some(cause) = error {
        console_error!("{cause}");
        error = cause.source();
    }
}
