use lucia_core::{Attributes, AttributesError, SessionId, UserId};
use serde::Serialize;

use crate::{VerifiedKey, key::Proof};

/// A session to create.
///
/// ```
/// use lucia_auth::NewSession;
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
    pub(super) proof: Option<Proof>,
}

impl NewSession {
    /// Creates a session of this user with a random id of 40 characters and without attributes.
    ///
    /// Use [`for_key`](Self::for_key) where [`Auth::use_key`](crate::Auth::use_key) vouches for the user.
    #[must_use]
    pub fn new(user_id: impl Into<UserId>) -> Self {
        Self { user_id: user_id.into(), id: None, attributes: Ok(Attributes::new()), proof: None }
    }

    /// Creates a session of the user whose key was verified.
    ///
    /// Once the session is stored, the key is read again. If it was deleted, or its password changed, since it was verified,
    /// the session is deleted and the sign-in fails: a session that was made with an old password does not outlive a change
    /// that is followed by [`Auth::invalidate_all_user_sessions`](crate::Auth::invalidate_all_user_sessions).
    #[must_use]
    pub fn for_key(key: &VerifiedKey) -> Self {
        Self { proof: Some(key.proof.clone()), ..Self::new(key.user_id.clone()) }
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
