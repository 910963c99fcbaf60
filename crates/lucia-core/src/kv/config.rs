use std::sync::Arc;

use super::layout::{InvalidKvLayout, KvLayout};
use crate::{Clock, SystemClock};

/// An invalid [`KvConfig`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidKvConfig {
    /// The prefixes are invalid.
    #[error(transparent)]
    Layout(#[from] InvalidKvLayout),
    /// The target has no system clock, and none was set.
    #[error("no clock on this target: set one with `KvConfig::clock`")]
    NoClock,
}

/// The settings of a [`KvSessionAdapter`](super::KvSessionAdapter).
///
/// ```
/// use lucia_core::kv::KvConfig;
///
/// let config = KvConfig::new().session_prefix("shop:session").user_sessions_prefix("shop:user_session");
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct KvConfig {
    session: Option<String>,
    user_sessions: Option<String>,
    unindexed_sessions: bool,
    clock: Option<Arc<dyn Clock>>,
}

impl KvConfig {
    /// Returns the default settings.
    pub fn new() -> Self {
        Self { session: None, user_sessions: None, unindexed_sessions: false, clock: None }
    }

    /// Sets the prefix of the keys of sessions, without its colon. Defaults to that of
    /// [the store](super::KvStore::default_layout): `session`.
    #[doc(alias = "sessionKeyPrefix")]
    #[doc(alias = "prefixes.session")]
    pub fn session_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.session = Some(prefix.into());
        self
    }

    /// Sets the prefix of the keys of the index, without its colon. Defaults to that of
    /// [the store](super::KvStore::default_layout): `user_session`, on Cloudflare KV `user_sessions`.
    #[doc(alias = "userSessionKeyPrefix")]
    #[doc(alias = "prefixes.userSession")]
    #[doc(alias = "prefixes.userSessions")]
    pub fn user_sessions_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.user_sessions = Some(prefix.into());
        self
    }

    /// Sets whether there are sessions without an index entry. The entry is then added when they are updated, for one
    /// additional request. Defaults to `false`.
    ///
    /// Lucia JS's adapter for unstorage indexes none of its sessions: they are neither listed nor revoked with the
    /// user's others until they are renewed here. It is unknown whether such a session is older than a revocation of
    /// all the user's sessions; within a day of one, rotating the session revokes it, unless the store has conditional
    /// writes.
    pub fn unindexed_sessions(mut self, exist: bool) -> Self {
        self.unindexed_sessions = exist;
        self
    }

    /// Sets the clock by which sessions expire. A store that has a clock of its own, to calculate times to live or to
    /// expire keys, does not use this one; the two should be within minutes of each other. Defaults to [`SystemClock`]
    /// on targets that have one.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    pub(super) const fn has_unindexed_sessions(&self) -> bool {
        self.unindexed_sessions
    }

    /// Returns the configured clock, or the system's if there is one.
    pub(super) fn into_clock(self) -> Option<Arc<dyn Clock>> {
        self.clock.or_else(|| SystemClock::detect().map(Arc::from))
    }

    /// Returns the layout with these prefixes, and with those of `default` where none are set.
    pub(super) fn layout(&self, default: KvLayout) -> Result<KvLayout, InvalidKvLayout> {
        if self.session.is_none() && self.user_sessions.is_none() {
            return Ok(default);
        }
        let or = |prefix: &Option<String>, default: &str| prefix.clone().unwrap_or_else(|| default.to_owned());
        KvLayout::new(or(&self.session, default.session_name()), or(&self.user_sessions, default.user_sessions_name()))
    }
}

impl Default for KvConfig {
    fn default() -> Self {
        Self::new()
    }
}

impl From<KvLayout> for KvConfig {
    fn from(layout: KvLayout) -> Self {
        Self::new().session_prefix(layout.session_name()).user_sessions_prefix(layout.user_sessions_name())
    }
}
