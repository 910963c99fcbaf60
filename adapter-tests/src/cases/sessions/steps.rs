//! Steps that several cases share.

use lucia_core::{AdapterErrorKind as Kind, SessionId, SessionSchema, UserId};

use crate::{
    Access,
    context::Sessions,
    ensure::{CaseResult, ensure, ensure_eq, ensure_same},
};

/// The numbers of pauses before the second of two operations: more than either operation has steps.
pub(super) const LAGS: std::ops::Range<usize> = 0..12;

impl Sessions {
    /// Stores a new user with a session.
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

    /// Checks that the live sessions in the list of the user are these, each once.
    pub(super) async fn ensure_listed(&self, user_id: &UserId, sessions: &[&SessionSchema], what: &str) -> CaseResult {
        let mut found = self.adapter.get_sessions_by_user_id(user_id).await?;
        found.retain(|session| !session.is_expired(self.now()));
        let expected = sessions.iter().map(|session| session.to_json()).collect();
        ensure_same(found.iter().map(SessionSchema::to_json).collect(), expected, what)
    }

    /// Checks that none of these sessions is alive, by its id or in the list of the user.
    pub(super) async fn ensure_ended(&self, user_id: &UserId, ids: &[&SessionId], what: &str) -> CaseResult {
        for id in ids {
            ensure(self.alive(id).await?.is_none(), format!("{what}: session {:?} is alive", id.as_str()))?;
        }
        let listed = self.adapter.get_sessions_by_user_id(user_id).await?;
        let now = self.now();
        let alive = listed.iter().find(|session| !session.is_expired(now) && ids.contains(&&session.id));
        ensure(alive.is_none(), format!("{what}: a session is listed as alive"))
    }

    /// Checks the index of the user, if the back door can read it.
    pub(super) async fn ensure_indexed(&self, user_id: &UserId, ids: &[&SessionId], what: &str) -> CaseResult {
        let Some(door) = self.door_to(Access::Index)? else {
            return Ok(());
        };
        let found = door.index(user_id).await?.into_iter().map(SessionId::into_string).collect();
        let expected = ids.iter().map(|id| id.as_str().to_owned()).collect();
        ensure_same(found, expected, &format!("the index of the user: {what}"))
    }
}

/// Returns `true` for a kind that rejects the data, and `false` for a failure of the store.
pub(super) fn is_refusal(kind: Kind) -> bool {
    !matches!(kind, Kind::Backend | Kind::Unavailable | Kind::Decode)
}
