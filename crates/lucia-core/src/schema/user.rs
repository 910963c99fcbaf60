use crate::{Attributes, AttributesError, UserId};

const RESERVED: &[&str] = &["id"];

/// A row of the user table: an id and the application's own columns.
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
    /// Primary key.
    pub id: UserId,
    attributes: Attributes,
}

impl UserSchema {
    /// A user without attributes.
    #[must_use]
    pub fn new(id: impl Into<UserId>) -> Self {
        Self { id: id.into(), attributes: Attributes::new() }
    }

    /// Replaces the attributes.
    ///
    /// # Errors
    /// [`AttributesError::Reserved`] if one is named `id` (bug C8), and [`AttributesError::TooDeep`].
    pub fn with_attributes(mut self, attributes: Attributes) -> Result<Self, AttributesError> {
        self.attributes = attributes.writable(RESERVED)?;
        Ok(self)
    }

    /// Replaces the attributes with those of a stored row, for adapters that read one: however deep they are nested.
    ///
    /// # Errors
    /// [`AttributesError::Reserved`] if one is named `id`.
    pub fn with_stored_attributes(mut self, attributes: Attributes) -> Result<Self, AttributesError> {
        self.attributes = attributes.unreserved(RESERVED)?;
        Ok(self)
    }

    /// The application's own columns.
    #[must_use]
    pub const fn attributes(&self) -> &Attributes {
        &self.attributes
    }

    /// What [`UserAdapter::update_user`](crate::UserAdapter::update_user) does to a stored row.
    pub fn apply(&mut self, update: &UserUpdate) {
        self.attributes.merge(&update.attributes);
    }
}

/// A partial update of a user: the attributes to set. An attribute may be set to null; one that is not named stays.
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
    /// [`AttributesError::Reserved`] if one is named `id`, and [`AttributesError::TooDeep`].
    pub fn with_attributes(mut self, attributes: Attributes) -> Result<Self, AttributesError> {
        self.attributes = attributes.writable(RESERVED)?;
        Ok(self)
    }

    /// The attributes to set.
    #[must_use]
    pub const fn attributes(&self) -> &Attributes {
        &self.attributes
    }

    /// Whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.attributes.is_empty()
    }
}
