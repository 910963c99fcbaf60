use std::fmt;

/// A stored password hash. `Debug` hides it.
///
/// ```
/// use lucia_core::HashedPassword;
///
/// let hash = HashedPassword::new("s2:salt:00ff");
/// assert_eq!(hash.as_str(), "s2:salt:00ff");
/// assert_eq!(format!("{hash:?}"), "HashedPassword(..)");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct HashedPassword(String);

impl HashedPassword {
    /// Creates a hash from text in any format.
    #[must_use]
    pub fn new(hash: impl Into<String>) -> Self {
        Self(hash.into())
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

impl fmt::Debug for HashedPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashedPassword(..)")
    }
}
