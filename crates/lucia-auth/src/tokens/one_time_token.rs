use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{
    Error,
    random::{random_bytes, random_digits},
};

/// The length of 32 bytes in base64url.
const LINK_LENGTH: usize = 43;
const CODE_LENGTH: usize = 6;

/// The secret that a user receives and presents: 43 characters of base64url for a link, or six digits for a code.
///
/// It exists only here and in the message to the user; the store has a hash. `Debug` hides it, and neither `Display` nor
/// `Serialize` is implemented, so that it is not printed by accident.
///
/// ```
/// use lucia_auth::OneTimeToken;
///
/// fn link(token: &OneTimeToken) -> String {
///     format!("https://example.com/reset-password?token={}", token.as_str())
/// }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct OneTimeToken(String);

impl OneTimeToken {
    /// Creates the token of a link from 32 random bytes.
    pub(super) fn link() -> Result<Self, Error> {
        Ok(Self(URL_SAFE_NO_PAD.encode(random_bytes::<32>().map_err(Error::Random)?)))
    }

    pub(super) fn code() -> Result<Self, Error> {
        Ok(Self(random_digits(CODE_LENGTH).map_err(Error::Random)?))
    }

    /// Returns the text for the link, which needs no escaping in a URL, or the digits of the code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the text without copying.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Debug for OneTimeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeToken(..)")
    }
}

/// Returns `true` if a text can be the token of a link. Another one is not looked up.
pub(super) fn is_link(text: &str) -> bool {
    text.len() == LINK_LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Returns `true` if a text can be a code. Another one is not counted as a try.
pub(super) fn is_code(text: &str) -> bool {
    text.len() == CODE_LENGTH && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_tokens_have_the_form_that_is_accepted() {
        for _ in 0..100 {
            assert!(is_link(OneTimeToken::link().unwrap().as_str()));
            assert!(is_code(OneTimeToken::code().unwrap().as_str()));
        }
        assert_ne!(OneTimeToken::link().unwrap(), OneTimeToken::link().unwrap());
    }
}
