use lucia_core::{SessionId, UnixMillis};

use crate::User;

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
pub struct Session<U = crate::NoAttributes, S = crate::NoAttributes> {
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
