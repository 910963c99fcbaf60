//! `lucia-auth` on the adapter: what an application sees, whatever the store promises.

mod keys;
mod requests;
mod session_life;
mod users;

use std::{sync::Arc, time::Duration};

use lucia_auth::{Auth, Error, NewSession, NewUser, Session, SessionPeriods, User};
use lucia_core::{Adapter, Clock, ManualClock, UnixMillis};
use serde_json::json;

use crate::{
    case::Case,
    context::Joined,
    ensure::{CaseError, CaseResult, with_sources},
    sample,
    schema::{COUNTRY, USERNAME},
};

pub(crate) const CASES: &[&[Case<dyn Adapter>]] = &[session_life::CASES, users::CASES, keys::CASES, requests::CASES];

const PERIODS: SessionPeriods =
    SessionPeriods { active: Duration::from_secs(3_600), idle: Duration::from_secs(24 * 3_600) };
const MILLISECOND: Duration = Duration::from_millis(1);

impl From<Error> for CaseError {
    #[track_caller]
    fn from(error: Error) -> Self {
        Self::new(with_sources("`lucia-auth` failed", &error))
    }
}

/// An application on the adapter, whose clock starts at the store's present and moves when it is told to.
struct App {
    auth: Auth,
    clock: Arc<ManualClock>,
}

impl Joined {
    fn app(&self) -> CaseResult<App> {
        let clock = Arc::new(ManualClock::new(self.now()));
        let auth = Auth::builder(self.adapter())
            .session_expires_in(PERIODS)
            .password_hash(keys::PlainText)
            .clock(Arc::clone(&clock))
            .build()
            .map_err(|error| CaseError::new(with_sources("`lucia-auth` refuses its options", &error)))?;
        Ok(App { auth, clock })
    }
}

impl App {
    /// A user that a store with fixed columns can hold.
    async fn user(&self) -> CaseResult<User<lucia_auth::NoAttributes>> {
        Ok(self.auth.create_user(new_user()).await?)
    }

    fn now(&self) -> UnixMillis {
        self.clock.now()
    }

    async fn session(&self) -> CaseResult<Session> {
        let user = self.user().await?;
        Ok(self.auth.create_session(NewSession::new(user.id)).await?)
    }
}

fn new_user() -> NewUser {
    NewUser::new().attributes(&json!({ USERNAME: sample::text(12), COUNTRY: "XX" }))
}

/// The code of the error, or that there was none.
fn code<T>(result: &Result<T, Error>) -> &'static str {
    result.as_ref().map_or_else(Error::code, |_| "no error")
}
