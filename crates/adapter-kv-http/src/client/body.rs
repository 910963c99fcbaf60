use reqwest::Response;
use serde::Deserialize;

use crate::error::HttpError;

/// Reads the whole body of a response.
///
/// # Errors
/// Returns [`HttpError::TooLarge`] if it is larger than `limit` bytes.
pub(super) async fn whole(response: &mut Response, limit: usize) -> Result<Vec<u8>, HttpError> {
    let announced = response.content_length().unwrap_or(0);
    if announced > limit as u64 {
        return Err(HttpError::TooLarge { limit });
    }
    // A service may announce more than it sends.
    let mut body = Vec::with_capacity(usize::try_from(announced).map_or(0, |announced| announced.min(64 * 1024)));
    while let Some(chunk) = response.chunk().await.map_err(HttpError::transport)? {
        if body.len() + chunk.len() > limit {
            return Err(HttpError::TooLarge { limit });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Reads at most `limit` bytes of the body of an error. Ignores failures, which matter less than that error.
pub(super) async fn beginning(response: &mut Response, limit: usize) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let rest = limit - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(rest)]);
        if chunk.len() >= rest {
            break;
        }
    }
    body
}

/// Returns the number in `{"errors":[{"code":10009}]}`.
pub(super) fn error_code(body: &[u8]) -> Option<u64> {
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
