//! Bugs of sessions.

use adapter_tests::schema::{APPROVED_BY, SESSION_ATTRIBUTES};
use lucia_core::{
    AdapterErrorKind as Kind, AdapterResult, SessionAdapter, SessionId, SessionSchema, SessionUpdate, UnixMillis,
    UserAdapter, UserId, async_trait,
};

use super::{
    fail, mistaken,
    mutant::{Bug, Mutant},
    oldest,
    users::{columns_of, normalised, without_empty_text},
};

#[async_trait]
impl SessionAdapter for Mutant {
    async fn get_session(&self, id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
        let found = self.sound.get_session(id).await?;
        if self.bug != Bug::EmptyTextIsNull {
            return Ok(found);
        }
        Ok(found.map(|session| {
            let attributes = without_empty_text(session.attributes());
            session.with_attributes(attributes).unwrap()
        }))
    }

    async fn get_sessions(&self, ids: &[SessionId]) -> AdapterResult<Vec<SessionSchema>> {
        let mut sessions = Vec::new();
        for id in ids {
            match self.get_session(id).await? {
                Some(session) => sessions.push(session),
                None if self.bug == Bug::SeveralReadsStopAtAnUnknown => break,
                None => {}
            }
        }
        Ok(sessions)
    }

    async fn get_first_session(&self, ids: &[SessionId]) -> AdapterResult<Option<SessionSchema>> {
        let mut ids = ids.to_vec();
        if self.bug == Bug::FirstReadsTakeTheLast {
            ids.reverse();
        }
        for id in &ids {
            if let Some(session) = self.get_session(id).await? {
                return Ok(Some(session));
            }
        }
        Ok(None)
    }

    async fn get_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>> {
        if self.bug == Bug::ListsOfUnknownUsersFail && self.sound.get_user(user_id).await?.is_none() {
            return fail(Kind::InvalidUserId);
        }
        self.sound.get_sessions_by_user_id(user_id).await
    }

    async fn set_session(&self, session: &SessionSchema) -> AdapterResult<()> {
        self.check_owner(&session.user_id).await?;
        match self.bug {
            Bug::P3AnyForeignKeyIsTheUser => match self.sound.set_session(session).await {
                Err(error) if error.attribute() == Some(APPROVED_BY) => fail(Kind::InvalidUserId),
                outcome => outcome,
            },
            Bug::P4DuplicateSessionIsAFailure => {
                mistaken(self.sound.set_session(session).await, Kind::DuplicateSessionId, Kind::Backend)
            }
            Bug::S2AnyNameIsAColumn => {
                let known = columns_of(session.attributes(), SESSION_ATTRIBUTES);
                self.sound.set_session(&session.clone().with_attributes(known).unwrap()).await
            }
            Bug::NamesAreNormalised => {
                let attributes = normalised(session.attributes());
                self.sound.set_session(&session.clone().with_attributes(attributes).unwrap()).await
            }
            _ => self.sound.set_session(session).await,
        }
    }

    async fn update_session(&self, id: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        match self.bug {
            Bug::P1UpdateOfNothingIsAFailure => {
                mistaken(self.sound.update_session(id, update).await, Kind::InvalidSessionId, Kind::Backend)
            }
            Bug::S1EmptyUpdateFails if update.is_empty() => fail(Kind::Backend),
            Bug::RenewalIsNotWritten if update.active_expires.is_some() && update.idle_expires.is_some() => {
                self.sound.update_session(id, &SessionUpdate::default()).await
            }
            Bug::S2AnyNameIsAColumn => {
                let known = columns_of(update.attributes(), SESSION_ATTRIBUTES);
                self.sound.update_session(id, &update.clone().with_attributes(known).unwrap()).await
            }
            _ => self.sound.update_session(id, update).await,
        }
    }

    async fn delete_session(&self, id: &SessionId) -> AdapterResult<()> {
        if self.bug == Bug::P5DeleteTwiceFails && self.sound.get_session(id).await?.is_none() {
            return fail(Kind::Backend);
        }
        self.sound.delete_session(id).await
    }

    async fn delete_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        self.sound.delete_sessions_by_user_id(user_id).await
    }

    async fn delete_expired_sessions(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        match self.bug {
            Bug::DeleteExpiredTakesTheBoundary => {
                self.sound.delete_expired_sessions(UnixMillis::new(now.get() + 1), limit).await
            }
            Bug::DeleteExpiredStopsEarly => {
                self.sound.delete_expired_sessions(UnixMillis::new(now.get() - 1), limit).await
            }
            Bug::DeleteExpiredIgnoresTheLimit => self.sound.delete_expired_sessions(now, usize::MAX).await,
            _ => self.sound.delete_expired_sessions(now, limit).await,
        }
    }

    async fn delete_other_sessions(&self, user_id: &UserId, keep: &SessionId) -> AdapterResult<()> {
        self.sound.delete_other_sessions(user_id, keep).await
    }

    async fn delete_oldest_sessions(
        &self,
        user_id: &UserId,
        keep: &SessionId,
        created_at: &str,
        max: usize,
    ) -> AdapterResult<()> {
        oldest::delete(self, user_id, keep, created_at, max).await
    }

    async fn rotate_session(&self, old: &SessionId, new: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        let stored = self.sound.get_session(old).await?;
        tokio::task::yield_now().await;
        let rotated = self.sound.rotate_session(old, new, update).await;
        match (self.bug, stored) {
            (Bug::RotationOfNothingIsAFailure, _) => mistaken(rotated, Kind::InvalidSessionId, Kind::Backend),
            (Bug::RotationKeepsTheOldId, Some(stored)) if rotated.is_ok() => self.sound.set_session(&stored).await,
            _ => rotated,
        }
    }
}
