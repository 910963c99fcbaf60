use lucia_core::{Attributes, AttributesError, UserId};
use serde::Serialize;

use crate::NewKey;

/// A user to create.
///
/// ```
/// use lucia_auth::{NewKey, NewUser};
/// use serde::Serialize;
///
/// #[derive(Serialize)]
/// struct Profile<'a> { display_name: &'a str }
///
/// let user = NewUser::new()
///     .key(NewKey::with_password("username", "ada", "correct horse"))
///     .attributes(&Profile { display_name: "Ada" });
/// ```
#[derive(Debug)]
pub struct NewUser {
    pub(super) id: Option<UserId>,
    pub(super) key: Option<NewKey>,
    pub(super) attributes: Result<Attributes, AttributesError>,
}

impl NewUser {
    /// Creates a user without a key and without attributes. Its id is random, 15 characters unless
    /// [`AuthBuilder::user_id`](crate::AuthBuilder::user_id) makes it.
    #[must_use]
    pub fn new() -> Self {
        Self { id: None, key: None, attributes: Ok(Attributes::new()) }
    }

    /// Chooses the id.
    #[must_use]
    pub fn id(mut self, id: impl Into<UserId>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Creates this key with the user, or neither.
    #[must_use]
    pub fn key(mut self, key: NewKey) -> Self {
        self.key = Some(key);
        self
    }

    /// Sets the application's own columns, all at once. What is wrong with them surfaces when the user is created.
    #[must_use]
    pub fn attributes(mut self, attributes: &(impl Serialize + ?Sized)) -> Self {
        self.attributes = Attributes::from_serialize(attributes);
        self
    }
}

impl Default for NewUser {
    fn default() -> Self {
        Self::new()
    }
}
