use std::{error::Error, fmt, str::FromStr};

use lettre::Address;

/// The length that a path in SMTP can have, without its brackets (RFC 5321, section 4.5.3.1.3).
const MAX_LENGTH: usize = 254;

/// An e-mail address in lower case, so that `Ada@Example.com` and `ada@example.com` are one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EmailAddress(String);

/// A text that is not an address to which this application sends mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct InvalidEmailAddress;

impl EmailAddress {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EmailAddress {
    type Err = InvalidEmailAddress;

    /// Parses an address. Only a mail that arrives proves that it exists.
    fn from_str(text: &str) -> Result<Self, InvalidEmailAddress> {
        let text = text.trim();
        // Quoted names can contain anything, and other alphabets have letters that look like these.
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"(),:;<>[\\]".contains(&byte));
        if !plain || text.len() > MAX_LENGTH || text.parse::<Address>().is_err() {
            return Err(InvalidEmailAddress);
        }
        Ok(Self(text.to_ascii_lowercase()))
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for InvalidEmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("An e-mail address looks like name@example.com.")
    }
}

impl Error for InvalidEmailAddress {}
