use std::time::Duration;

use crate::{
    prefixes::{InvalidPrefixes, Prefixes},
    replicas::Replicas,
};

/// The settings of a [`RedisSessionAdapter`](crate::RedisSessionAdapter).
///
/// ```
/// use std::time::Duration;
/// use adapter_redis::RedisConfig;
///
/// let config = RedisConfig::new()
///     .session_prefix("shop:session")
///     .user_sessions_prefix("shop:userSession")
///     .token_prefix("shop:token")
///     .user_tokens_prefix("shop:userToken")
///     .counter_prefix("shop:counter");
/// let beside_lucia_js = RedisConfig::lucia_2();
/// let confirmed = RedisConfig::new().wait_for_replicas(1, Duration::from_millis(100));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct RedisConfig {
    keys: Keys,
    token: String,
    user_tokens: String,
    counter: String,
    index_expires: bool,
    replicas: Option<Replicas>,
}

/// The keys of sessions and their indexes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Keys {
    Prefixed { session: String, user_sessions: String },
    Bare,
}

impl RedisConfig {
    /// Creates the default settings, with the keys of an unreleased version of Lucia JS ([pull request
    /// 572](https://github.com/lucia-auth/lucia/pull/572)): keys `session:{id}` and `userSession:{user_id}`. An index expires
    /// with its last session.
    pub fn new() -> Self {
        Self::with_keys(Keys::prefixed("session", "userSession"), true)
    }

    /// Creates the settings for the keys of Lucia JS 2.0 to 2.1.2: `session:{id}` and `user_sessions:{user_id}`.
    ///
    /// Indexes never expire, so that Lucia JS can use the same keys: it adds sessions to an index without extending its
    /// expiry.
    pub fn lucia_2() -> Self {
        Self::with_keys(Keys::prefixed("session", "user_sessions"), false)
    }

    /// Creates the settings for the keys of Lucia JS 1.0: bare session ids and bare user ids.
    ///
    /// Lucia JS 1.0 used two clients. The adapter's connection must be to the database of both; `MOVE` moves keys from
    /// another database. Lists of ids are converted to sets when they are first read, which Lucia JS 1.0 cannot read.
    /// Indexes never expire.
    pub fn lucia_1() -> Self {
        Self::with_keys(Keys::Bare, false)
    }

    fn with_keys(keys: Keys, index_expires: bool) -> Self {
        let [token, user_tokens, counter] = ["token", "userToken", "counter"].map(str::to_owned);
        Self { keys, token, user_tokens, counter, index_expires, replicas: None }
    }

    /// Sets the prefix of session keys, without its colon. Defaults to `session`.
    #[doc(alias = "namespaces.session")]
    #[doc(alias = "prefixes.session")]
    pub fn session_prefix(self, prefix: impl Into<String>) -> Self {
        let user_sessions = match self.keys {
            Keys::Prefixed { user_sessions, .. } => user_sessions,
            Keys::Bare => String::new(),
        };
        Self { keys: Keys::Prefixed { session: prefix.into(), user_sessions }, ..self }
    }

    /// Sets the prefix of index keys, without its colon. Defaults to `userSession`.
    #[doc(alias = "namespaces.userSession")]
    #[doc(alias = "prefixes.userSessions")]
    pub fn user_sessions_prefix(self, prefix: impl Into<String>) -> Self {
        let session = match self.keys {
            Keys::Prefixed { session, .. } => session,
            Keys::Bare => String::new(),
        };
        Self { keys: Keys::Prefixed { session, user_sessions: prefix.into() }, ..self }
    }

    /// Sets the prefix of token keys, without its colon. Defaults to `token`.
    pub fn token_prefix(self, prefix: impl Into<String>) -> Self {
        Self { token: prefix.into(), ..self }
    }

    /// Sets the prefix of the keys of users' tokens, without its colon. Defaults to `userToken`.
    pub fn user_tokens_prefix(self, prefix: impl Into<String>) -> Self {
        Self { user_tokens: prefix.into(), ..self }
    }

    /// Sets the prefix of counter keys, without its colon. Defaults to `counter`.
    pub fn counter_prefix(self, prefix: impl Into<String>) -> Self {
        Self { counter: prefix.into(), ..self }
    }

    /// Sets whether the index of a user expires with its last session. Defaults to `true`. Set it to `false` while
    /// Lucia JS writes to the same indexes.
    pub fn index_expires(self, expires: bool) -> Self {
        Self { index_expires: expires, ..self }
    }

    /// Makes every deletion wait until this many replicas have confirmed it, with Redis's `WAIT`.
    ///
    /// Redis replicates asynchronously: if a primary fails right after a revocation, the revocation may be lost, and
    /// so may the removal of a token that was taken. If fewer replicas confirm it in time, the session or token is
    /// deleted and the call fails with [`Unavailable`](lucia_core::AdapterErrorKind::Unavailable); a repeated call
    /// waits again. The timeout must be shorter than the connection's response timeout. `WAIT` blocks all other
    /// commands on a shared connection. Defaults to not waiting.
    pub fn wait_for_replicas(self, count: u32, timeout: Duration) -> Self {
        Self { replicas: Some(Replicas { count, timeout }), ..self }
    }

    pub(crate) fn prefixes(&self) -> Result<Prefixes, InvalidPrefixes> {
        let sessions = match &self.keys {
            Keys::Prefixed { session, user_sessions } => Some([session.as_str(), user_sessions]),
            Keys::Bare => None,
        };
        Prefixes::new(sessions, [&self.token, &self.user_tokens, &self.counter])
    }

    pub(crate) const fn indexes_expire(&self) -> bool {
        self.index_expires
    }

    pub(crate) const fn replicas(&self) -> Option<Replicas> {
        self.replicas
    }
}

impl Keys {
    fn prefixed(session: &str, user_sessions: &str) -> Self {
        Self::Prefixed { session: session.to_owned(), user_sessions: user_sessions.to_owned() }
    }
}

impl Default for RedisConfig {
    fn default() -> Self {
        Self::new()
    }
}
