use std::{borrow::Cow, fmt, str::FromStr};

const MAX_LENGTH: usize = 64;

/// The purpose of a [token](crate::TokenSchema), such as `password_reset`: 1 to 64 characters of `a-z 0-9 _ -`.
///
/// Every store compares these characters exactly.
///
/// ```
/// use lucia_core::TokenKind;
///
/// const PASSWORD_RESET: TokenKind = TokenKind::from_static("password_reset");
///
/// assert_eq!(TokenKind::new("password_reset"), Ok(PASSWORD_RESET));
/// assert!(TokenKind::new("Password reset").is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TokenKind(Cow<'static, str>);

/// A malformed [`TokenKind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a token kind consists of 1 to {MAX_LENGTH} characters of `a-z 0-9 _ -`")]
pub struct InvalidTokenKind;

impl TokenKind {
    /// Creates a kind.
    ///
    /// # Errors
    /// Returns [`InvalidTokenKind`] if it is empty, too long, or contains another character.
    pub fn new(kind: impl Into<String>) -> Result<Self, InvalidTokenKind> {
        let kind = kind.into();
        if is_kind(&kind) { Ok(Self(Cow::Owned(kind))) } else { Err(InvalidTokenKind) }
    }

    /// Creates a kind at compile time.
    ///
    /// # Panics
    /// Panics if the kind is malformed, which fails the compilation of a constant.
    #[must_use]
    pub const fn from_static(kind: &'static str) -> Self {
        assert!(is_kind(kind), "malformed token kind");
        Self(Cow::Borrowed(kind))
    }

    /// Returns the stored form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

const fn is_kind(kind: &str) -> bool {
    let bytes = kind.as_bytes();
    let mut index = 0;
    while index < bytes.len() {
        if !matches!(bytes[index], b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-') {
            return false;
        }
        index += 1;
    }
    1 <= index && index <= MAX_LENGTH
}

impl fmt::Display for TokenKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for TokenKind {
    type Err = InvalidTokenKind;

    fn from_str(kind: &str) -> Result<Self, InvalidTokenKind> {
        Self::new(kind)
    }
}

impl AsRef<str> for TokenKind {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_consist_of_few_characters() {
        for kind in ["a", "password_reset", "magic-link", "2fa", &"a".repeat(64)] {
            assert_eq!(kind.parse::<TokenKind>().unwrap().to_string(), kind);
        }
        for kind in ["", "A", "a b", "a\0", "\u{e9}", "a:b", "a%", "a.b", &"a".repeat(65)] {
            assert_eq!(TokenKind::new(kind), Err(InvalidTokenKind), "{kind:?}");
        }
    }
}
