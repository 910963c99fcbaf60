//! Converts rows for a client, and decides about rows that cannot be read.

use lucia_core::{
    AdapterErrorKind, AdapterResult, SessionId, SessionSchema, SessionToken, UnixMillis, UserId, UserSchema,
};

use super::Auth;
use crate::{Error, Session, SessionInfo, SessionState, User, cookie::is_cookie_safe, session::ReadAt};

/// A session with its user.
pub(super) type Rows = (SessionSchema, UserSchema);

/// The id of a session that exists, and the session or why it cannot be read.
type Found = (SessionId, AdapterResult<Rows>);

impl<U, S> Auth<U, S> {
    /// Returns the live session of a token, and its user.
    pub(super) async fn get_live_rows(&self, token: &SessionToken, now: UnixMillis) -> Result<Rows, Error> {
        // Reject malformed tokens before querying the store.
        if !is_cookie_safe(token.as_str()) {
            return Err(Error::InvalidSessionId { source: None });
        }
        let rows = self.get_first_rows(&self.session_ids().ids_of(token)).await;
        let rows = rows.map_err(|error| self.unreadable(None, error.into()))?;
        rows.filter(|rows| self.is_live(rows, now)).ok_or(Error::InvalidSessionId { source: None })
    }

    /// Returns the live session with a stored id, or with the id that replaced it meanwhile.
    pub(super) async fn get_live_rows_by_id(&self, id: &SessionId, now: UnixMillis) -> Result<Rows, Error> {
        if !is_cookie_safe(id.as_str()) {
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
        let mut found = self.get_each(&ids_of_each.concat()).await?;
        let of_tokens = tokens.iter().zip(ids_of_each).filter_map(|(token, ids)| {
            let rows = take_first(&ids, &mut found)?.map_err(|error| self.unreadable(None, error.into()));
            Some((token, rows))
        });
        Ok(of_tokens.filter(|(_, rows)| !rows.as_ref().is_ok_and(|rows| !self.is_live(rows, now))).collect())
    }

    /// Returns the first of these sessions that exists.
    async fn get_first_rows(&self, ids: &[SessionId]) -> AdapterResult<Option<Rows>> {
        match ids {
            [] => Ok(None),
            [id] => self.adapter().get_session_and_user(id).await,
            ids => self.adapter().get_first_session_and_user(ids).await,
        }
    }

    /// Returns those of these sessions that exist, in any order. A value that cannot be read is the error of its session
    /// alone.
    ///
    /// A session that moves is stored under its hash before its plain id is deleted, so the ids are read in reverse:
    /// a store that reads one after the other finds it.
    async fn get_each(&self, ids: &[SessionId]) -> AdapterResult<Vec<Found>> {
        match ids {
            [] => return Ok(Vec::new()),
            [id] => return Ok(self.get_one(id).await?.into_iter().collect()),
            _ => {}
        }
        let plain_first: Vec<_> = ids.iter().rev().cloned().collect();
        match self.adapter().get_sessions_and_users(&plain_first).await {
            Ok(found) => Ok(found.into_iter().map(|rows| (rows.0.id.clone(), Ok(rows))).collect()),
            Err(error) if error.kind() == AdapterErrorKind::Decode => {
                let mut found = Vec::new();
                for id in &plain_first {
                    found.extend(self.get_one(id).await?);
                }
                Ok(found)
            }
            Err(error) => Err(error),
        }
    }

    async fn get_one(&self, id: &SessionId) -> AdapterResult<Option<Found>> {
        match self.adapter().get_session_and_user(id).await {
            Err(error) if error.kind() != AdapterErrorKind::Decode => Err(error),
            rows => Ok(rows.transpose().map(|rows| (id.clone(), rows))),
        }
    }

    fn is_live(&self, (session, _): &Rows, now: UnixMillis) -> bool {
        now <= self.lifetime().of(session).idle
    }

    /// Converts rows that were read for a client.
    pub(super) fn readable_session(
        &self,
        token: &SessionToken,
        rows: Rows,
        fresh: bool,
        now: UnixMillis,
    ) -> Result<Session<U, S>, Error> {
        let attributes = self.readable_attributes(&rows)?;
        Ok(self.session_of(token, rows, attributes, fresh, now))
    }

    /// Converts the attributes of rows that were read for a client.
    pub(super) fn readable_attributes(&self, rows: &Rows) -> Result<(U, S), Error> {
        self.attributes_of(rows).map_err(|error| self.unreadable(Some(&rows.1.id), error))
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
        rows: Rows,
        fresh: bool,
        now: UnixMillis,
    ) -> Result<Session<U, S>, Error> {
        let attributes = self.attributes_of(&rows)?;
        Ok(self.session_of(token, rows, attributes, fresh, now))
    }

    fn attributes_of(&self, (session, user): &Rows) -> Result<(U, S), Error> {
        Ok((self.user_attributes(user)?, self.session_attributes(session)?))
    }

    fn session_of(
        &self,
        token: &SessionToken,
        (session, user): Rows,
        (user_attributes, session_attributes): (U, S),
        fresh: bool,
        now: UnixMillis,
    ) -> Session<U, S> {
        let lifetime = self.lifetime();
        let expiry = lifetime.of(&session);
        Session {
            user: User { id: user.id, attributes: user_attributes },
            token: token.clone(),
            active_period_expires_at: expiry.active,
            idle_period_expires_at: expiry.idle,
            state: SessionState::at(now, expiry.active),
            fresh,
            created_at: lifetime.created_at(session.attributes()),
            authenticated_at: lifetime.authenticated_at(session.attributes()),
            attributes: session_attributes,
            read_at: ReadAt(now),
            has_persistent_cookie: lifetime.has_persistent_cookie(session.attributes()),
            id: session.id,
        }
    }

    pub(super) fn session_info_at(&self, session: &SessionSchema, now: UnixMillis) -> Result<SessionInfo<S>, Error> {
        let expiry = self.lifetime().of(session);
        Ok(SessionInfo {
            user_id: session.user_id.clone(),
            id: session.id.clone(),
            active_period_expires_at: expiry.active,
            idle_period_expires_at: expiry.idle,
            state: SessionState::at(now, expiry.active),
            created_at: self.lifetime().created_at(session.attributes()),
            last_renewed_at: self.lifetime().last_renewed_at(session),
            authenticated_at: self.lifetime().authenticated_at(session.attributes()),
            attributes: self.session_attributes(session)?,
        })
    }
}

/// Takes the first of these sessions that was found.
fn take_first(ids: &[SessionId], found: &mut Vec<Found>) -> Option<AdapterResult<Rows>> {
    let index = ids.iter().find_map(|id| found.iter().position(|(found, _)| found == id))?;
    Some(found.swap_remove(index).1)
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
