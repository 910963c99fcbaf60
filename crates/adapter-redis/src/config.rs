use std::time::Duration;

use redis::Cmd;

use crate::error::Error;
use crate::namespaces::{InvalidNamespaces, Namespaces};

/// What an adapter's keys are called, and what else is up to the application.
///
/// ```
/// use std::time::Duration;
/// use adapter_redis::RedisOptions;
///
/// let options = RedisOptions::new().session("shop:session").user_session("shop:userSession");
/// let beside_lucia_js = RedisOptions::lucia_2();
/// let confirmed = RedisOptions::new().wait_for_replicas(1, Duration::from_millis(100));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct RedisOptions {
    names: Names,
    index_expires: bool,
    replicas: Option<Replicas>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Names {
    Prefixed { session: String, user_session: String },
    Bare,
}

/// How many replicas have to have a revocation, and how long they have for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Replicas {
    pub(crate) count: u32,
    pub(crate) timeout: Duration,
}

impl Replicas {
    pub(crate) fn wait(self) -> Cmd {
        let mut command = redis::cmd("WAIT");
        // Redis takes 0 for no limit.
        command.arg(self.count).arg(self.timeout.as_millis().clamp(1, i64::MAX as u128) as u64);
        command
    }

    pub(crate) const fn check(self, found: u32) -> Result<(), Error> {
        if found < self.count { Err(Error::Replicas { found, wanted: self.count }) } else { Ok(()) }
    }
}

impl RedisOptions {
    /// The names of the Redis document: `session:{id}` and `userSession:{user_id}`. An index expires with its longest session.
    pub fn new() -> Self {
        Self::named("session", "userSession", true)
    }

    /// The names of Lucia JS 2.0 to 2.1.2: `session:{id}` and `user_sessions:{user_id}`.
    ///
    /// Indexes never expire, so that Lucia JS can run beside this adapter: it adds to an index without renewing its expiry.
    pub fn lucia_2() -> Self {
        Self::named("session", "user_sessions", false)
    }

    /// The names of Lucia JS 1.0: bare session ids and bare user ids.
    ///
    /// Lucia JS 1.0 took two clients. Both have to be of the one database that the adapter's connection is of; keys of another
    /// database can be moved with `MOVE`. Its lists become sets when they are first read, which Lucia JS 1.0 cannot read
    /// again. Indexes never expire.
    pub fn lucia_1() -> Self {
        Self { names: Names::Bare, index_expires: false, replicas: None }
    }

    fn named(session: &str, user_session: &str, index_expires: bool) -> Self {
        let names = Names::Prefixed { session: session.to_owned(), user_session: user_session.to_owned() };
        Self { names, index_expires, replicas: None }
    }

    /// Sets what the keys of sessions begin with, before a colon. Lucia JS: `namespaces.session`, `prefixes.session`.
    pub fn session(self, namespace: impl Into<String>) -> Self {
        let user_session = match self.names {
            Names::Prefixed { user_session, .. } => user_session,
            Names::Bare => String::new(),
        };
        Self { names: Names::Prefixed { session: namespace.into(), user_session }, ..self }
    }

    /// Sets what the keys of indexes begin with, before a colon. Lucia JS: `namespaces.userSession`, `prefixes.userSessions`.
    pub fn user_session(self, namespace: impl Into<String>) -> Self {
        let session = match self.names {
            Names::Prefixed { session, .. } => session,
            Names::Bare => String::new(),
        };
        Self { names: Names::Prefixed { session, user_session: namespace.into() }, ..self }
    }

    /// Whether the index of a user expires with its longest session. Say no while Lucia JS writes to the same indexes.
    pub fn index_expires(self, expires: bool) -> Self {
        Self { index_expires: expires, ..self }
    }

    /// Lets every deletion wait until so many replicas have it, with Redis's `WAIT`.
    ///
    /// Redis replicates asynchronously: a primary that fails right after a revocation may take the revocation with it. If
    /// fewer replicas answer in time, the session is deleted and the call fails with
    /// [`Unavailable`](lucia_core::AdapterErrorKind::Unavailable); calling again waits again. The timeout has to be shorter
    /// than the connection's response timeout. `WAIT` holds up everything else on a shared connection meanwhile.
    pub fn wait_for_replicas(self, count: u32, timeout: Duration) -> Self {
        Self { replicas: Some(Replicas { count, timeout }), ..self }
    }

    pub(crate) fn namespaces(&self) -> Result<Namespaces, InvalidNamespaces> {
        match &self.names {
            Names::Prefixed { session, user_session } => Namespaces::new(session, user_session),
            Names::Bare => Ok(Namespaces::bare()),
        }
    }

    pub(crate) const fn indexes_expire(&self) -> bool {
        self.index_expires
    }

    pub(crate) const fn replicas(&self) -> Option<Replicas> {
        self.replicas
    }
}

impl Default for RedisOptions {
    fn default() -> Self {
        Self::new()
    }
}
