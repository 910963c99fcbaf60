use std::time::Duration;

use crate::{prefixes::Prefixes, replicas::Replicas};

/// The settings of a [`RedisSessionAdapter`](crate::RedisSessionAdapter) and a
/// [`RedisTokenAdapter`](crate::RedisTokenAdapter).
///
/// Each adapter uses the prefixes of its own records. If an application has both, give them the same settings: no two
/// prefixes may result in the same key.
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
    pub(crate) prefixes: Prefixes,
    pub(crate) user_sessions_expire: bool,
    pub(crate) replicas: Option<Replicas>,
}

impl RedisConfig {
    /// Creates the default settings, with the keys of an unreleased version of Lucia JS ([pull request
    /// 572](https://github.com/lucia-auth/lucia/pull/572)): keys `session:{id}` and `userSession:{user_id}`. An index expires
    /// with its last session.
    pub fn new() -> Self {
        Self { prefixes: Prefixes::default(), user_sessions_expire: true, replicas: None }
    }

    /// Creates the settings for the keys of Lucia JS 2.0 to 2.1.2: `session:{id}` and `user_sessions:{user_id}`.
    ///
    /// Indexes never expire, so that Lucia JS can use the same keys: it adds sessions to an index without extending its
    /// expiry. Once Lucia JS is off, call [`user_sessions_expire(true)`](Self::user_sessions_expire).
    pub fn lucia_2() -> Self {
        Self::new().user_sessions_prefix("user_sessions").user_sessions_expire(false)
    }

    /// Creates the settings for the keys of Lucia JS 1.0: bare session ids and bare user ids.
    ///
    /// Lucia JS 1.0 used two clients. The adapter's connection must be to the database of both; `MOVE` moves keys from
    /// another database. Lists of ids are converted to sets when they are first read, which Lucia JS 1.0 cannot read.
    /// Indexes never expire.
    ///
    /// Tokens and counters keep their prefixes. An id of a session or user that begins with one of those, such as
    /// `token:1`, could be the key of another record: no session is found under it, and storing one fails with
    /// [`UnsupportedId`](lucia_core::AdapterErrorKind::UnsupportedId). A stored session of such a user is a
    /// [`Decode`](lucia_core::AdapterErrorKind::Decode) error. If you have such ids, set other prefixes.
    ///
    /// A session id may be any other key of the database. Unless its value is a JSON object with this `id` and a
    /// `user_id`, no session is found under it, deleting it changes nothing, and storing one fails with
    /// [`DuplicateSessionId`](lucia_core::AdapterErrorKind::DuplicateSessionId).
    ///
    /// **The id of a user must not be a key of another program.** A list or a set under it becomes the index of the
    /// user, from which ids without a session are removed. Under a key of another type, listing and deleting the user's
    /// sessions fails with [`Decode`](lucia_core::AdapterErrorKind::Decode), and storing or changing one with
    /// [`UnsupportedId`](lucia_core::AdapterErrorKind::UnsupportedId).
    ///
    /// A user whose id is that of a session has no sessions, and storing one, or one with the id of its user, fails
    /// with `UnsupportedId`. A stored session with the id of its user is a `Decode` error. In both cases, delete the
    /// session that has this id.
    pub fn lucia_1() -> Self {
        Self { prefixes: Prefixes::without_those_of_sessions(), ..Self::new() }.user_sessions_expire(false)
    }

    /// Sets the prefix of session keys, without its colon. Defaults to `session`.
    #[doc(alias = "namespaces.session")]
    #[doc(alias = "prefixes.session")]
    pub fn session_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefixes.session = with_colon(prefix);
        self
    }

    /// Sets the prefix of the keys of users' sessions, without its colon. Defaults to `userSession`.
    #[doc(alias = "namespaces.userSession")]
    #[doc(alias = "prefixes.userSessions")]
    pub fn user_sessions_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefixes.user_sessions = with_colon(prefix);
        self
    }

    /// Sets the prefix of token keys, without its colon. Defaults to `token`.
    pub fn token_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefixes.token = with_colon(prefix);
        self
    }

    /// Sets the prefix of the keys of users' tokens, without its colon. Defaults to `userToken`.
    pub fn user_tokens_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefixes.user_tokens = with_colon(prefix);
        self
    }

    /// Sets the prefix of counter keys, without its colon. Defaults to `counter`.
    pub fn counter_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefixes.counter = with_colon(prefix);
        self
    }

    /// Sets whether the index of a user's sessions expires with the last of them. Defaults to `true`. Set it to `false`
    /// while Lucia JS writes to the same indexes.
    ///
    /// If it is `true`, an index without an expiry gets one when a session of its user is created or changed, unless it is
    /// on a cluster, has more than 1,000 ids, or contains a session that never expires.
    pub fn user_sessions_expire(self, expire: bool) -> Self {
        Self { user_sessions_expire: expire, ..self }
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
}

/// Returns a prefix with its colon.
fn with_colon(prefix: impl Into<String>) -> String {
    prefix.into() + ":"
}

impl Default for RedisConfig {
    fn default() -> Self {
        Self::new()
    }
}
