use lucia_core::{KeySchema, SessionSchema, SessionToken, UserSchema};

use super::{Auth, sessions::new_token};
use crate::{Error, NewKey, NewSession, NewUser, PreparedSession, PreparedUser, Session, cookie::is_cookie_safe};

/// Rows for a transaction of the application.
///
/// `create_user`, `create_key` and `create_session` each store a row by themselves. An application that must store its
/// own rows at the same time inserts all of them in one transaction. The adapters for SQL have the methods `set_user_in`,
/// `set_key_in` and `set_session_in` for that.
impl<U, S> Auth<U, S> {
    /// Prepares the rows of a user and, if given, of their key: generates the id, checks the rules and hashes the
    /// password, as [`create_user`](Self::create_user) does. Nothing is stored.
    ///
    /// Hashing takes its time, so prepare before the transaction begins. Once it is committed,
    /// [`transform_database_user`](Self::transform_database_user) returns the user.
    ///
    /// # Errors
    /// Returns [`MalformedKeyId`](Error::MalformedKeyId), [`Attributes`](Error::Attributes), [`Busy`](Error::Busy) or
    /// `Password`.
    ///
    /// ```
    /// use lucia_auth::{Auth, NewKey, NewUser, UserAdapter, memory::MemoryAdapter};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let adapter = MemoryAdapter::new();
    /// let auth = Auth::builder(adapter.clone()).build()?;
    /// let new = NewUser::new().key(NewKey::with_password(("username", "ada"), "correct horse"));
    /// let prepared = auth.prepare_user(new).await?;
    ///
    /// // With a database: `adapter.set_user_in(&mut *transaction, ..)`.
    /// adapter.set_user(&prepared.row, prepared.key.as_ref()).await?;
    /// let user = auth.transform_database_user(&prepared.row)?;
    /// assert_eq!(auth.use_key_with_password(("username", "ada"), "correct horse").await?.user_id, user.id);
    /// # Ok(()) }
    /// ```
    pub async fn prepare_user(&self, user: NewUser) -> Result<PreparedUser, Error> {
        let id = match user.id {
            Some(id) => id,
            None => self.new_user_id()?,
        };
        let row = UserSchema::new(id).with_attributes(user.attributes?)?;
        // Attributes that do not fit `U` must not be stored.
        self.user_attributes(&row)?;
        let key = match user.key {
            Some(key) => Some(self.prepare_key(&row, key).await?),
            None => None,
        };
        Ok(PreparedUser::new(row, key))
    }

    /// Prepares the row of a key for a user, who may be [prepared](PreparedUser::row) too: checks the rules and hashes
    /// the password, as [`create_key`](Self::create_key) does. Nothing is stored.
    ///
    /// # Errors
    /// Returns [`MalformedKeyId`](Error::MalformedKeyId), [`Busy`](Error::Busy) or `Password`.
    pub async fn prepare_key(&self, user: &UserSchema, key: NewKey) -> Result<KeySchema, Error> {
        self.hash_key(user, key).await
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
            None => new_token()?,
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
            Ok(completed) => self.delete_oldest_sessions(&row.user_id).await.map(|()| completed),
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
        self.session_at(token, row, user, false, self.now())
    }
}
