use std::fmt;

use super::text::text;

/// The id under which a [token](crate::TokenSchema) is stored: a hash of the text that its holder presents.
///
/// The text may be as short as a code of six digits, which its hash reveals. Therefore `Debug` hides it and `Display`
/// is not implemented.
///
/// ```
/// use lucia_core::TokenId;
///
/// let id = TokenId::new("5e884898da28047151d0e56f8dc62927");
/// assert_eq!(id.as_str(), "5e884898da28047151d0e56f8dc62927");
/// assert_eq!(format!("{id:?}"), "TokenId(..)");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TokenId(String);

impl TokenId {
    /// Creates an id from any string.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// Returns the stored form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the stored form without copying.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Debug for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenId(..)")
    }
}

text!(TokenId);
