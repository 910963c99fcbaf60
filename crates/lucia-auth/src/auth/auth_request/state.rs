use std::sync::Arc;

use lucia_core::{SessionToken, UnixMillis};
use tokio::sync::OnceCell;

use crate::{Session, SetCookie};

/// The result of a validation, shared by concurrent calls.
pub(super) type Validation<U, S> = Arc<OnceCell<Option<Arc<Session<U, S>>>>>;

pub(super) struct State<U, S> {
    /// The client's sessions: those that it sent, or the one that this response sets.
    pub(super) tokens: Vec<SessionToken>,
    /// The expiry of the client's cookie, if known.
    pub(super) expires_at: Option<UnixMillis>,
    pub(super) by_cookie: Validation<U, S>,
    pub(super) by_bearer_token: Validation<U, S>,
    pub(super) pending: Option<Pending>,
    pub(super) pending_device: Option<SetCookie>,
    /// Whether the response depends on the cookie and on the bearer token.
    pub(super) used: Used,
}

/// The cookie that the response sets.
pub(super) struct Pending {
    pub(super) cookie: SetCookie,
    /// The time after which it is not set, because the client may have another session's cookie by then.
    pub(super) until: UnixMillis,
}

#[derive(Default)]
pub(super) struct Used {
    pub(super) cookie: bool,
    pub(super) bearer_token: bool,
}

impl<U, S> State<U, S> {
    pub(super) fn new(sent: Vec<SessionToken>) -> Self {
        Self {
            tokens: sent,
            expires_at: None,
            by_cookie: Validation::default(),
            by_bearer_token: Validation::default(),
            pending: None,
            pending_device: None,
            used: Used::default(),
        }
    }
}

impl Pending {
    pub(super) const fn new(cookie: SetCookie) -> Self {
        Self { cookie, until: UnixMillis::MAX }
    }
}
