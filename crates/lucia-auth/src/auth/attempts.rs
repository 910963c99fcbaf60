use super::Auth;
use crate::{Attempt, Client, Error};

/// Attempts.
impl<U, S> Auth<U, S> {
    /// Counts an attempt of the application's own action, such as entering a recovery code, within the limits of
    /// [`Throttle`](crate::Throttle). `use_key_with_password` does this on its own.
    ///
    /// The action is a short constant; each has counts of its own. The subject is what is guessed or acted upon: the text
    /// of a key id, an email address, a user id. A device is known only if the subject is the text of the key id with
    /// which it signed in. The attempt stays counted unless it is [given back](Attempt::give_back).
    ///
    /// # Errors
    /// Returns [`TooManyAttempts`](Error::TooManyAttempts) and, with [`Outage::Closed`](crate::Outage::Closed),
    /// [`Adapter`](Error::Adapter).
    ///
    /// ```
    /// use lucia_auth::{Auth, Client, Error};
    ///
    /// async fn check_code(auth: &Auth, client: &Client, user_id: &str, code: &str) -> Result<bool, Error> {
    ///     let attempt = auth.attempt("code", user_id, client).await?;
    ///     let is_right = code == "123456";
    ///     if is_right {
    ///         attempt.give_back().await;
    ///     }
    ///     Ok(is_right)
    /// }
    /// # use lucia_auth::memory::MemoryAdapter;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// #     let auth = Auth::builder(MemoryAdapter::new()).build().unwrap();
    /// #     for _ in 0..10 {
    /// #         assert!(!check_code(&auth, &Client::new(), "u1", "1").await.unwrap());
    /// #     }
    /// #     let error = check_code(&auth, &Client::new(), "u1", "123456").await.unwrap_err();
    /// #     assert!(matches!(error, Error::TooManyAttempts { .. }));
    /// # }
    /// ```
    pub async fn attempt(&self, action: &str, subject: &str, client: &Client) -> Result<Attempt<'_>, Error> {
        self.throttle().attempt(self.clock(), action, subject, client).await
    }

    /// Counts an attempt of an action for the address of its client alone, like [`attempt`](Self::attempt).
    ///
    /// Use it for actions in the name of another, such as asking for a new password: strangers would use up a limit of the
    /// subject, and its owner would be refused. [`NewToken::at_most_every`](crate::NewToken::at_most_every) limits how many
    /// mails the owner receives. If the address is not known, nothing is counted.
    ///
    /// # Errors
    /// Returns [`TooManyAttempts`](Error::TooManyAttempts) and, with [`Outage::Closed`](crate::Outage::Closed),
    /// [`Adapter`](Error::Adapter).
    pub async fn attempt_from(&self, action: &str, client: &Client) -> Result<Attempt<'_>, Error> {
        self.throttle().attempt_from(self.clock(), action, client).await
    }
}
