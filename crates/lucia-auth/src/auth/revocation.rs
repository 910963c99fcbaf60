use lucia_core::{AdapterErrorKind, SessionHandle, SessionId, SessionToken, UserId};

use super::Auth;
use crate::{Error, SessionIds, cookie::is_cookie_safe};

/// Large enough to amortise a statement, small enough to keep its lock short.
const DELETE_BATCH: usize = 500;

/// Signing out, and the deletion of expired sessions.
impl<U, S> Auth<U, S> {
    /// Deletes a session, which signs it out. An unknown id is not an error. A malformed one, such as the empty id, is
    /// not looked up, and not an error either.
    ///
    /// # Errors
    /// Returns [`Adapter`](Error::Adapter) if the store fails. The session may then still be live.
    pub async fn invalidate_session(&self, session_id: &SessionId) -> Result<(), Error> {
        if !is_cookie_safe(session_id.as_str()) {
            return Ok(());
        }
        let ids = match self.session_ids().hashed(session_id) {
            Some(hashed) => vec![session_id.clone(), hashed],
            None => [self.plain_ids_of_stored(session_id).await?, vec![session_id.clone()]].concat(),
        };
        self.delete_each(ids).await
    }

    async fn plain_ids_of_stored(&self, hashed: &SessionId) -> Result<Vec<SessionId>, Error> {
        if self.session_ids() != SessionIds::HashedAndPlain {
            return Ok(Vec::new());
        }
        match self.adapter().get_session(hashed).await {
            Ok(Some(session)) => self.plain_ids_of(hashed, &session.user_id).await,
            Ok(None) => Ok(Vec::new()),
            // Its user is unknown.
            Err(error) if error.kind() == AdapterErrorKind::Decode => Ok(Vec::new()),
            Err(error) => Err(error.into()),
        }
    }

    /// Deletes the session of a token, which signs it out. An unknown or malformed token is not an error.
    ///
    /// # Errors
    /// Returns [`Adapter`](Error::Adapter) if the store fails. The session may then still be live.
    pub async fn invalidate_session_token(&self, token: &SessionToken) -> Result<(), Error> {
        if !is_cookie_safe(token.as_str()) {
            return Ok(());
        }
        let mut ids = self.session_ids().ids_of(token);
        ids.reverse();
        self.delete_each(ids).await
    }

    /// Deletes the session with this handle, if it is the user's, and returns whether there was one.
    ///
    /// A page that lists the user's devices can show handles and receive them in forms, because they are not secret.
    ///
    /// # Errors
    /// Returns [`Adapter`](Error::Adapter) if the store fails. The session may then still be live.
    ///
    /// ```
    /// use lucia_auth::{Auth, NewSession, NewUser, memory::MemoryAdapter};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let auth = Auth::builder(MemoryAdapter::new()).build()?;
    /// let user = auth.create_user(NewUser::new()).await?;
    /// let phone = auth.create_session(NewSession::new(user.id.clone())).await?;
    ///
    /// let from_a_form = phone.handle().to_string();
    /// assert!(auth.invalidate_session_by_handle(&user.id, &from_a_form.parse()?).await?);
    /// assert!(auth.validate_session(&phone.token).await.is_err());
    /// # Ok(()) }
    /// ```
    pub async fn invalidate_session_by_handle(&self, user_id: &UserId, handle: &SessionHandle) -> Result<bool, Error> {
        let sessions = self.adapter().get_sessions_by_user_id(user_id).await?;
        let ids = sessions.into_iter().map(|session| session.id);
        let (hashed, mut ids): (Vec<_>, Vec<_>) = ids.filter(|id| id.handle() == *handle).partition(SessionId::is_hash);
        // A plain session may move meanwhile.
        let moved = ids.first().and_then(|plain| self.session_ids().hashed(plain));
        ids.extend(moved.map_or(hashed, |moved| vec![moved]));
        let found = !ids.is_empty();
        self.delete_each(ids).await?;
        Ok(found)
    }

    /// Deletes the ids of one session. Its plain id comes first: a parallel renewal may replace it by the hash.
    async fn delete_each(&self, ids: Vec<SessionId>) -> Result<(), Error> {
        for id in ids {
            self.adapter().delete_session(&id).await?;
        }
        tracing::debug!("session invalidated");
        Ok(())
    }

    /// Deletes all sessions of a user, which signs them out everywhere. An unknown user is not an error.
    ///
    /// # Errors
    /// Returns [`Adapter`](Error::Adapter) if the store fails. Some sessions may then still be live.
    pub async fn invalidate_all_user_sessions(&self, user_id: &UserId) -> Result<(), Error> {
        self.adapter().delete_sessions_by_user_id(user_id).await?;
        tracing::debug!(%user_id, "all sessions invalidated");
        Ok(())
    }

    /// Deletes all sessions of a user except `keep`, which signs them out everywhere else.
    ///
    /// # Errors
    /// Returns [`Adapter`](Error::Adapter) if the store fails. Some sessions may then still be live.
    ///
    /// ```
    /// use lucia_auth::{Auth, NewSession, NewUser, memory::MemoryAdapter};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let auth = Auth::builder(MemoryAdapter::new()).build()?;
    /// let id = auth.create_user(NewUser::new()).await?.id;
    /// let this = auth.create_session(NewSession::new(id.clone())).await?;
    /// let other = auth.create_session(NewSession::new(id.clone())).await?;
    /// auth.invalidate_other_user_sessions(&id, &this.id).await?;
    /// assert!(auth.validate_session(&this.token).await.is_ok());
    /// assert!(auth.validate_session(&other.token).await.is_err());
    /// # Ok(()) }
    /// ```
    pub async fn invalidate_other_user_sessions(&self, user_id: &UserId, keep: &SessionId) -> Result<(), Error> {
        self.adapter().delete_other_sessions(user_id, &self.settled(keep).await?).await?;
        tracing::debug!(%user_id, "other sessions invalidated");
        Ok(())
    }

    /// Deletes the expired sessions of a user.
    ///
    /// # Errors
    /// Returns [`Adapter`](Error::Adapter) if the store fails. Some of them may then still be stored.
    #[doc(alias = "deleteDeadUserSessions")]
    pub async fn delete_expired_user_sessions(&self, user_id: &UserId) -> Result<(), Error> {
        let now = self.now();
        let mut result = Ok(());
        for session in self.adapter().get_sessions_by_user_id(user_id).await? {
            if now > self.lifetime().of(&session).idle {
                result = result.and(self.adapter().delete_session(&session.id).await);
            }
        }
        Ok(result?)
    }

    /// Deletes the sessions of all users that expired more than 5 minutes ago, in batches of 500, and returns their
    /// number. Call it periodically if the store does not expire records itself, such as a SQL database.
    ///
    /// The clocks of processes differ: a session that has expired for this one may be live for another.
    ///
    /// # Errors
    /// Returns [`Adapter`](Error::Adapter) if the store fails. Some expired sessions may then still be stored.
    pub async fn delete_expired_sessions(&self) -> Result<usize, Error> {
        let before = self.expired_before();
        let mut total = 0;
        loop {
            let deleted = self.adapter().delete_expired_sessions(before, DELETE_BATCH).await?;
            total += deleted;
            if deleted < DELETE_BATCH {
                tracing::debug!(total, "expired sessions deleted");
                return Ok(total);
            }
        }
    }
}
