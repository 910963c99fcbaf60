//! The rows of a database for benchmarks: users with twenty sessions each, and one for all the added sessions.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use adapter_prisma_compatible::{Attribute, PrismaConfig, Table};
use lucia_core::{SessionSchema, UnixMillis};

/// A time in the future.
pub(crate) const FAR: i64 = 4_102_444_800_000;
/// A time in the past.
pub(crate) const EXPIRED: i64 = 1_000;
/// The user with all the added sessions.
pub(crate) const CROWDED: &str = "crowded";
pub(crate) const SESSIONS_OF_A_USER: u64 = 20;

/// Chooses rows and names new ones.
pub(crate) struct Rows {
    sessions: u64,
    next: AtomicU64,
}

impl Rows {
    pub(crate) const fn new(sessions: u64) -> Self {
        Self { sessions, next: AtomicU64::new(0) }
    }

    pub(crate) const fn users(&self) -> u64 {
        self.sessions / SESSIONS_OF_A_USER
    }

    /// Returns a number that is not near the previous one.
    fn some(&self, below: u64) -> u64 {
        self.next.fetch_add(1, Relaxed).wrapping_mul(0x9E37_79B9_7F4A_7C15) % below
    }

    pub(crate) fn some_session(&self) -> String {
        session_id(self.some(self.sessions))
    }

    pub(crate) fn some_user(&self) -> String {
        user_id(self.some(self.users()))
    }

    /// Returns a new session of a separate user, so that the other users keep their number of sessions.
    pub(crate) fn new_session(&self) -> SessionSchema {
        let id = format!("new{:037}", self.next.fetch_add(1, Relaxed));
        SessionSchema::new(id, CROWDED, UnixMillis::new(FAR), UnixMillis::new(FAR))
    }
}

/// Returns the settings of the tables: users and sessions with one attribute each.
pub(crate) fn config() -> PrismaConfig {
    PrismaConfig::default()
        .user(Table::named("User").attribute("username", Attribute::string().unique()))
        .session(Table::named("Session").attribute("country", Attribute::string().optional()))
}

pub(crate) fn user_id(index: u64) -> String {
    format!("user{index:011}")
}

/// Returns a session id of 40 characters, as the databases contain. Consecutive ids are not in order.
pub(crate) fn session_id(index: u64) -> String {
    format!("{:08x}{index:032}", index * 2_654_435_761 % 4_294_967_296)
}
