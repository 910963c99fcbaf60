//! An application on the adapter.

use std::{sync::Arc, time::Duration};

use lucia_auth::{
    Auth, AuthBuilder, Error, HashedPassword, NewSession, NewUser, PasswordError, PasswordHasher, Session, SessionInfo,
    SessionPeriods, Throttle, User, Verification,
};
use lucia_core::{Clock, ManualClock, SessionId, UnixMillis};
use serde_json::json;

use crate::{
    context::Joined,
    ensure::{CaseError, CaseResult, with_sources},
    sample,
    schema::{COUNTRY, USERNAME},
};

pub(super) const PERIODS: SessionPeriods =
    SessionPeriods { active: Duration::from_secs(3_600), idle: Duration::from_secs(24 * 3_600) };
pub(super) const MILLISECOND: Duration = Duration::from_millis(1);

impl From<Error> for CaseError {
    #[track_caller]
    fn from(error: Error) -> Self {
        Self::new(with_sources("`lucia-auth` failed", &error))
    }
}

/// An application on the adapter, with a manual clock that starts at the current time of the store.
pub(super) struct App {
    pub(super) auth: Auth,
    pub(super) clock: Arc<ManualClock>,
}

impl Joined {
    pub(super) fn app(&self) -> CaseResult<App> {
        self.app_with(|builder| builder)
    }

    pub(super) fn app_with(&self, configure: impl FnOnce(AuthBuilder) -> AuthBuilder) -> CaseResult<App> {
        let clock = Arc::new(ManualClock::new(self.now()));
        let builder = Auth::builder(self.adapter())
            .session_expires_in(PERIODS)
            .password_hash(PlainText)
            // A case may sign one user in more often at once than an attacker may guess.
            .throttle(Throttle::off())
            .clock(Arc::clone(&clock));
        let auth = configure(builder)
            .build()
            .map_err(|error| CaseError::new(with_sources("`lucia-auth` rejected its configuration", &error)))?;
        Ok(App { auth, clock })
    }
}

impl App {
    /// Creates a user that a store with fixed columns can hold.
    pub(super) async fn user(&self) -> CaseResult<User<lucia_auth::NoAttributes>> {
        Ok(self.auth.create_user(new_user()).await?)
    }

    pub(super) fn now(&self) -> UnixMillis {
        self.clock.now()
    }

    pub(super) async fn session(&self) -> CaseResult<Session> {
        let user = self.user().await?;
        Ok(self.auth.create_session(NewSession::new(user.id)).await?)
    }
}

pub(super) fn new_user() -> NewUser {
    NewUser::new().attributes(&json!({ USERNAME: sample::text(12), COUNTRY: "XX" }))
}

/// Returns the ids of listed sessions.
pub(super) fn ids(sessions: &[SessionInfo]) -> Vec<&SessionId> {
    sessions.iter().map(|session| &session.id).collect()
}

/// Returns the code of the error, or `no error`.
pub(super) fn code<T>(result: &Result<T, Error>) -> &'static str {
    result.as_ref().map_or_else(Error::code, |_| "no error")
}

/// A hasher without cost, because no case tests hashing.
#[derive(Clone, Copy, Debug)]
struct PlainText;

impl PasswordHasher for PlainText {
    fn hash(&self, password: &str) -> Result<HashedPassword, PasswordError> {
        Ok(HashedPassword::new(format!("plain:{password}")))
    }

    fn verify(&self, password: &str, hash: &HashedPassword) -> Result<Verification, PasswordError> {
        let stored = hash.as_str().strip_prefix("plain:");
        Ok(if stored == Some(password) { Verification::Valid } else { Verification::Invalid })
    }
}
