//! Converts rows for a client, and decides about rows that cannot be read.

use lucia_core::{AdapterErrorKind, SessionSchema, SessionToken, UnixMillis, UserId};

use super::{Auth, rows::Rows};
use crate::{Error, Session, SessionInfo, SessionState, User, session::ReadAt};

impl<U, S> Auth<U, S> {
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
    pub(super) fn unreadable(&self, user_id: Option<&UserId>, error: Error) -> Error {
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
