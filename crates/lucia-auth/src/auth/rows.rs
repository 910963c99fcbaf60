//! Reads sessions with their users.

use std::slice;

use futures_util::future::try_join_all;
use lucia_core::{AdapterErrorKind, AdapterResult, SessionId, SessionSchema, SessionToken, UnixMillis, UserSchema};

use super::Auth;
use crate::{Error, cookie::is_cookie_safe};

/// A session with its user.
pub(super) type Rows = (SessionSchema, UserSchema);

/// The id of a session that exists, and the session or why it cannot be read.
type Found = (SessionId, AdapterResult<Rows>);

impl<U, S> Auth<U, S> {
    /// Returns the live session of a token, and its user: only the id of the user if
    /// [configured](crate::AuthBuilder::check_users_only_at_renewal) and the session is active.
    pub(super) async fn get_live_rows(&self, token: &SessionToken, now: UnixMillis) -> Result<Rows, Error> {
        // Reject malformed tokens before querying the store.
        if !is_cookie_safe(token.as_str()) {
            return Err(Error::InvalidSessionId { source: None });
        }
        let rows = self.get_first_rows_at(&self.session_ids().ids_of(token), now).await;
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

    /// Returns the sessions of several tokens that are live or cannot be read, in the order of the tokens, with their users
    /// like [`get_live_rows`](Self::get_live_rows).
    pub(super) async fn get_several_live_rows<'a>(
        &self,
        tokens: &'a [SessionToken],
        now: UnixMillis,
    ) -> Result<Vec<(&'a SessionToken, Result<Rows, Error>)>, Error> {
        let ids_of_each: Vec<_> = tokens.iter().map(|token| self.session_ids().ids_of(token)).collect();
        let mut found = self.get_each(&ids_of_each.concat(), now).await?;
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

    /// Returns the first of these sessions that exists, for a validation.
    async fn get_first_rows_at(&self, ids: &[SessionId], now: UnixMillis) -> AdapterResult<Option<Rows>> {
        if !self.checks_users_only_at_renewal() {
            return self.get_first_rows(ids).await;
        }
        let session = match ids {
            [] => None,
            [id] => self.adapter().get_session(id).await?,
            ids => self.adapter().get_first_session(ids).await?,
        };
        match session {
            Some(session) => self.with_user_at(session, now).await,
            None => Ok(None),
        }
    }

    /// Returns those of these sessions that exist, in any order, for a validation.
    async fn get_all_rows_at(&self, ids: &[SessionId], now: UnixMillis) -> AdapterResult<Vec<Rows>> {
        if !self.checks_users_only_at_renewal() {
            return self.adapter().get_sessions_and_users(ids).await;
        }
        let sessions = self.adapter().get_sessions(ids).await?;
        // As many as a request has cookies, each of which may have two ids.
        let found = try_join_all(sessions.into_iter().map(|session| self.with_user_at(session, now))).await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// Returns an idle session with its user, and any other with the id of its user. Deletes an idle one without a user.
    ///
    /// A session that is not active is about to be renewed, so one whose user was deleted is never renewed.
    async fn with_user_at(&self, session: SessionSchema, now: UnixMillis) -> AdapterResult<Option<Rows>> {
        let expiry = self.lifetime().of(&session);
        if now <= expiry.active || expiry.idle < now {
            let user = UserSchema::new(session.user_id.clone());
            return Ok(Some((session, user)));
        }
        match self.adapter().get_user(&session.user_id).await? {
            Some(user) => Ok(Some((session, user))),
            None => {
                self.adapter().delete_session(&session.id).await?;
                Ok(None)
            }
        }
    }

    /// Returns those of these sessions that exist, in any order. A value that cannot be read is the error of its session
    /// alone.
    ///
    /// A session that moves is stored under its hash before its plain id is deleted, so the ids are read in reverse:
    /// a store that reads one after the other finds it.
    async fn get_each(&self, ids: &[SessionId], now: UnixMillis) -> AdapterResult<Vec<Found>> {
        match ids {
            [] => return Ok(Vec::new()),
            [id] => return Ok(self.get_one(id, now).await?.into_iter().collect()),
            _ => {}
        }
        let plain_first: Vec<_> = ids.iter().rev().cloned().collect();
        match self.get_all_rows_at(&plain_first, now).await {
            Ok(found) => Ok(found.into_iter().map(|rows| (rows.0.id.clone(), Ok(rows))).collect()),
            Err(error) if error.kind() == AdapterErrorKind::Decode => {
                let mut found = Vec::new();
                for id in &plain_first {
                    found.extend(self.get_one(id, now).await?);
                }
                Ok(found)
            }
            Err(error) => Err(error),
        }
    }

    async fn get_one(&self, id: &SessionId, now: UnixMillis) -> AdapterResult<Option<Found>> {
        match self.get_first_rows_at(slice::from_ref(id), now).await {
            Err(error) if error.kind() != AdapterErrorKind::Decode => Err(error),
            rows => Ok(rows.transpose().map(|rows| (id.clone(), rows))),
        }
    }

    fn is_live(&self, (session, _): &Rows, now: UnixMillis) -> bool {
        now <= self.lifetime().of(session).idle
    }
}

/// Takes the first of these sessions that was found.
fn take_first(ids: &[SessionId], found: &mut Vec<Found>) -> Option<AdapterResult<Rows>> {
    let index = ids.iter().find_map(|id| found.iter().position(|(found, _)| found == id))?;
    Some(found.swap_remove(index).1)
}
