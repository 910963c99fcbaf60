use lucia_core::{SessionId, SessionSchema, SessionToken, UserId, UserSchema};

use super::Auth;
use crate::{Error, NewSession, PreparedSession, Session, cookie::is_cookie_safe, key::Proof, random::random_string};

const SESSION_TOKEN_LENGTH: usize = 40;

/// New sessions.
impl<U, S> Auth<U, S> {
    /// Creates a session, which signs its user in.
    ///
    /// # Errors
    /// Returns [`InvalidUserId`](Error::InvalidUserId), [`DuplicateSessionId`](Error::DuplicateSessionId),
    /// [`MalformedSessionToken`](Error::MalformedSessionToken), [`InvalidAttribute`](Error::InvalidAttribute) or
    /// [`Attributes`](Error::Attributes). A session [`for_key`](NewSession::for_key) also returns
    /// [`InvalidKeyId`](Error::InvalidKeyId) or [`InvalidPassword`](Error::InvalidPassword) if the key has changed
    /// since it was verified. Nothing is stored then.
    ///
    /// ```
    /// use lucia_auth::{Auth, NewSession, NewUser, memory::MemoryAdapter};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let auth = Auth::builder(MemoryAdapter::new()).build()?;
    /// let user = auth.create_user(NewUser::new()).await?;
    /// let session = auth.create_session(NewSession::new(user.id)).await?;
    /// let cookie = auth.create_session_cookie(Some(&session));
    /// assert_eq!(cookie.value(), session.token.as_str());
    /// # Ok(()) }
    /// ```
    pub async fn create_session(&self, session: NewSession) -> Result<Session<U, S>, Error> {
        let prepared = self.prepare_session(session)?;
        let user = self.adapter().set_session_and_get_user(&prepared.row).await?;
        self.complete_session(prepared, &user).await
    }

    /// Prepares the row of a session. Nothing is stored. Once the transaction is committed,
    /// [`complete_session`](Self::complete_session) returns the session with its token.
    ///
    /// # Errors
    /// Returns [`MalformedSessionToken`](Error::MalformedSessionToken), [`Attributes`](Error::Attributes) or
    /// [`Random`](Error::Random).
    ///
    /// ```
    /// use lucia_auth::{Auth, NewSession, NewUser, SessionAdapter, UserAdapter, memory::MemoryAdapter};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let adapter = MemoryAdapter::new();
    /// let auth = Auth::builder(adapter.clone()).build()?;
    /// let user = auth.prepare_user(NewUser::new()).await?;
    /// let session = auth.prepare_session(NewSession::new(user.row.id.clone()))?;
    ///
    /// // With a database: `set_user_in` and `set_session_in` of one transaction.
    /// adapter.set_user(&user.row, user.key.as_ref()).await?;
    /// adapter.set_session(&session.row).await?;
    /// let session = auth.complete_session(session, &user.row).await?;
    /// assert!(auth.validate_session(&session.token).await.is_ok());
    /// # Ok(()) }
    /// ```
    pub fn prepare_session(&self, session: NewSession) -> Result<PreparedSession, Error> {
        let token = match session.token {
            Some(token) if is_cookie_safe(token.as_str()) && !token.is_hash() => token,
            Some(_) => return Err(Error::MalformedSessionToken),
            None => new_session_token()?,
        };
        let id = self.session_ids().new_id(&token);
        let now = self.now();
        let attributes = self.lifetime().start(session.attributes?, now);
        let expiry = self.lifetime().renew(&attributes, now);
        let row = SessionSchema::new(id, session.user_id, expiry.active, expiry.idle).with_attributes(attributes)?;
        // Attributes that do not fit `S` must not be stored.
        self.session_attributes(&row)?;
        Ok(PreparedSession { row, token, proof: session.proof })
    }

    /// Returns a session that was prepared and stored.
    ///
    /// Call it after the transaction is committed, because it reads and writes outside of it what
    /// [`create_session`](Self::create_session) does: it reads the key again of a session
    /// [`for_key`](NewSession::for_key), and ends the user's oldest sessions beyond
    /// [`max_sessions_per_user`](crate::AuthBuilder::max_sessions_per_user). Until then, the user may have one session
    /// more.
    ///
    /// # Errors
    /// Returns [`InvalidUserId`](Error::InvalidUserId) if it is another user's, [`Attributes`](Error::Attributes) if the
    /// user does not fit `U`, and [`InvalidKeyId`](Error::InvalidKeyId) or [`InvalidPassword`](Error::InvalidPassword) if
    /// the key has changed since it was verified. The session is deleted then.
    pub async fn complete_session(&self, session: PreparedSession, user: &UserSchema) -> Result<Session<U, S>, Error> {
        let PreparedSession { row, token, proof } = session;
        if let Some(proof) = &proof {
            self.confirm(proof, &row.user_id, &row.id).await?;
        }
        let completed = match self.completed(&token, &row, user) {
            Ok(completed) => self.delete_oldest_sessions(&row.user_id, &row.id).await.map(|()| completed),
            Err(error) => Err(error),
        };
        match completed {
            Ok(completed) => {
                tracing::debug!(user_id = %row.user_id, "session created");
                Ok(completed)
            }
            Err(error) => {
                self.adapter().delete_session(&row.id).await?;
                Err(error)
            }
        }
    }

    fn completed(&self, token: &SessionToken, row: &SessionSchema, user: &UserSchema) -> Result<Session<U, S>, Error> {
        if row.user_id != user.id {
            return Err(Error::InvalidUserId { source: None });
        }
        // The user's row may not fit `U`.
        self.session_at(token, (row.clone(), user.clone()), false, self.now())
    }

    /// Deletes the sessions of a user beyond the limit, if there is one, but not the new session.
    async fn delete_oldest_sessions(&self, user_id: &UserId, new: &SessionId) -> Result<(), Error> {
        if let Some((max, created_at)) = self.lifetime().max_sessions_per_user() {
            self.adapter().delete_oldest_sessions(user_id, new, created_at, max).await?;
        }
        Ok(())
    }

    /// Deletes a session that was just stored if the key has changed since it was verified.
    ///
    /// A change of password writes the key first and revokes sessions afterwards: either the revocation finds the
    /// session, or this finds the change.
    pub(super) async fn confirm(&self, proof: &Proof, user_id: &UserId, id: &SessionId) -> Result<(), Error> {
        let error = match self.adapter().get_key(&proof.key_id).await {
            Ok(Some(key)) if key.user_id == *user_id && proof.holds_for(&key) => return Ok(()),
            Ok(Some(_)) => Error::InvalidPassword,
            Ok(None) => Error::InvalidKeyId { source: None },
            Err(error) => error.into(),
        };
        self.adapter().delete_session(id).await?;
        tracing::debug!(%user_id, code = error.code(), "session deleted: its key changed during sign-in");
        Err(error)
    }
}

pub(super) fn new_session_token() -> Result<SessionToken, Error> {
    Ok(SessionToken::new(random_string(SESSION_TOKEN_LENGTH).map_err(Error::Random)?))
}
