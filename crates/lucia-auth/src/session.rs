//! Sessions for the application, and sessions to create.

use std::time::Duration;

use lucia_core::{Attributes, AttributesError, SessionHandle, SessionId, SessionToken, UnixMillis, UserId};
use serde::{Serialize, Serializer};

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

impl SessionState {
    /// Returns the state of a live session.
    pub(crate) fn at(now: UnixMillis, active_expires: UnixMillis) -> Self {
        if now <= active_expires { Self::Active } else { Self::Idle }
    }
}

/// The session of a client, with its user and its token. `Debug` hides the token and the id.
///
/// Lists return [`SessionInfo`], which has no token.
///
/// ```
/// use lucia_auth::Session;
///
/// fn who(session: &Session) -> &str {
///     session.user.id.as_str()
/// }
/// ```
///
/// Serialized, it has no token, and its [`handle`](Self::handle) instead of the id: anyone who knows the token is signed
/// in.
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
/// assert_eq!(json.get("token"), None);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Session<U = NoAttributes, S = NoAttributes> {
    /// The signed-in user.
    pub user: User<U>,
    /// The token, which the client's cookie contains.
    #[doc(alias = "sessionId")]
    #[serde(skip)]
    pub token: SessionToken,
    /// The id in the store: the hash of the token, or the token itself, see [`SessionIds`](crate::SessionIds).
    #[serde(rename = "handle", serialize_with = "serialize_handle")]
    pub id: SessionId,
    /// The last millisecond of the active period.
    pub active_period_expires_at: UnixMillis,
    /// The last millisecond of the idle period, after which the session has expired.
    pub idle_period_expires_at: UnixMillis,
    /// Active or idle.
    pub state: SessionState,
    /// `true` if this call renewed the session or replaced its token, so that the client's cookie must be set again.
    pub fresh: bool,
    /// When the session was created, if [`session_created_at`](crate::AuthBuilder::session_created_at) is set.
    pub created_at: Option<UnixMillis>,
    /// When the user last signed in or confirmed their password in this session, if
    /// [`session_authenticated_at`](crate::AuthBuilder::session_authenticated_at) is set.
    pub authenticated_at: Option<UnixMillis>,
    /// The application's own columns.
    pub attributes: S,
    #[serde(skip)]
    pub(crate) read_at: ReadAt,
    /// Whether the cookie outlives the browser.
    #[serde(skip)]
    pub(crate) has_persistent_cookie: bool,
}

/// The time at which a session was read. Two reads of one session are equal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReadAt(pub(crate) UnixMillis);

impl PartialEq for ReadAt {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for ReadAt {}

impl<U, S> Session<U, S> {
    /// Returns a short name of the session that is not secret, for pages and logs.
    #[must_use]
    pub fn handle(&self) -> SessionHandle {
        self.id.handle()
    }

    /// Returns `true` if the user signed in or confirmed their password at most this long before the session was read.
    ///
    /// `false` if the time is not known or, because a clock was changed, in the future.
    /// [`Auth::require_authentication_within`](crate::Auth::require_authentication_within) returns an error instead.
    ///
    /// ```
    /// use std::time::Duration;
    /// use lucia_auth::Session;
    ///
    /// fn may_see_recovery_codes(session: &Session) -> bool {
    ///     session.authenticated_within(Duration::from_secs(300))
    /// }
    /// ```
    #[must_use]
    pub fn authenticated_within(&self, max_age: Duration) -> bool {
        let ReadAt(now) = self.read_at;
        self.authenticated_at.is_some_and(|at| at <= now && now <= at.saturating_add(max_age))
    }
}

/// A stored session, such as one in a list of a user's devices. It has no token: it cannot sign anybody in.
///
/// Serialized, it has its [`handle`](Self::handle) instead of the id.
///
/// ```
/// use lucia_auth::{Auth, NewSession, NewUser, memory::MemoryAdapter};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let auth = Auth::builder(MemoryAdapter::new()).build()?;
/// let user = auth.create_user(NewUser::new()).await?;
/// let session = auth.create_session(NewSession::new(user.id.clone())).await?;
/// let listed = auth.get_all_user_sessions(&user.id).await?;
/// assert_eq!(listed[0].handle(), session.handle());
/// assert_eq!(serde_json::to_value(&listed[0])?["handle"], session.handle().to_string());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SessionInfo<S = NoAttributes> {
    /// The user whom the session signs in.
    pub user_id: UserId,
    /// The id in the store.
    #[serde(rename = "handle", serialize_with = "serialize_handle")]
    pub id: SessionId,
    /// The last millisecond of the active period.
    pub active_period_expires_at: UnixMillis,
    /// The last millisecond of the idle period, after which the session has expired.
    pub idle_period_expires_at: UnixMillis,
    /// Active or idle.
    pub state: SessionState,
    /// When the session was created, if [`session_created_at`](crate::AuthBuilder::session_created_at) is set.
    pub created_at: Option<UnixMillis>,
    /// When the session was created or last renewed. While its user is active, it is renewed once in each active
    /// period, so the user was last active at most one active period later.
    ///
    /// In the last active period of an [`absolute_session_lifetime`](crate::AuthBuilder::absolute_session_lifetime) it may
    /// be up to one active period too early.
    pub last_renewed_at: UnixMillis,
    /// When the user last signed in or confirmed their password in this session, if
    /// [`session_authenticated_at`](crate::AuthBuilder::session_authenticated_at) is set.
    pub authenticated_at: Option<UnixMillis>,
    /// The application's own columns.
    pub attributes: S,
}

impl<S> SessionInfo<S> {
    /// Returns a short name of the session that is not secret, for pages, forms and logs.
    #[must_use]
    pub fn handle(&self) -> SessionHandle {
        self.id.handle()
    }
}

fn serialize_handle<T: Serializer>(id: &SessionId, serializer: T) -> Result<T::Ok, T::Error> {
    id.handle().serialize(serializer)
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
    pub(crate) token: Option<SessionToken>,
    pub(crate) attributes: Result<Attributes, AttributesError>,
    pub(crate) proof: Option<Proof>,
}

impl NewSession {
    /// Creates a session of this user, with a random token of 40 characters and without attributes.
    ///
    /// After [`Auth::use_key`](crate::Auth::use_key), use [`for_key`](Self::for_key) instead.
    #[must_use]
    pub fn new(user_id: impl Into<UserId>) -> Self {
        Self { user_id: user_id.into(), token: None, attributes: Ok(Attributes::new()), proof: None }
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

    /// Sets the token. Whoever can guess it is signed in.
    ///
    /// It consists of 1 to 255 visible ASCII characters other than `"`, `%`, `,`, `;` and `\`, and not of 64
    /// hexadecimal digits, which is how hashes are stored.
    #[must_use]
    pub fn token(mut self, token: impl Into<SessionToken>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Sets all of the application's own columns. Errors are returned when the session is created.
    #[must_use]
    pub fn attributes(mut self, attributes: &(impl Serialize + ?Sized)) -> Self {
        self.attributes = Attributes::from_serialize(attributes);
        self
    }
}
