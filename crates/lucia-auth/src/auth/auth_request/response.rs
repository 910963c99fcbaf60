use http::{HeaderMap, HeaderValue, header};

use super::{
    AuthRequest,
    state::{Pending, State, Validation},
};
use crate::{
    Error, Session, SetCookie, VerifiedKey,
    request::{forbid_storing, vary},
};

impl<U, S> AuthRequest<U, S> {
    /// Sets the response's cookie to a session or, for `None`, to an empty one that has expired. Does nothing if the
    /// client already has that session's cookie with the same expiry.
    ///
    /// This neither creates nor invalidates the session; see [`Auth`](crate::Auth) and [`sign_out`](Self::sign_out).
    pub fn set_session(&self, session: Option<&Session<U, S>>) {
        let mut state = self.state();
        let unchanged = match session {
            Some(session) => {
                let held = matches!(state.tokens.as_slice(), [token] if *token == session.token);
                let lasts = match state.expires_at {
                    Some(expires_at) => expires_at == session.idle_period_expires_at,
                    None => !session.fresh,
                };
                held && lasts
            }
            None => self.shared.sent.count == 0 && state.pending.is_none(),
        };
        if unchanged {
            return;
        }
        state.tokens = session.map(|session| session.token.clone()).into_iter().collect();
        state.expires_at = session.map(|session| session.idle_period_expires_at);
        state.by_cookie = Validation::default();
        state.pending = Some(Pending::new(self.shared.auth.create_session_cookie(session)));
    }

    /// Signs the client out: invalidates the session of its cookie and deletes the cookie.
    ///
    /// The session is not read, so this also works if its row does not fit `S` or its user's row does not fit `U`. Does
    /// nothing for a client without a session or a request from another origin.
    ///
    /// # Errors
    /// Returns [`Adapter`](Error::Adapter) if the store fails. The session may then still be live, and the client keeps
    /// its cookie.
    pub async fn sign_out(&self) -> Result<(), Error> {
        let sent = &self.shared.sent.tokens;
        let mut tokens = sent.clone();
        tokens.extend(self.state().tokens.iter().filter(|token| !sent.contains(token)).cloned());
        let mut result = Ok(());
        for token in &tokens {
            result = result.and(self.shared.auth.invalidate_session_token(token).await);
        }
        result.map(|()| self.clear_session())
    }

    /// Deletes the client's cookie: sets the response's cookie to an empty one that has expired.
    ///
    /// The session stays valid; [`sign_out`](Self::sign_out) also invalidates it.
    pub fn clear_session(&self) {
        self.set_session(None);
    }

    /// Remembers that this device signed in: sets the response's cookie `auth_device`, which lasts for a year and gives
    /// the device attempts of its own, so that guesses of others do not lock it out.
    ///
    /// Call it after a sign-in with a password. It identifies no session and signs nobody in.
    ///
    /// ```
    /// use lucia_auth::{AuthRequest, Error, NewSession};
    ///
    /// async fn sign_in(request: &AuthRequest, name: &str, password: &str) -> Result<(), Error> {
    ///     let auth = request.auth();
    ///     let key = auth.use_key_with_password(("username", name), password).client(request.client()).await?;
    ///     request.remember_device(&key)?;
    ///     let session = auth.create_session(NewSession::for_key(&key)).await?;
    ///     request.set_session(Some(&session));
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// Returns [`Random`](Error::Random).
    pub fn remember_device(&self, key: &VerifiedKey) -> Result<(), Error> {
        let cookie = self.shared.auth.device_cookie(&self.shared.client, key)?;
        self.state().pending_device = Some(cookie);
        Ok(())
    }

    /// Adds the response's headers: the cookies, each as a separate `Set-Cookie` header, and caching headers.
    ///
    /// A response that sets a cookie gets `Cache-Control: no-store`. If the handler asked for the session, it gets
    /// `Vary: Cookie` (`Authorization` for a bearer token), so that shared caches do not serve it to other clients.
    /// Call this once, after the handler.
    ///
    /// ```
    /// use http::{HeaderMap, HeaderValue, header};
    /// use lucia_auth::{AuthRequest, Error};
    ///
    /// async fn respond(request: &AuthRequest, headers: &mut HeaderMap) -> Result<(), Error> {
    ///     let _session = request.validate().await?;
    ///     request.write_headers(headers);
    ///     assert_eq!(headers.get(header::VARY), Some(&HeaderValue::from_static("cookie")));
    ///     Ok(())
    /// }
    /// # use lucia_auth::{Auth, memory::MemoryAdapter};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// #     let auth = Auth::builder(MemoryAdapter::new()).build().unwrap();
    /// #     respond(&auth.handle_request(&http::Request::new(())), &mut HeaderMap::new()).await.unwrap();
    /// # }
    /// ```
    pub fn write_headers(&self, headers: &mut HeaderMap) {
        let state = self.state();
        if state.used.cookie {
            vary(headers, &header::COOKIE);
        }
        if state.used.bearer_token {
            vary(headers, &header::AUTHORIZATION);
        }
        for cookie in self.due(&state).into_iter().chain(&state.pending_device) {
            // The builder and the check of tokens reject everything that a header cannot hold.
            let Ok(mut cookie) = HeaderValue::try_from(cookie.to_string()) else { continue };
            cookie.set_sensitive(true);
            headers.append(header::SET_COOKIE, cookie);
            forbid_storing(headers);
        }
    }

    /// Returns the session cookie that the response must set in a separate `Set-Cookie` header, if any.
    #[must_use]
    pub fn pending_cookie(&self) -> Option<SetCookie> {
        self.due(&self.state()).cloned()
    }

    fn due<'a>(&self, state: &'a State<U, S>) -> Option<&'a SetCookie> {
        let pending = state.pending.as_ref()?;
        (self.shared.auth.now() <= pending.until).then_some(&pending.cookie)
    }
}
