//! Sessions for the application, and sessions to create.

use lucia_core::{Attributes, AttributesError, SessionId, UnixMillis, UserId};
use serde::Serialize;

use crate::{NoAttributes, User, VerifiedKey, key::Proof};

/// The state of a live session.
// Exhaustive: Lucia's model has these two, and the application may match on both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SessionState {
    /// In the active period: valid without renewal.
    Active,
    /// In the idle period: the next validation renews it.
    Idle,
}

/// A session with its user. `Debug` hides the id.
///
/// ```
/// use lucia_auth::Session;
///
/// fn who(session: &Session) -> &str {
///     session.user.id.as_str()
/// }
/// ```
///
/// Serialized, it has every field but the id, which is a secret: whoever knows it is signed in.
///
/// ```
/// use lucia_auth::{Auth, NewSession, NewUser, memory::MemoryAdapter};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let auth = Auth::builder(MemoryAdapter::new()).build()?;
/// let user = auth.create_user(NewUser::new().id("u1")).await?;
/// let session = auth.create_session(NewSession::new(user.id)).await?;
/// let json = serde_json::to_value(&session)?;
/// assert_eq!(json["user"]["id"], "u1");
/// assert_eq!(json["state"], "active");
/// assert_eq!(json.get("id"), None);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Session<U = NoAttributes, S = NoAttributes> {
    /// The signed-in user.
    pub user: User<U>,
    /// The id, which the client's cookie contains.
    #[doc(alias = "sessionId")]
    #[serde(skip)]
    pub id: SessionId,
    /// The last millisecond of the active period.
    pub active_period_expires_at: UnixMillis,
    /// The last millisecond of the idle period, after which the session has expired.
    pub idle_period_expires_at: UnixMillis,
    /// Active or idle.
    pub state: SessionState,
    /// `true` if this call renewed the session or replaced its id, so that the client's cookie must be set again.
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
    /// Creates a session of this user, with a random id of 40 characters and without attributes.
    ///
    /// After [`Auth::use_key`](crate::Auth::use_key), use [`for_key`](Self::for_key) instead.
    #[must_use]
    pub fn new(user_id: impl Into<UserId>) -> Self {
        Self { user_id: user_id.into(), id: None, attributes: Ok(Attributes::new()), proof: None }
    }

    /// Creates a session of the user whose key was verified.
    ///
    /// After the session is stored, the key is read again. If it was deleted or its password changed since the
    /// verification, the session is deleted and the sign-in fails. A session created with an old password therefore
    /// does not survive a change of password followed by
    /// [`Auth::invalidate_all_user_sessions`](crate::Auth::invalidate_all_user_sessions).
    #[must_use]
    pub fn for_key(key: &VerifiedKey) -> Self {
        Self { proof: Some(key.proof.clone()), ..Self::new(key.user_id.clone()) }
    }

    /// Sets the id. Whoever can guess it is signed in.
    #[must_use]
    pub fn id(mut self, id: impl Into<SessionId>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Sets all of the application's own columns. Errors are returned when the session is created.
    #[must_use]
    pub fn attributes(mut self, attributes: &(impl Serialize + ?Sized)) -> Self {
        self.attributes = Attributes::from_serialize(attributes);
        self
    }
}
