//! Sessions as the application sees them, and sessions to create.

use lucia_core::{Attributes, AttributesError, SessionId, UnixMillis, UserId};
use serde::Serialize;

use crate::{NoAttributes, User, VerifiedKey, key::Proof};

/// Where in its life a session is. A dead one is never shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SessionState {
    /// Valid as it is.
    Active,
    /// Valid, and to be renewed by the next validation.
    Idle,
}

/// A session as the application sees it, with its user. `Debug` hides the id.
///
/// ```
/// use lucia_auth::Session;
///
/// fn who(session: &Session) -> &str {
///     session.user.id.as_str()
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session<U = NoAttributes, S = NoAttributes> {
    /// Who is signed in.
    pub user: User<U>,
    /// The id, which is what the client's cookie holds.
    #[doc(alias = "sessionId")]
    pub id: SessionId,
    /// Until when, inclusive, it is valid as it is.
    pub active_period_expires_at: UnixMillis,
    /// Until when, inclusive, it is valid at all.
    pub idle_period_expires_at: UnixMillis,
    /// Active, or idle.
    pub state: SessionState,
    /// Whether this call renewed it or gave it a new id, so that the client's cookie has to be set again.
    pub fresh: bool,
    /// The application's own columns.
    pub attributes: S,
}

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
    pub(crate) user_id: UserId,
    pub(crate) id: Option<SessionId>,
    pub(crate) attributes: Result<Attributes, AttributesError>,
    pub(crate) proof: Option<Proof>,
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
