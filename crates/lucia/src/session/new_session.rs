use lucia_core::{Attributes, AttributesError, SessionId, UserId};
use serde::Serialize;

/// A session to create.
///
/// ```
/// use lucia::NewSession;
/// use serde::Serialize;
///
/// #[derive(Serialize)]
/// struct Device<'a> { device: &'a str }
///
/// let session = NewSession::new("u1").attributes(&Device { device: "Firefox on Linux" });
/// ```
#[derive(Debug)]
pub struct NewSession {
    pub(super) user_id: UserId,
    pub(super) id: Option<SessionId>,
    pub(super) attributes: Result<Attributes, AttributesError>,
}

impl NewSession {
    /// A session of this user with a random id of 40 characters and without attributes.
    #[must_use]
    pub fn new(user_id: impl Into<UserId>) -> Self {
        Self { user_id: user_id.into(), id: None, attributes: Ok(Attributes::new()) }
    }

    /// Chooses the id. Whoever can guess it is signed in.
    #[must_use]
    pub fn id(mut self, id: impl Into<SessionId>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Sets the application's own columns, all at once. What is wrong with them surfaces when the session is created.
    #[must_use]
    pub fn attributes(mut self, attributes: &(impl Serialize + ?Sized)) -> Self {
        self.attributes = Attributes::from_serialize(attributes);
        self
    }
}
