//! Steps that several cases share.

use lucia_core::{AdapterErrorKind as Kind, SessionId, SessionSchema, UserId};

use crate::{
    Access,
    context::Sessions,
    ensure::{CaseResult, ensure, ensure_eq, ensure_same},
};

/// So many ways of two operations to meet are tried: more than either takes steps.
pub(super) const LAGS: std::ops::Range<usize> = 0..12;

impl Sessions {
    /// A new user with a session.
    pub(super) async fn stored(&self) -> CaseResult<SessionSchema> {
        let session = self.session(&self.user().await?);
        self.adapter.set_session(&session).await?;
        Ok(session)
    }

    pub(super) async fn ensure_stored(&self, sessions: &[&SessionSchema], what: &str) -> CaseResult {
        for session in sessions {
            let found = self.adapter.get_session(&session.id).await?;
            ensure_eq(&found.as_ref().map(SessionSchema::to_json), &Some(session.to_json()), what)?;
        }
        Ok(())
    }

    /// These sessions and no others are listed as alive, each once.
    pub(super) async fn ensure_listed(&self, user_id: &UserId, sessions: &[&SessionSchema], what: &str) -> CaseResult {
        let mut found = self.adapter.get_sessions_by_user_id(user_id).await?;
        found.retain(|session| !session.is_expired(self.now()));
        let expected = sessions.iter().map(|session| session.to_json()).collect();
        ensure_same(found.iter().map(SessionSchema::to_json).collect(), expected, what)
    }

    /// None of these is alive, neither by its id nor in the list of the user.
    pub(super) async fn ensure_ended(&self, user_id: &UserId, ids: &[&SessionId], what: &str) -> CaseResult {
        for id in ids {
            ensure(self.alive(id).await?.is_none(), format!("{what}: session {:?} is alive", id.as_str()))?;
        }
        let listed = self.adapter.get_sessions_by_user_id(user_id).await?;
        let now = self.now();
        let alive = listed.iter().find(|session| !session.is_expired(now) && ids.contains(&&session.id));
        ensure(alive.is_none(), format!("{what}: a session is listed as alive"))
    }

    /// What the index holds, if there is a way to see it.
    pub(super) async fn ensure_indexed(&self, user_id: &UserId, ids: &[&SessionId], what: &str) -> CaseResult {
        let Some(door) = self.door_to(Access::Index)? else {
            return Ok(());
        };
        let found = door.index(user_id).await?.into_iter().map(SessionId::into_string).collect();
        let expected = ids.iter().map(|id| id.as_str().to_owned()).collect();
        ensure_same(found, expected, &format!("the index of the user: {what}"))
    }
}

/// The error says what is wrong with the data, and does not blame the store.
pub(super) fn is_refusal(kind: Kind) -> bool {
    !matches!(kind, Kind::Backend | Kind::Unavailable | Kind::Decode)
}
