use std::time::Duration;

use super::Auth;
use crate::{Error, Session, VerifiedKey, lifetime::Lifetime};

/// Authenticating again.
impl<U, S> Auth<U, S> {
    /// Records that the user of a session authenticated again, with a key that was just verified, and replaces the
    /// session's token, so that an old one is not worth more than before.
    ///
    /// The result is [`fresh`](Session::fresh): set its cookie. This is for users without a password, such as those of
    /// OAuth; for the others see `confirm_password`.
    ///
    /// # Errors
    /// Returns [`InvalidKeyId`](Error::InvalidKeyId) if the key is another user's or was deleted,
    /// [`InvalidPassword`](Error::InvalidPassword) if its password has changed since the verification,
    /// [`InvalidSessionId`](Error::InvalidSessionId) if the session does not exist or has expired, or
    /// [`MissingOption`](Error::MissingOption) without
    /// [`session_authenticated_at`](crate::AuthBuilder::session_authenticated_at). If the key was deleted or changed,
    /// the session is deleted.
    ///
    /// ```
    /// use std::time::Duration;
    /// use lucia_auth::{Auth, NewKey, NewSession, NewUser, memory::MemoryAdapter};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let auth = Auth::builder(MemoryAdapter::new()).session_authenticated_at("authenticated_at").build()?;
    /// let user = auth.create_user(NewUser::new().key(NewKey::new(("github", "583231")))).await?;
    /// let session = auth.create_session(NewSession::new(user.id)).await?;
    ///
    /// // After the provider authenticated the user again:
    /// let key = auth.use_key(("github", "583231")).await?;
    /// let session = auth.reauthenticate(&session, &key).await?;
    /// assert!(session.authenticated_within(Duration::from_secs(60)));
    /// # Ok(()) }
    /// ```
    pub async fn reauthenticate(&self, session: &Session<U, S>, key: &VerifiedKey) -> Result<Session<U, S>, Error> {
        self.check_authentication_times()?;
        if key.user_id != session.user.id {
            return Err(Error::InvalidKeyId { source: None });
        }
        let confirmed = self.rotate(&session.id, Lifetime::reauthentication).await?;
        self.confirm(&key.proof, &confirmed.user.id, &confirmed.id).await?;
        tracing::debug!(user_id = %confirmed.user.id, "user authenticated again");
        Ok(confirmed)
    }

    /// Returns an error unless [`session.authenticated_within(max_age)`](Session::authenticated_within).
    ///
    /// # Errors
    /// Returns [`ReauthenticationRequired`](Error::ReauthenticationRequired), or
    /// [`MissingOption`](Error::MissingOption) without
    /// [`session_authenticated_at`](crate::AuthBuilder::session_authenticated_at).
    pub fn require_authentication_within(&self, session: &Session<U, S>, max_age: Duration) -> Result<(), Error> {
        self.check_authentication_times()?;
        if session.authenticated_within(max_age) { Ok(()) } else { Err(Error::ReauthenticationRequired) }
    }

    /// Without the option no session would ever be recent.
    pub(super) fn check_authentication_times(&self) -> Result<(), Error> {
        match self.lifetime().authenticated_at {
            Some(_) => Ok(()),
            None => Err(Error::MissingOption { option: "session_authenticated_at" }),
        }
    }
}
