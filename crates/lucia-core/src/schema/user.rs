use crate::{Attributes, AttributesError, UserId};

const RESERVED: &[&str] = &["id"];

/// One row of the user table: an id and the application's own columns.
///
/// ```
/// use lucia_core::{Attributes, UserSchema};
///
/// let user = UserSchema::new("u1").with_attributes(Attributes::from([("username", "ada")]))?;
/// assert_eq!(user.attributes().get("username"), Some(&"ada".into()));
/// # Ok::<(), lucia_core::AttributesError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserSchema {
    /// The primary key.
    pub id: UserId,
    attributes: Attributes,
}

impl UserSchema {
    /// Creates a user without attributes.
    #[must_use]
    pub fn new(id: impl Into<UserId>) -> Self {
        Self { id: id.into(), attributes: Attributes::new() }
    }

    /// Replaces the attributes.
    ///
    /// # Errors
    /// Returns [`AttributesError::Reserved`] if one is named `id`, or [`AttributesError::TooDeep`].
    pub fn with_attributes(mut self, attributes: Attributes) -> Result<Self, AttributesError> {
        self.attributes = attributes.writable(RESERVED)?;
        Ok(self)
    }

    /// Replaces the attributes with those of a stored row, at any depth. For adapters that read a row.
    ///
    /// # Errors
    /// Returns [`AttributesError::Reserved`] if one is named `id`.
    pub fn with_stored_attributes(mut self, attributes: Attributes) -> Result<Self, AttributesError> {
        self.attributes = attributes.unreserved(RESERVED)?;
        Ok(self)
    }

    /// Returns the application's own columns.
    #[must_use]
    pub const fn attributes(&self) -> &Attributes {
        &self.attributes
    }

    /// Applies an update like [`UserAdapter::update_user`](crate::UserAdapter::update_user).
    pub fn apply(&mut self, update: &UserUpdate) {
        self.attributes.merge(&update.attributes);
    }
}

/// A partial update of a user: the attributes to set, which may be null. Other attributes keep their values.
///
/// ```
/// use lucia_core::{Attributes, UserUpdate};
///
/// let update = UserUpdate::default().with_attributes(Attributes::from([("username", "ada")]))?;
/// assert!(!update.is_empty());
/// assert!(UserUpdate::default().with_attributes(Attributes::from([("id", "u2")])).is_err());
/// # Ok::<(), lucia_core::AttributesError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserUpdate {
    attributes: Attributes,
}

impl UserUpdate {
    /// Replaces the attributes to set.
    ///
    /// # Errors
    /// Returns [`AttributesError::Reserved`] if one is named `id`, or [`AttributesError::TooDeep`].
    pub fn with_attributes(mut self, attributes: Attributes) -> Result<Self, AttributesError> {
        self.attributes = attributes.writable(RESERVED)?;
        Ok(self)
    }

    /// Returns the attributes to set.
    #[must_use]
    pub const fn attributes(&self) -> &Attributes {
        &self.attributes
    }

    /// Returns `true` if no attribute is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.attributes.is_empty()
    }
}
