use lucia_core::AdapterErrorKind;

use super::{TokenPurpose, Tokens, data::lock};
use crate::{Error, VerifiedKey};

impl<U, S> Tokens<U, S> {
    /// Sets a new password with a token that was issued for [`PASSWORD_RESET`](TokenPurpose::PASSWORD_RESET), and ends
    /// all sessions, tokens and codes of the user. Of many parallel calls one succeeds. Other keys of the user keep their
    /// passwords.
    ///
    /// The new password is checked by the [`PasswordRules`](crate::PasswordRules) first; if it is rejected, the token
    /// stays valid. A token is void as soon as the password changes in any other way.
    ///
    /// The old password ends first, then the sessions and tokens, and the new password is set last. So if the process or
    /// a store fails halfway, nobody can sign in with the old password or go on with an old session once the
    /// new one is set. Call it again with the same token, which is used up just before the last step; if that fails, or
    /// the call is dropped there, the user needs a new link. A sign-in with the old password that runs in parallel
    /// fails if it creates its session [`for_key`](crate::NewSession::for_key), and leaves none.
    ///
    /// The returned key can sign in.
    ///
    /// # Errors
    /// Returns [`InvalidOneTimeToken`](Error::InvalidOneTimeToken) if the token is malformed, unknown, used, void or expired,
    /// [`Password`](Error::Password) if the new password is rejected, [`Busy`](Error::Busy), or
    /// [`Adapter`](Error::Adapter) if a store fails.
    ///
    /// ```
    /// use lucia_auth::{Auth, NewKey, NewToken, NewUser, TokenPurpose, Tokens, memory::MemoryAdapter};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let adapter = MemoryAdapter::new();
    /// let auth = Auth::builder(adapter.clone()).build()?;
    /// let tokens = Tokens::new(auth.clone(), adapter);
    /// let email = ("email", "ada@example.com");
    /// auth.create_user(NewUser::new().key(NewKey::with_password(email, "forgotten"))).await?;
    ///
    /// let token = tokens.issue(NewToken::for_key(TokenPurpose::PASSWORD_RESET, email)).await?;
    /// assert!(tokens.reset_password(token.as_str(), "short").await.is_err());
    /// tokens.reset_password(token.as_str(), "correct horse").await?;
    /// assert!(auth.use_key_with_password(email, "correct horse").await.is_ok());
    /// # Ok(()) }
    /// ```
    pub async fn reset_password(&self, token: &str, new_password: &str) -> Result<VerifiedKey, Error> {
        let found = self.find(&TokenPurpose::PASSWORD_RESET.kind(), &self.id(token)?).await?;
        let key = found.key.ok_or(Error::InvalidOneTimeToken)?;
        let new = self.auth.hash_new_password(&key, new_password).await?;
        let lock = lock(&found.row.id);
        // It is locked already if an earlier call failed halfway.
        let locked = if key.hashed_password.as_ref() == Some(&lock) {
            key
        } else {
            self.auth.replace_hash(&key, Some(lock)).await.map_err(void_if_changed)?
        };
        self.auth.invalidate_all_user_sessions(&found.user_id).await?;
        self.delete_user_tokens(&found.user_id).await?;
        // Only one of several calls with this token replaces its lock.
        let key = self.auth.replace_hash(&locked, Some(new)).await.map_err(void_if_changed)?;
        tracing::debug!(user_id = %key.user_id, provider_id = key.id.provider_id(), "password reset");
        Ok(self.auth.verified(key))
    }
}

fn void_if_changed(error: Error) -> Error {
    match error {
        Error::InvalidKeyId { .. } => Error::InvalidOneTimeToken,
        Error::Adapter(error) if error.kind() == AdapterErrorKind::Conflict => Error::InvalidOneTimeToken,
        error => error,
    }
}
