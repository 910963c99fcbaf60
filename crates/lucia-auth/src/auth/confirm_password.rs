use std::{
    fmt,
    future::{Future, IntoFuture},
    pin::Pin,
};

use super::{Auth, AuthRequest};
use crate::{Client, Error, NoAttributes, Session};

/// The confirmation of a password by the user of a session. [`Auth::confirm_password`] returns it, and it starts when it
/// is awaited.
#[must_use = "a confirmation does nothing unless it is awaited"]
pub struct ConfirmPassword<'a, U = NoAttributes, S = NoAttributes> {
    auth: &'a Auth<U, S>,
    session: &'a Session<U, S>,
    password: &'a str,
    client: Client,
}

impl<U, S> Auth<U, S> {
    /// Verifies the password of a session's user, who is about to do something for which being signed in is not enough,
    /// and replaces the session's token.
    ///
    /// The result is [authenticated now](Session::authenticated_within), and [`fresh`](Session::fresh): set its cookie.
    /// [`AuthRequest::confirm_password`] does so.
    ///
    /// It is any of the user's passwords, if several of their keys have one. Guesses count as those of a sign-in with the
    /// key: name the [client](ConfirmPassword::client).
    ///
    /// # Errors
    /// Returns [`InvalidPassword`](Error::InvalidPassword), also if the user has no password,
    /// [`OutdatedPassword`](Error::OutdatedPassword), [`TooManyAttempts`](Error::TooManyAttempts) or
    /// [`Busy`](Error::Busy), and the errors of [`reauthenticate`](Self::reauthenticate).
    ///
    /// ```
    /// use std::time::Duration;
    /// use lucia_auth::{Auth, Client, Error, NewKey, NewSession, NewUser, memory::MemoryAdapter};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let auth = Auth::builder(MemoryAdapter::new()).session_authenticated_at("authenticated_at").build()?;
    /// let key = NewKey::with_password(("username", "ada"), "correct horse");
    /// let user = auth.create_user(NewUser::new().key(key)).await?;
    /// let session = auth.create_session(NewSession::new(user.id)).await?;
    ///
    /// let client = Client::new().address([203, 0, 113, 7].into());
    /// let wrong = auth.confirm_password(&session, "battery staple").client(&client).await;
    /// assert!(matches!(wrong, Err(Error::InvalidPassword)));
    /// let confirmed = auth.confirm_password(&session, "correct horse").client(&client).await?;
    /// assert!(confirmed.authenticated_within(Duration::from_secs(60)));
    /// assert_ne!(confirmed.token, session.token);
    /// # Ok(()) }
    /// ```
    pub fn confirm_password<'a>(&'a self, session: &'a Session<U, S>, password: &'a str) -> ConfirmPassword<'a, U, S> {
        ConfirmPassword { auth: self, session, password, client: Client::new() }
    }
}

impl<U, S> ConfirmPassword<'_, U, S> {
    /// Sets the client that presents the password, such as [`AuthRequest::client`]. Defaults to a client of which nothing
    /// is known.
    pub fn client(mut self, client: &Client) -> Self {
        self.client = client.clone();
        self
    }

    async fn confirm(self) -> Result<Session<U, S>, Error> {
        let Self { auth, session, password, client } = self;
        auth.check_authentication_times()?;
        let mut keys = auth.adapter().get_keys_by_user_id(&session.user.id).await?;
        keys.retain(|key| key.hashed_password.is_some());
        let key = auth.verify_within_limits(keys.iter().map(|key| &key.id), password, &client).await?;
        auth.reauthenticate(session, &key).await
    }
}

impl<'a, U, S> IntoFuture for ConfirmPassword<'a, U, S>
where
    U: Send + Sync,
    S: Send + Sync,
{
    type Output = Result<Session<U, S>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.confirm())
    }
}

impl<U, S> fmt::Debug for ConfirmPassword<'_, U, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfirmPassword").finish_non_exhaustive()
    }
}

impl<U, S> AuthRequest<U, S>
where
    U: Send + Sync,
    S: Send + Sync,
{
    /// Verifies the password of the user of the request's cookie, replaces the session's token, and sets the response's
    /// cookie: [`Auth::confirm_password`] for this request and its client.
    ///
    /// # Errors
    /// Returns [`NotAuthenticated`](Error::NotAuthenticated) if nobody is signed in, and the errors of
    /// [`Auth::confirm_password`]. The cookie is not changed then.
    ///
    /// ```
    /// use lucia_auth::{AuthRequest, Error};
    ///
    /// async fn confirm(request: &AuthRequest, password: &str) -> Result<&'static str, Error> {
    ///     match request.confirm_password(password).await {
    ///         Ok(_) => Ok("Confirmed."),
    ///         Err(error) if error.is_invalid_credentials() => Ok("The password is wrong."),
    ///         Err(error) => Err(error),
    ///     }
    /// }
    /// ```
    pub async fn confirm_password(&self, password: &str) -> Result<Session<U, S>, Error> {
        let session = self.validate().await?.ok_or(Error::NotAuthenticated)?;
        let confirmed = self.auth().confirm_password(&session, password).client(self.client()).await?;
        self.set_session(Some(&confirmed));
        Ok(confirmed)
    }
}
