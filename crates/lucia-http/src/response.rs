use std::fmt;

use reqwest::StatusCode;
use serde::Deserialize;

use crate::error::HttpError;

/// A response with a successful status, or the one that the request [accepts](crate::Request::accept).
#[derive(Clone)]
#[non_exhaustive]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// Creates a response.
    #[must_use]
    pub const fn new(status: StatusCode, body: Vec<u8>) -> Self {
        Self { status, body }
    }

    /// Returns the error of a response whose body reports a failure.
    #[must_use]
    pub fn error(&self) -> HttpError {
        HttpError::Status { status: self.status.as_u16(), code: error_code(&self.body), retry_after: None }
    }
}

impl fmt::Debug for Response {
    /// Omits the body, which may contain session ids.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response").field("status", &self.status).finish_non_exhaustive()
    }
}

/// Returns the number in `{"errors":[{"code":10009}]}`, the errors of Cloudflare's API and of its gateways.
pub(crate) fn error_code(body: &[u8]) -> Option<u64> {
    #[derive(Deserialize)]
    struct Errors {
        errors: Vec<Coded>,
    }
    #[derive(Deserialize)]
    struct Coded {
        code: u64,
    }
    let Errors { errors } = serde_json::from_slice(body).ok()?;
    Some(errors.first()?.code)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn codes_are_found() {
        let body = br#"{"success":false,"errors":[{"code":10009,"message":"get: 'key not found'"}],"result":null}"#;
        assert_eq!(error_code(body), Some(10009));
        for other in
            ["", "<html>", "[]", "null", r#"{"errors":[]}"#, r#"{"errors":"x"}"#, r#"{"errors":[{"code":"x"}]}"#]
        {
            assert_eq!(error_code(other.as_bytes()), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn no_body_panics(body: Vec<u8>, text in r#"\{"errors":\[(\{"code":-?[0-9]{0,25}\},?){0,3}\]?\}?"#) {
            let _ = error_code(&body);
            let _ = error_code(text.as_bytes());
        }
    }
}
