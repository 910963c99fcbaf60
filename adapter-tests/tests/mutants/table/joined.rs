//! Bugs of operations on both tables.

use std::sync::PoisonError;

use adapter_tests::schema::COUNTRY;
use lucia_core::{
    Adapter, AdapterErrorKind as Kind, AdapterResult, SessionAdapter, SessionId, SessionSchema, UserAdapter,
    UserSchema, async_trait,
};

use super::{
    fail, mistaken,
    mutant::{Bug, Mutant},
};

#[async_trait]
impl Adapter for Mutant {
    async fn get_session_and_user(&self, id: &SessionId) -> AdapterResult<Option<(SessionSchema, UserSchema)>> {
        if self.bug == Bug::C16OrphansStay {
            let Some(session) = self.sound.get_session(id).await? else { return Ok(None) };
            return Ok(self.sound.get_user(&session.user_id).await?.map(|user| (session, user)));
        }
        let found = self.sound.get_session_and_user(id).await?;
        let Some((session, user)) = found else {
            return if self.bug == Bug::JoinOfNothingFails { fail(Kind::Decode) } else { Ok(None) };
        };
        let theirs = user.attributes().get(COUNTRY).cloned().unwrap_or_default();
        let mut attributes = session.attributes().clone();
        let mut users = user.attributes().clone();
        match self.bug {
            Bug::JoinMixesColumns => drop(attributes.insert(COUNTRY, theirs)),
            Bug::JoinShowsNoAttributes => attributes = lucia_core::Attributes::new(),
            Bug::JoinFillsNulls if theirs.is_null() => {
                let mine = attributes.get(COUNTRY).cloned().unwrap_or_default();
                users.insert(COUNTRY, mine);
            }
            _ => {}
        }
        Ok(Some((session.with_attributes(attributes).unwrap(), user.with_attributes(users).unwrap())))
    }

    async fn get_first_session_and_user(
        &self,
        ids: &[SessionId],
    ) -> AdapterResult<Option<(SessionSchema, UserSchema)>> {
        let Some(session) = self.get_first_session(ids).await? else {
            if self.bug == Bug::UnknownIdsAreCached {
                self.unknown.lock().unwrap_or_else(PoisonError::into_inner).extend(ids.iter().cloned());
            }
            return Ok(None);
        };
        match self.sound.get_user(&session.user_id).await? {
            Some(user) => Ok(Some((session, user))),
            None if self.bug == Bug::SeveralReadsKeepOrphans => Ok(None),
            None => {
                self.sound.delete_session(&session.id).await?;
                Ok(None)
            }
        }
    }

    async fn get_sessions_and_users(&self, ids: &[SessionId]) -> AdapterResult<Vec<(SessionSchema, UserSchema)>> {
        let mut found = match self.bug {
            Bug::SeveralReadsKeepOrphans => {
                let mut found = Vec::new();
                for session in self.get_sessions(ids).await? {
                    found.extend(self.sound.get_user(&session.user_id).await?.map(|user| (session, user)));
                }
                found
            }
            _ => self.sound.get_sessions_and_users(ids).await?,
        };
        if self.bug == Bug::UnknownIdsAreCached {
            let unknown = ids.iter().filter(|id| found.iter().all(|(session, _)| session.id != **id));
            self.unknown.lock().unwrap_or_else(PoisonError::into_inner).extend(unknown.cloned());
        }
        if self.bug == Bug::SeveralReadsMixUsersUp && found.len() > 1 {
            let user = found[0].1.clone();
            found[1].1 = user;
        }
        Ok(found)
    }

    async fn set_session_and_get_user(&self, session: &SessionSchema) -> AdapterResult<UserSchema> {
        match self.bug {
            Bug::C3SessionIsStoredFirst => {
                self.sound.set_session(session).await?;
                match self.sound.get_user(&session.user_id).await? {
                    Some(user) => Ok(user),
                    None => fail(Kind::InvalidUserId),
                }
            }
            Bug::JoinedInsertShowsNoAttributes => {
                let user = self.sound.set_session_and_get_user(session).await?;
                Ok(UserSchema::new(user.id))
            }
            Bug::RefusedSessionUsesUpItsId => {
                if self.unknown.lock().unwrap_or_else(PoisonError::into_inner).contains(&session.id) {
                    return fail(Kind::DuplicateSessionId);
                }
                let outcome = self.sound.set_session_and_get_user(session).await;
                if outcome.is_err() {
                    self.unknown.lock().unwrap_or_else(PoisonError::into_inner).insert(session.id.clone());
                }
                outcome
            }
            Bug::UserIsCheckedBeforeOnly => {
                let Some(user) = self.sound.get_user(&session.user_id).await? else {
                    return fail(Kind::InvalidUserId);
                };
                for _ in 0..8 {
                    tokio::task::yield_now().await;
                }
                self.sound.set_session(session).await?;
                Ok(user)
            }
            Bug::P4DuplicateSessionIsAFailure => {
                mistaken(self.sound.set_session_and_get_user(session).await, Kind::DuplicateSessionId, Kind::Backend)
            }
            _ => self.sound.set_session_and_get_user(session).await,
        }
    }
}
