use std::fmt;

use serde::{Deserialize, Serialize};

use super::text::text;

/// The id of a user: the primary key of Lucia's user table.
///
/// ```
/// use lucia_core::UserId;
///
/// let id = UserId::new("gk3b1dlzy3tzgqy");
/// assert_eq!(id.as_str(), "gk3b1dlzy3tzgqy");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(String);

impl UserId {
    /// Creates an id from any string; an application may choose its own ids.
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

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text!(UserId);
