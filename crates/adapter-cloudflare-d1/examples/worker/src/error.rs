use http::{Response, StatusCode};
use worker::console_error;

use crate::page;

/// Why the Worker is not set up: a binding is missing, or the configuration is wrong.
pub(crate) type SetupError = Box<dyn std::error::Error>;

/// Why a request is not answered as it wished.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{0}")]
    Form(&'static str),
    #[error("The username or the password is wrong.")]
    Credentials,
    #[error("This username is taken.")]
    Taken,
    #[error("The form was sent from another site.")]
    Origin,
    #[error("There is no such page.")]
    NotFound,
    #[error("The Worker is not set up.")]
    Setup(#[source] SetupError),
    #[error("Something went wrong. Please try again.")]
    Auth(#[source] lucia_auth::Error),
}

impl From<lucia_auth::Error> for Error {
    fn from(error: lucia_auth::Error) -> Self {
        match error {
            // Which of them it is tells a stranger who has an account.
            error if error.is_invalid_credentials() => Self::Credentials,
            lucia_auth::Error::DuplicateKeyId { .. } | lucia_auth::Error::DuplicateAttribute { .. } => Self::Taken,
            lucia_auth::Error::InvalidRequest => Self::Origin,
            error => Self::Auth(error),
        }
    }
}

impl Error {
    const fn status(&self) -> StatusCode {
        match self {
            Self::Form(_) => StatusCode::BAD_REQUEST,
            Self::Credentials => StatusCode::UNAUTHORIZED,
            Self::Taken => StatusCode::CONFLICT,
            Self::Origin => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Setup(_) | Self::Auth(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    pub(crate) fn into_response(self) -> Response<String> {
        // Nothing secret is in an error of Lucia or of an adapter.
        let mut source = std::error::Error::source(&self);
        while let Some(error) = source {
            console_error!("{error}");
            source = error.source();
        }
        page::message(self.status(), &self.to_string())
    }
}
