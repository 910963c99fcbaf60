use lucia_core::{
    AdapterErrorKind, Attributes, SessionId, SessionSchema, SessionUpdate, UnixMillis, UserId, UserSchema,
};
use serde::Serialize;

use super::{NewSession, Session, SessionState};
use crate::{Auth, Error, cookie::is_session_id, random::random_string};

const SESSION_ID_LENGTH: usize = 40;
/// Enough rows to be worth a statement, and few enough that its lock is short.
const PURGE_BATCH: usize = 500;

/// Sessions.
impl<U, S> Auth<U, S> {
    /// Signs a user in.
    ///
    /// # Errors
    /// [`InvalidUserId`](Error::InvalidUserId), [`DuplicateSessionId`](Error::DuplicateSessionId),
    /// [`MalformedSessionId`](Error::MalformedSessionId), [`InvalidAttribute`](Error::InvalidAttribute) and
    /// [`Attributes`](Error::Attributes). Nothing is stored then.
    ///
    /// ```
    /// use lucia::{Auth, NewSession, NewUser, memory::MemoryAdapter};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let auth = Auth::builder(MemoryAdapter::new()).build()?;
    /// let user = auth.create_user(NewUser::new()).await?;
    /// let session = auth.create_session(NewSession::new(user.user_id)).await?;
    /// let cookie = auth.create_session_cookie(Some(&session));
    /// assert_eq!(cookie.value(), session.session_id.as_str());
    /// # Ok(()) }
    /// ```
    pub async fn create_session(&self, session: NewSession) -> Result<Session<U, S>, Error> {
        let id = match session.id {
            Some(id) if is_session_id(id.as_str()) => id,
            Some(_) => return Err(Error::MalformedSessionId),
            None => SessionId::new(random_string(SESSION_ID_LENGTH)?),
        };
        let now = self.now();
        let attributes = self.lifetime().start(session.attributes?, now);
        let expiry = self.lifetime().renew(&attributes, now);
        let row = SessionSchema::new(id, session.user_id, expiry.active, expiry.idle).with_attributes(attributes)?;
        // What does not fit `S` must not be stored.
        self.session_attributes(&row)?;
        let user = self.adapter().set_session_and_get_user(&row).await?;
        tracing::debug!(user_id = %row.user_id, "session created");
        self.session_at(&row, &user, false, now)
    }

    /// Reads a session that is alive, without renewing it.
    ///
    /// # Errors
    /// [`InvalidSessionId`](Error::InvalidSessionId) if there is none, if it has expired, or if its user is gone.
    pub async fn get_session(&self, session_id: &SessionId) -> Result<Session<U, S>, Error> {
        let now = self.now();
        let (session, user) = self.get_live_rows(session_id, now).await?;
        self.session_at(&session, &user, false, now)
    }

    /// Reads a session that is alive, and renews it if it is idle: it is active and [`fresh`](Session::fresh) then.
    ///
    /// An active session takes one read. Of many requests that find it idle at once, one writes.
    ///
    /// # Errors
    /// [`InvalidSessionId`](Error::InvalidSessionId) if there is none, if it has expired, or if its user is gone.
    pub async fn validate_session(&self, session_id: &SessionId) -> Result<Session<U, S>, Error> {
        let now = self.now();
        let (mut session, user) = self.get_live_rows(session_id, now).await?;
        if now <= self.lifetime().of(&session).active {
            return self.session_at(&session, &user, false, now);
        }
        let renewal = self.lifetime().renewal(&session, self.lifetime().renew(session.attributes(), now), now);
        match self.adapter().update_session(session_id, &renewal).await {
            Ok(()) => {
                session.apply(&renewal);
                tracing::debug!(user_id = %user.id, "session renewed");
                self.session_at(&session, &user, true, now)
            }
            // Another request renewed it first: what it wrote is as good.
            Err(error) if error.kind() == AdapterErrorKind::Conflict => {
                let (session, user) = self.get_live_rows(session_id, now).await?;
                self.session_at(&session, &user, true, now)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Reads all sessions of a user that are alive, in no particular order.
    ///
    /// # Errors
    /// [`InvalidUserId`](Error::InvalidUserId).
    pub async fn get_all_user_sessions(&self, user_id: &UserId) -> Result<Vec<Session<U, S>>, Error> {
        let user = self.get_user_row(user_id).await?;
        let now = self.now();
        let sessions = self.adapter().get_sessions_by_user_id(user_id).await?;
        let alive = sessions.iter().filter(|session| now <= self.lifetime().of(session).idle);
        alive.map(|session| self.session_at(session, &user, false, now)).collect()
    }

    /// Sets some attributes of a session and reads it. A field that serialises to null is set to null.
    ///
    /// # Errors
    /// [`InvalidSessionId`](Error::InvalidSessionId), [`InvalidAttribute`](Error::InvalidAttribute) and
    /// [`Attributes`](Error::Attributes).
    pub async fn update_session_attributes(
        &self,
        session_id: &SessionId,
        attributes: &(impl Serialize + Sync + ?Sized),
    ) -> Result<Session<U, S>, Error> {
        let attributes = Attributes::from_serialize(attributes)?;
        self.lifetime().check_update(&attributes)?;
        let update = SessionUpdate::default().with_attributes(attributes)?;
        self.adapter().update_session(session_id, &update).await?;
        self.get_session(session_id).await
    }

    /// Signs a session out. An unknown id is no error, the empty one included (bug C23).
    ///
    /// # Errors
    /// [`Adapter`](Error::Adapter): the session may still be alive.
    pub async fn invalidate_session(&self, session_id: &SessionId) -> Result<(), Error> {
        if session_id.as_str().is_empty() {
            return Ok(());
        }
        self.adapter().delete_session(session_id).await?;
        tracing::debug!("session invalidated");
        Ok(())
    }

    /// Signs a user out everywhere. An unknown user is no error.
    ///
    /// # Errors
    /// [`Adapter`](Error::Adapter): some sessions may still be alive.
    pub async fn invalidate_all_user_sessions(&self, user_id: &UserId) -> Result<(), Error> {
        self.adapter().delete_sessions_by_user_id(user_id).await?;
        tracing::debug!(%user_id, "all sessions invalidated");
        Ok(())
    }

    /// Signs a user out everywhere else: all sessions but `keep` end.
    ///
    /// # Errors
    /// [`Adapter`](Error::Adapter): some sessions may still be alive.
    ///
    /// ```
    /// use lucia::{Auth, NewSession, NewUser, memory::MemoryAdapter};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let auth = Auth::builder(MemoryAdapter::new()).build()?;
    /// let id = auth.create_user(NewUser::new()).await?.user_id;
    /// let this = auth.create_session(NewSession::new(id.clone())).await?;
    /// let other = auth.create_session(NewSession::new(id.clone())).await?;
    /// auth.invalidate_other_user_sessions(&id, &this.session_id).await?;
    /// assert!(auth.validate_session(&this.session_id).await.is_ok());
    /// assert!(auth.validate_session(&other.session_id).await.is_err());
    /// # Ok(()) }
    /// ```
    pub async fn invalidate_other_user_sessions(&self, user_id: &UserId, keep: &SessionId) -> Result<(), Error> {
        self.adapter().delete_other_sessions(user_id, keep).await?;
        tracing::debug!(%user_id, "other sessions invalidated");
        Ok(())
    }

    /// Deletes the sessions of a user that have expired.
    ///
    /// # Errors
    /// [`Adapter`](Error::Adapter).
    pub async fn delete_dead_user_sessions(&self, user_id: &UserId) -> Result<(), Error> {
        let now = self.now();
        for session in self.adapter().get_sessions_by_user_id(user_id).await? {
            if now > self.lifetime().of(&session).idle {
                self.adapter().delete_session(&session.id).await?;
            }
        }
        Ok(())
    }

    /// Deletes the expired sessions of all users, some hundred at a time, and returns how many there were. Call it now and
    /// then where the store does not expire records by itself, as no SQL database does.
    ///
    /// # Errors
    /// [`Adapter`](Error::Adapter): some expired sessions are still stored.
    pub async fn delete_expired_sessions(&self) -> Result<usize, Error> {
        let now = self.now();
        let mut total = 0;
        loop {
            let deleted = self.adapter().delete_expired_sessions(now, PURGE_BATCH).await?;
            total += deleted;
            if deleted < PURGE_BATCH {
                tracing::debug!(total, "expired sessions deleted");
                return Ok(total);
            }
        }
    }

    /// Gives a session a new id, new periods and the same attributes: after a change of rights, for example. The new one
    /// exists before the old one goes, and a revocation at the same time ends both.
    ///
    /// The result is [`fresh`](Session::fresh): set its cookie.
    ///
    /// # Errors
    /// [`InvalidSessionId`](Error::InvalidSessionId) if there is none that is alive.
    pub async fn rotate_session(&self, session_id: &SessionId) -> Result<Session<U, S>, Error> {
        let now = self.now();
        let (mut session, user) = self.get_live_rows(session_id, now).await?;
        let expiry = self.lifetime().renew(session.attributes(), now);
        let new = SessionId::new(random_string(SESSION_ID_LENGTH)?);
        let update = SessionUpdate::renewal(expiry.active, expiry.idle);
        self.adapter().rotate_session(session_id, &new, &update).await?;
        tracing::debug!(user_id = %user.id, "session rotated");
        session.id = new;
        session.apply(&update);
        self.session_at(&session, &user, true, now)
    }

    /// The session of rows that the application read itself. It does not refuse a dead one.
    ///
    /// # Errors
    /// [`Attributes`](Error::Attributes) if a row does not fit `U` or `S`.
    pub fn transform_database_session(
        &self,
        session: &SessionSchema,
        user: &UserSchema,
        fresh: bool,
    ) -> Result<Session<U, S>, Error> {
        self.session_at(session, user, fresh, self.now())
    }

    fn session_at(
        &self,
        session: &SessionSchema,
        user: &UserSchema,
        fresh: bool,
        now: UnixMillis,
    ) -> Result<Session<U, S>, Error> {
        let expiry = self.lifetime().of(session);
        Ok(Session {
            user: self.transform_database_user(user)?,
            session_id: session.id.clone(),
            active_period_expires_at: expiry.active,
            idle_period_expires_at: expiry.idle,
            state: if now <= expiry.active { SessionState::Active } else { SessionState::Idle },
            fresh,
            attributes: self.session_attributes(session)?,
        })
    }

    async fn get_live_rows(
        &self,
        session_id: &SessionId,
        now: UnixMillis,
    ) -> Result<(SessionSchema, UserSchema), Error> {
        // What no cookie of ours holds is no reason to ask the store (bug C26).
        if !is_session_id(session_id.as_str()) {
            return Err(Error::InvalidSessionId);
        }
        let rows = self.adapter().get_session_and_user(session_id).await?;
        rows.filter(|(session, _)| now <= self.lifetime().of(session).idle).ok_or(Error::InvalidSessionId)
    }
}
