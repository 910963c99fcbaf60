//! Converts rows for a client, and decides about rows that cannot be read.

use lucia_core::{AdapterErrorKind, SessionId, SessionSchema, UnixMillis, UserId, UserSchema};

use super::Auth;
use crate::{Error, Session, SessionState, cookie::is_session_id};

/// A session with its user.
pub(super) type Rows = (SessionSchema, UserSchema);

impl<U, S> Auth<U, S> {
    /// Returns a live session and its user.
    pub(super) async fn get_live_rows(&self, session_id: &SessionId, now: UnixMillis) -> Result<Rows, Error> {
        // Reject malformed ids before querying the store.
        if !is_session_id(session_id.as_str()) {
            return Err(Error::InvalidSessionId { source: None });
        }
        let rows = self.adapter().get_session_and_user(session_id).await;
        let rows = rows.map_err(|error| self.unreadable(None, error.into()))?;
        rows.filter(|rows| self.is_live(rows, now)).ok_or(Error::InvalidSessionId { source: None })
    }

    /// Returns the sessions that are live or cannot be read, in the order of the ids.
    pub(super) async fn get_several_live_rows(
        &self,
        session_ids: &[SessionId],
        now: UnixMillis,
    ) -> Result<Vec<Result<Rows, Error>>, Error> {
        let mut found = match self.adapter().get_sessions_and_users(session_ids).await {
            Ok(found) => found,
            Err(error) if error.kind() == AdapterErrorKind::Decode => return Ok(self.get_each(session_ids, now).await),
            Err(error) => return Err(error.into()),
        };
        found.retain(|rows| self.is_live(rows, now));
        found.sort_by_key(|(session, _)| session_ids.iter().position(|id| *id == session.id));
        Ok(found.into_iter().map(Ok).collect())
    }

    /// Reads each session separately, because one cannot be read.
    async fn get_each(&self, session_ids: &[SessionId], now: UnixMillis) -> Vec<Result<Rows, Error>> {
        let mut found = Vec::with_capacity(session_ids.len());
        for session_id in session_ids {
            found.push(self.get_live_rows(session_id, now).await);
        }
        found
    }

    fn is_live(&self, (session, _): &Rows, now: UnixMillis) -> bool {
        now <= self.lifetime().of(session).idle
    }

    /// Converts rows that were read for a client.
    pub(super) fn readable_session(
        &self,
        (session, user): &Rows,
        fresh: bool,
        now: UnixMillis,
    ) -> Result<Session<U, S>, Error> {
        self.session_at(session, user, fresh, now).map_err(|error| self.unreadable(Some(&user.id), error))
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
        session: &SessionSchema,
        user: &UserSchema,
        fresh: bool,
        now: UnixMillis,
    ) -> Result<Session<U, S>, Error> {
        let expiry = self.lifetime().of(session);
        Ok(Session {
            user: self.transform_database_user(user)?,
            id: session.id.clone(),
            active_period_expires_at: expiry.active,
            idle_period_expires_at: expiry.idle,
            state: if now <= expiry.active { SessionState::Active } else { SessionState::Idle },
            fresh,
            attributes: self.session_attributes(session)?,
        })
    }
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
