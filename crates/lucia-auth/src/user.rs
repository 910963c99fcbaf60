//! Users for the application, and users to create.

use lucia_core::{Attributes, AttributesError, UserId};
use serde::{Deserialize, Serialize};

use crate::NewKey;

/// The type of attributes for applications without any.
///
/// ```
/// use lucia_auth::NoAttributes;
/// use lucia_core::Attributes;
///
/// let attributes = Attributes::from([("username", "ada")]);
/// assert_eq!(attributes.deserialize::<NoAttributes>()?, NoAttributes {});
/// # Ok::<(), lucia_core::AttributesError>(())
/// ```
// Exhaustive, so that the application can make one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoAttributes {}

/// A user.
///
/// ```
/// use lucia_auth::User;
///
/// fn greet(user: &User<Profile>) -> String {
///     format!("Hello {}", user.attributes.username)
/// }
/// struct Profile { username: String }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct User<U = NoAttributes> {
    /// The user's id.
    #[doc(alias = "userId")]
    pub id: UserId,
    /// The application's own columns.
    pub attributes: U,
}

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
///     .key(NewKey::new(("github", "583231")))
///     .attributes(&Profile { display_name: "Ada" });
/// ```
#[derive(Debug)]
pub struct NewUser {
    pub(crate) id: Option<UserId>,
    pub(crate) key: Option<NewKey>,
    pub(crate) attributes: Result<Attributes, AttributesError>,
}

impl NewUser {
    /// Creates a user without a key and without attributes. The id defaults to 15 random characters, see
    /// [`AuthBuilder::user_id`](crate::AuthBuilder::user_id).
    #[must_use]
    pub fn new() -> Self {
        Self { id: None, key: None, attributes: Ok(Attributes::new()) }
    }

    /// Sets the id.
    #[must_use]
    pub fn id(mut self, id: impl Into<UserId>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Sets a key to create with the user, atomically.
    #[must_use]
    pub fn key(mut self, key: NewKey) -> Self {
        self.key = Some(key);
        self
    }

    /// Sets all of the application's own columns. Errors are returned when the user is created.
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
