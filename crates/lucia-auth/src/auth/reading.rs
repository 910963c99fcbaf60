//! Converts rows for a client, and decides about rows that cannot be read.

use lucia_core::{
    AdapterErrorKind, AdapterResult, SessionId, SessionSchema, SessionToken, UnixMillis, UserId, UserSchema,
};

use super::Auth;
use crate::{Error, Session, SessionInfo, SessionState, cookie::is_session_token, session::ReadAt};

/// A session with its user.
pub(super) type Rows = (SessionSchema, UserSchema);

impl<U, S> Auth<U, S> {
    /// Returns the live session of a token, and its user.
    pub(super) async fn get_live_rows(&self, token: &SessionToken, now: UnixMillis) -> Result<Rows, Error> {
        // Reject malformed tokens before querying the store.
        if !is_session_token(token.as_str()) {
            return Err(Error::InvalidSessionId { source: None });
        }
        let rows = self.get_first_rows(&self.session_ids().ids_of(token)).await;
        let rows = rows.map_err(|error| self.unreadable(None, error.into()))?;
        rows.filter(|rows| self.is_live(rows, now)).ok_or(Error::InvalidSessionId { source: None })
    }

    /// Returns the live session with a stored id, or with the id that replaced it meanwhile.
    pub(super) async fn get_live_rows_by_id(&self, id: &SessionId, now: UnixMillis) -> Result<Rows, Error> {
        if !is_session_token(id.as_str()) {
            return Err(Error::InvalidSessionId { source: None });
        }
        let ids: Vec<_> = self.session_ids().hashed(id).into_iter().chain([id.clone()]).collect();
        let rows = self.get_first_rows(&ids).await?;
        rows.filter(|rows| self.is_live(rows, now)).ok_or(Error::InvalidSessionId { source: None })
    }

    /// Returns the sessions of several tokens that are live or cannot be read, in the order of the tokens.
    pub(super) async fn get_several_live_rows<'a>(
        &self,
        tokens: &'a [SessionToken],
        now: UnixMillis,
    ) -> Result<Vec<(&'a SessionToken, Result<Rows, Error>)>, Error> {
        let ids_of_each: Vec<_> = tokens.iter().map(|token| self.session_ids().ids_of(token)).collect();
        let found = match self.adapter().get_sessions_and_users(&plain_first(&ids_of_each.concat())).await {
            Ok(found) => found,
            Err(error) if error.kind() == AdapterErrorKind::Decode => return Ok(self.get_each(tokens, now).await),
            Err(error) => return Err(error.into()),
        };
        let live = tokens.iter().zip(ids_of_each).filter_map(|(token, ids)| {
            let rows = &found[first_of(&ids, &found)?];
            self.is_live(rows, now).then(|| (token, Ok(rows.clone())))
        });
        Ok(live.collect())
    }

    /// Reads each session separately, because one cannot be read.
    async fn get_each<'a>(
        &self,
        tokens: &'a [SessionToken],
        now: UnixMillis,
    ) -> Vec<(&'a SessionToken, Result<Rows, Error>)> {
        let mut found = Vec::with_capacity(tokens.len());
        for token in tokens {
            found.push((token, self.get_live_rows(token, now).await));
        }
        found
    }

    /// Returns the first of these sessions that exists.
    async fn get_first_rows(&self, ids: &[SessionId]) -> AdapterResult<Option<Rows>> {
        match ids {
            [] => return Ok(None),
            [id] => return self.adapter().get_session_and_user(id).await,
            _ => {}
        }
        let plain_first = plain_first(ids);
        match self.adapter().get_sessions_and_users(&plain_first).await {
            Ok(mut found) => Ok(first_of(ids, &found).map(|index| found.swap_remove(index))),
            // One cannot be read: it counts only if it is the first that exists.
            Err(error) if error.kind() == AdapterErrorKind::Decode => {
                let mut first = Ok(None);
                for id in &plain_first {
                    let found = self.adapter().get_session_and_user(id).await;
                    if !matches!(found, Ok(None)) {
                        first = found;
                    }
                }
                first
            }
            Err(error) => Err(error),
        }
    }

    fn is_live(&self, (session, _): &Rows, now: UnixMillis) -> bool {
        now <= self.lifetime().of(session).idle
    }

    /// Converts rows that were read for a client.
    pub(super) fn readable_session(
        &self,
        token: &SessionToken,
        (session, user): &Rows,
        fresh: bool,
        now: UnixMillis,
    ) -> Result<Session<U, S>, Error> {
        self.session_at(token, session, user, fresh, now).map_err(|error| self.unreadable(Some(&user.id), error))
    }

    /// Returns the error of a session that cannot be read or, if configured, `InvalidSessionId`.
    fn unreadable(&self, user_id: Option<&UserId>, error: Error) -> Error {
        if self.signs_out_unreadable_sessions() && is_unreadable(&error) {
            warn_of_unreadable(user_id, &error);
            return Error::InvalidSessionId { source: None };
        }
        error
    }

    pub(super) fn session_at(
        &self,
        token: &SessionToken,
        session: &SessionSchema,
        user: &UserSchema,
        fresh: bool,
        now: UnixMillis,
    ) -> Result<Session<U, S>, Error> {
        let user = self.transform_database_user(user)?;
        let info = self.session_info_at(session, now)?;
        Ok(Session {
            user,
            token: token.clone(),
            id: info.id,
            active_period_expires_at: info.active_period_expires_at,
            idle_period_expires_at: info.idle_period_expires_at,
            state: info.state,
            fresh,
            created_at: info.created_at,
            authenticated_at: info.authenticated_at,
            attributes: info.attributes,
            read_at: ReadAt(now),
            has_persistent_cookie: self.lifetime().has_persistent_cookie(session.attributes()),
        })
    }

    pub(super) fn session_info_at(&self, session: &SessionSchema, now: UnixMillis) -> Result<SessionInfo<S>, Error> {
        let expiry = self.lifetime().of(session);
        Ok(SessionInfo {
            user_id: session.user_id.clone(),
            id: session.id.clone(),
            active_period_expires_at: expiry.active,
            idle_period_expires_at: expiry.idle,
            state: if now <= expiry.active { SessionState::Active } else { SessionState::Idle },
            created_at: self.lifetime().created_at(session.attributes()),
            authenticated_at: self.lifetime().authenticated_at(session.attributes()),
            attributes: self.session_attributes(session)?,
        })
    }
}

/// Returns the ids in the order in which they are read. A session that moves is stored under its hash before its plain
/// id is deleted, so a store that reads one after the other finds it.
fn plain_first(ids: &[SessionId]) -> Vec<SessionId> {
    ids.iter().rev().cloned().collect()
}

/// Returns the index of the first of these sessions that was found. A store returns them in any order.
fn first_of(ids: &[SessionId], found: &[Rows]) -> Option<usize> {
    ids.iter().find_map(|id| found.iter().position(|(session, _)| session.id == *id))
}

/// Returns `true` for a row that exists but does not fit its type.
pub(super) fn is_unreadable(error: &Error) -> bool {
    match error {
        Error::Attributes(_) => true,
        Error::Adapter(error) => error.kind() == AdapterErrorKind::Decode,
        _ => false,
    }
}

/// Logs a session that cannot be read, because of a migration or a changed type, for the operator.
pub(super) fn warn_of_unreadable(user_id: Option<&UserId>, error: &Error) {
    let user_id = user_id.map(tracing::field::display);
    tracing::warn!(user_id, error = error as &dyn std::error::Error, "unreadable session omitted");
}
