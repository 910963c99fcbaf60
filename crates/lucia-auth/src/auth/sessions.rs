use std::collections::HashSet;

use lucia_core::{
    AdapterErrorKind, AdapterResult, Attributes, SessionId, SessionSchema, SessionToken, SessionUpdate, UnixMillis,
    UserId, UserSchema,
};
use serde::Serialize;

use super::{
    Auth,
    new_session::new_session_token,
    reading::{is_unreadable, warn_of_unreadable},
    rows::Rows,
};
use crate::{Error, Session, SessionInfo, cookie::is_cookie_safe, lifetime::Lifetime, session_ids::SessionIds};

/// How often a session with a plain id is moved while it changes, or other requests move it.
const MOVE_ATTEMPTS: usize = 4;

/// The result of a validation.
pub(super) struct Validated<U, S> {
    pub(super) session: Session<U, S>,
    /// Whether the session was stored so recently that the client may not have its cookie yet.
    pub(super) was_stored_recently: bool,
}

/// Sessions.
impl<U, S> Auth<U, S> {
    /// Returns the live session of a token, without renewing it.
    ///
    /// # Errors
    /// Returns [`InvalidSessionId`](Error::InvalidSessionId) if the session does not exist or has expired, or if its
    /// user does not exist.
    pub async fn get_session(&self, token: &SessionToken) -> Result<Session<U, S>, Error> {
        let now = self.now();
        let rows = self.get_live_rows(token, now).await?;
        self.readable_session(token, rows, false, now)
    }

    /// Returns the live session of a token, and renews it if it is idle; it is then active and [`fresh`](Session::fresh).
    ///
    /// An active session takes one read. Of many requests that find it idle in parallel, one writes.
    ///
    /// # Errors
    /// Returns [`InvalidSessionId`](Error::InvalidSessionId) if the session does not exist or has expired, or if its
    /// user does not exist.
    pub async fn validate_session(&self, token: &SessionToken) -> Result<Session<U, S>, Error> {
        let now = self.now();
        let rows = self.get_live_rows(token, now).await?;
        Ok(self.renew_if_idle(token, rows, now).await?.session)
    }

    /// Validates the first of these sessions that is live and can be read.
    pub(super) async fn validate_any_session(&self, tokens: &[SessionToken]) -> Result<Validated<U, S>, Error> {
        let now = self.now();
        if let [token] = tokens {
            let rows = self.get_live_rows(token, now).await?;
            return self.renew_if_idle(token, rows, now).await;
        }
        let mut unreadable = None;
        for (token, rows) in self.get_several_live_rows(tokens, now).await? {
            let validated = match rows {
                Ok(rows) => self.renew_if_idle(token, rows, now).await,
                Err(error) => Err(error),
            };
            match validated {
                Err(Error::InvalidSessionId { .. }) => {}
                Err(error) if is_unreadable(&error) => drop(unreadable.get_or_insert(error)),
                result => return result,
            }
        }
        Err(unreadable.unwrap_or(Error::InvalidSessionId { source: None }))
    }

    async fn renew_if_idle(
        &self,
        token: &SessionToken,
        mut rows: Rows,
        now: UnixMillis,
    ) -> Result<Validated<U, S>, Error> {
        if now <= self.lifetime().of(&rows.0).active {
            let was_stored_recently = self.lifetime().was_stored_recently(&rows.0, now);
            let session = self.readable_session(token, rows, false, now)?;
            return Ok(Validated { session, was_stored_recently });
        }
        // A session that cannot be read is not renewed.
        self.readable_attributes(&rows)?;
        let (session, user) = &mut rows;
        let renewal = self.lifetime().renewal(session, now).with_expected_idle_expires(session.idle_expires);
        match self.renew(session, &renewal).await {
            Ok(()) => tracing::debug!(user_id = %user.id, "session renewed"),
            // Another request renewed it first, with the same effect.
            Err(error) if error.kind() == AdapterErrorKind::Conflict => rows = self.get_live_rows(token, now).await?,
            Err(error) => return Err(error.into()),
        }
        Ok(Validated { session: self.readable_session(token, rows, true, now)?, was_stored_recently: true })
    }

    /// Stores a renewal, and replaces a plain id by its hash.
    async fn renew(&self, session: &mut SessionSchema, renewal: &SessionUpdate) -> AdapterResult<()> {
        let Some(hashed) = self.session_ids().hashed(&session.id) else {
            self.adapter().update_session(&session.id, renewal).await?;
            session.apply(renewal);
            return Ok(());
        };
        match self.adapter().rotate_session(&session.id, &hashed, renewal).await {
            Ok(()) => {
                session.id = hashed;
                session.apply(renewal);
                Ok(())
            }
            Err(error) if was_replaced(error.kind()) => Err(AdapterErrorKind::Conflict.into()),
            Err(error) => Err(error),
        }
    }

    /// Returns all live sessions of a user, in no particular order. A session whose row does not fit `S` is omitted
    /// with a warning in the log.
    ///
    /// # Errors
    /// Returns [`InvalidUserId`](Error::InvalidUserId).
    pub async fn get_all_user_sessions(&self, user_id: &UserId) -> Result<Vec<SessionInfo<S>>, Error> {
        self.get_user_row(user_id).await?;
        let now = self.now();
        let sessions = self.adapter().get_sessions_by_user_id(user_id).await?;
        let ids: HashSet<_> = sessions.iter().map(|session| &session.id).collect();
        // If the move of a session was interrupted, the hash counts.
        let is_stored_twice = |id| self.session_ids().hashed(id).is_some_and(|hashed| ids.contains(&hashed));
        let live = sessions.iter().filter(|session| now <= self.lifetime().of(session).idle);
        let live = live.filter(|session| !is_stored_twice(&session.id));
        Ok(live
            .filter_map(|session| match self.session_info_at(session, now) {
                Ok(session) => Some(session),
                Err(error) => {
                    warn_of_unreadable(Some(user_id), &error);
                    None
                }
            })
            .collect())
    }

    /// Sets some attributes of a session and returns it. A field that serialises to null is set to null.
    ///
    /// # Errors
    /// Returns [`InvalidSessionId`](Error::InvalidSessionId), [`InvalidAttribute`](Error::InvalidAttribute) or
    /// [`Attributes`](Error::Attributes).
    pub async fn update_session_attributes(
        &self,
        session_id: &SessionId,
        attributes: &(impl Serialize + Sync + ?Sized),
    ) -> Result<SessionInfo<S>, Error> {
        let attributes = Attributes::from_serialize(attributes)?;
        self.lifetime().check_update(&attributes)?;
        let update = SessionUpdate::default().with_attributes(attributes)?;
        if !is_cookie_safe(session_id.as_str()) {
            return Err(Error::InvalidSessionId { source: None });
        }
        if let Err(error) = self.adapter().update_session(session_id, &update).await {
            // A parallel renewal may have replaced a plain id.
            match self.session_ids().hashed(session_id) {
                Some(hashed) if error.kind() == AdapterErrorKind::InvalidSessionId => {
                    self.adapter().update_session(&hashed, &update).await?;
                }
                _ => return Err(error.into()),
            }
        }
        let now = self.now();
        let (session, _) = self.get_live_rows_by_id(session_id, now).await?;
        self.session_info_at(&session, now)
    }

    /// Replaces a session's token and renews it, for example after a change of privileges. The new session exists before
    /// the old one is deleted, and a parallel revocation ends both.
    ///
    /// The result is [`fresh`](Session::fresh): set its cookie.
    ///
    /// # Errors
    /// Returns [`InvalidSessionId`](Error::InvalidSessionId) if the session does not exist or has expired.
    pub async fn rotate_session(&self, session_id: &SessionId) -> Result<Session<U, S>, Error> {
        self.rotate(session_id, Lifetime::renewal).await
    }

    pub(super) async fn rotate(
        &self,
        session_id: &SessionId,
        update: impl FnOnce(&Lifetime, &SessionSchema, UnixMillis) -> SessionUpdate + Send,
    ) -> Result<Session<U, S>, Error> {
        let now = self.now();
        let session_id = self.settled(session_id).await?;
        let (mut session, user) = self.get_live_rows_by_id(&session_id, now).await?;
        let token = new_session_token()?;
        let new = self.session_ids().new_id(&token);
        let update = update(self.lifetime(), &session, now);
        let plain = self.plain_ids_of(&session_id, &session.user_id).await?;
        self.adapter().rotate_session(&session_id, &new, &update).await?;
        for id in &plain {
            self.adapter().delete_session(id).await?;
        }
        tracing::debug!(user_id = %user.id, "session rotated");
        session.id = new;
        session.apply(&update);
        self.session_at(&token, (session, user), true, now)
    }

    /// Replaces a plain id by its hash, so that no parallel renewal does, and returns the hash.
    pub(super) async fn settled(&self, id: &SessionId) -> Result<SessionId, Error> {
        let Some(hashed) = self.session_ids().hashed(id).filter(|_| is_cookie_safe(id.as_str())) else {
            return Ok(id.clone());
        };
        let mut retries = 1..MOVE_ATTEMPTS;
        loop {
            let Err(error) = self.adapter().rotate_session(id, &hashed, &SessionUpdate::default()).await else {
                return Ok(hashed);
            };
            match error.kind() {
                // It has moved, unless it has ended.
                AdapterErrorKind::InvalidSessionId => return Ok(hashed),
                // It changed, or a parallel request is moving it.
                AdapterErrorKind::Conflict | AdapterErrorKind::DuplicateSessionId if retries.next().is_some() => {}
                // An earlier move was interrupted: the hash counts.
                AdapterErrorKind::DuplicateSessionId
                    if self.adapter().get_session_and_user(&hashed).await?.is_some() =>
                {
                    return Ok(hashed);
                }
                _ => return Err(error.into()),
            }
        }
    }

    /// Returns the plain ids under which the session of a hash is stored as well, because its move was interrupted.
    pub(super) async fn plain_ids_of(&self, hashed: &SessionId, user_id: &UserId) -> Result<Vec<SessionId>, Error> {
        if self.session_ids() != SessionIds::HashedAndPlain {
            return Ok(Vec::new());
        }
        let sessions = self.adapter().get_sessions_by_user_id(user_id).await?;
        let ids = sessions.into_iter().map(|session| session.id);
        Ok(ids.filter(|id| self.session_ids().hashed(id).as_ref() == Some(hashed)).collect())
    }

    /// Converts rows that the application read itself: Lucia's `transformDatabaseSession`. Accepts an expired session.
    ///
    /// `token` is the one that the client presented; its session has one of its [ids](Self::session_ids_of_token).
    ///
    /// # Errors
    /// Returns [`InvalidSessionId`](Error::InvalidSessionId) if the session is not the token's or not the user's, or
    /// [`Attributes`](Error::Attributes) if a row does not fit `U` or `S`.
    pub fn transform_database_session(
        &self,
        token: &SessionToken,
        session: &SessionSchema,
        user: &UserSchema,
        fresh: bool,
    ) -> Result<Session<U, S>, Error> {
        if session.user_id != user.id || !self.session_ids_of_token(token).contains(&session.id) {
            return Err(Error::InvalidSessionId { source: None });
        }
        self.session_at(token, (session.clone(), user.clone()), fresh, self.now())
    }

    /// Returns the ids under which the session of a token may be stored, in the order in which they count. None for a
    /// malformed token.
    ///
    /// An application that reads sessions itself looks these up.
    #[must_use]
    pub fn session_ids_of_token(&self, token: &SessionToken) -> Vec<SessionId> {
        if is_cookie_safe(token.as_str()) { self.session_ids().ids_of(token) } else { Vec::new() }
    }
}

/// Returns `true` if another request replaced the id first.
const fn was_replaced(kind: AdapterErrorKind) -> bool {
    use AdapterErrorKind as Kind;
    matches!(kind, Kind::Conflict | Kind::InvalidSessionId | Kind::DuplicateSessionId)
}
