use std::{error::Error as StdError, time::Duration};

use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use lucia_auth::Error;

/// The refusal of a request that may succeed later: too many attempts, or too many people who sign in.
#[derive(Debug)]
pub(super) struct RetryLater {
    status: StatusCode,
    pub(super) message: String,
    retry_after: Duration,
}

impl RetryLater {
    /// Returns the refusal, if that is why a method of `Auth` failed.
    ///
    /// The message says nothing about the password, which was not verified, or about the account, which may not exist.
    pub(super) fn of(error: &Error) -> Option<Self> {
        let retry_after = error.retry_after()?;
        let (status, message) = match error {
            Error::TooManyAttempts { .. } => {
                let minutes = retry_after.as_secs().div_ceil(60).max(1);
                let plural = if minutes == 1 { "" } else { "s" };
                let message = format!("Too many attempts. Try again in {minutes} minute{plural}.");
                (StatusCode::TOO_MANY_REQUESTS, message)
            }
            _ => {
                // An attack may cause many of them.
                tracing::warn!(error = error as &dyn StdError, "request not handled");
                let message = "Too many people are signing in. Try again in a moment.".to_owned();
                (StatusCode::SERVICE_UNAVAILABLE, message)
            }
        };
        Some(Self { status, message, retry_after })
    }

    /// Returns `true` for too many attempts, and `false` if the server is busy.
    pub(super) fn is_throttled(&self) -> bool {
        self.status == StatusCode::TOO_MANY_REQUESTS
    }

    /// Gives a page the status and the header of the refusal.
    pub(super) fn apply(&self, mut page: Response) -> Response {
        // Rounded up, or the client would retry too early.
        let seconds = self.retry_after.as_millis().div_ceil(1_000).try_into().unwrap_or(u64::MAX);
        *page.status_mut() = self.status;
        page.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        page
    }
}
