use reqwest::header::{AUTHORIZATION, HeaderValue};

use crate::setup_error::HttpSetupError;

/// Returns the header value `Bearer {token}`, which `Debug` does not show.
///
/// # Errors
/// Returns [`HttpSetupError::InvalidHeader`] if the token contains characters that HTTP does not allow.
pub fn bearer(token: &str) -> Result<HeaderValue, HttpSetupError> {
    secret(AUTHORIZATION.as_str(), &format!("Bearer {token}"))
}

/// Returns the value of the header `name`, which `Debug` does not show.
///
/// # Errors
/// Returns [`HttpSetupError::InvalidHeader`] if the value contains characters that HTTP does not allow.
pub fn secret(name: &str, value: &str) -> Result<HeaderValue, HttpSetupError> {
    let mut value = HeaderValue::from_str(value).map_err(|_| HttpSetupError::invalid_header(name))?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_debug_shows_a_token() {
        let value = bearer("hunter2").unwrap();
        assert!(!format!("{value:?}").contains("hunter2"));
        let error = bearer("hunter2\n").unwrap_err();
        assert!(!format!("{error:?}").contains("hunter2"));
        assert!(matches!(error, HttpSetupError::InvalidHeader { name } if name == "authorization"));
    }
}
