use reqwest::Response;

use crate::error::HttpError;

/// The maximum number of bytes read from the body of an error. Bodies that are read completely allow the connection to
/// be reused.
const MAX_ERROR_BYTES: usize = 64 * 1024;

/// Reads the whole body of a response.
///
/// # Errors
/// Returns [`HttpError::TooLarge`] if it is larger than `limit` bytes.
pub(crate) async fn whole(response: &mut Response, limit: usize, setting: &'static str) -> Result<Vec<u8>, HttpError> {
    let announced = response.content_length().unwrap_or(0);
    if announced > limit as u64 {
        return Err(HttpError::TooLarge { limit, setting });
    }
    // A service may announce more than it sends.
    let mut body = Vec::with_capacity(usize::try_from(announced).map_or(0, |announced| announced.min(64 * 1024)));
    while let Some(chunk) = response.chunk().await.map_err(HttpError::transport)? {
        if body.len() + chunk.len() > limit {
            return Err(HttpError::TooLarge { limit, setting });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Reads the beginning of the body of an error. Ignores failures, which matter less than that error.
pub(crate) async fn beginning(response: &mut Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let rest = MAX_ERROR_BYTES - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(rest)]);
        if chunk.len() >= rest {
            break;
        }
    }
    body
}
