mod debug;
mod delete_expired_sessions;
mod delete_session;
mod delete_sessions_by_user_id;
mod freed_ids;
mod get_session;
mod get_sessions_by_user_id;
mod rotate_session;
mod session_ids;
mod set_session;
mod set_session_attributes;
mod set_session_expiry;
mod update_session;
mod update_session_expiry;
mod update_session_in_parallel;

use lucia_core::{AdapterErrorKind as Kind, SessionAdapter, SessionId, SessionSchema, UserId};

use crate::{
    Access,
    case::Case,
    context::Sessions,
    ensure::{CaseResult, ensure, ensure_eq, ensure_same},
};

pub(crate) const CASES: &[&[Case<dyn SessionAdapter>]] = &[
    get_session::CASES,
    session_ids::CASES,
    get_sessions_by_user_id::CASES,
    set_session::CASES,
    set_session_attributes::CASES,
    set_session_expiry::CASES,
    update_session::CASES,
    update_session_expiry::CASES,
    update_session_in_parallel::CASES,
    delete_session::CASES,
    delete_sessions_by_user_id::CASES,
    delete_expired_sessions::CASES,
    rotate_session::CASES,
    freed_ids::CASES,
    debug::CASES,
];

/// So many ways of two operations to meet are tried: more than either takes steps.
const LAGS: std::ops::Range<usize> = 0..12;

impl Sessions {
    /// A new user with a session.
    async fn stored(&self) -> CaseResult<SessionSchema> {
        let session = self.session(&self.user().await?);
        self.adapter.set_session(&session).await?;
        Ok(session)
    }

    async fn ensure_stored(&self, sessions: &[&SessionSchema], what: &str) -> CaseResult {
        for session in sessions {
            let found = self.adapter.get_session(&session.id).await?;
            ensure_eq(&found.as_ref().map(SessionSchema::to_json), &Some(session.to_json()), what)?;
        }
        Ok(())
    }

    /// These sessions and no others are listed as alive, each once.
    async fn ensure_listed(&self, user_id: &UserId, sessions: &[&SessionSchema], what: &str) -> CaseResult {
        let mut found = self.adapter.get_sessions_by_user_id(user_id).await?;
        found.retain(|session| !session.is_expired(self.now()));
        let expected = sessions.iter().map(|session| session.to_json()).collect();
        ensure_same(found.iter().map(SessionSchema::to_json).collect(), expected, what)
    }

    /// None of these is alive, neither by its id nor in the list of the user.
    async fn ensure_ended(&self, user_id: &UserId, ids: &[&SessionId], what: &str) -> CaseResult {
        for id in ids {
            ensure(self.alive(id).await?.is_none(), format!("{what}: session {:?} is alive", id.as_str()))?;
        }
        let listed = self.adapter.get_sessions_by_user_id(user_id).await?;
        let now = self.now();
        let alive = listed.iter().find(|session| !session.is_expired(now) && ids.contains(&&session.id));
        ensure(alive.is_none(), format!("{what}: a session is listed as alive"))
    }

    /// What the index holds, if there is a way to see it.
    async fn ensure_indexed(&self, user_id: &UserId, ids: &[&SessionId], what: &str) -> CaseResult {
        let Some(door) = self.door_to(Access::Index)? else {
            return Ok(());
        };
        let found = door.index(user_id).await?.into_iter().map(SessionId::into_string).collect();
        let expected = ids.iter().map(|id| id.as_str().to_owned()).collect();
        ensure_same(found, expected, &format!("the index of the user: {what}"))
    }
}

/// The error says what is wrong with the data, and does not blame the store.
fn is_refusal(kind: Kind) -> bool {
    !matches!(kind, Kind::Backend | Kind::Unavailable | Kind::Decode)
}
