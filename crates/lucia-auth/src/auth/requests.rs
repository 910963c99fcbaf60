use lucia_core::{SessionToken, UnixMillis};

use super::{Auth, AuthRequest};
use crate::{Error, RequestContext, Session, SetCookie, cookie::read_bearer_token};

/// Requests, cookies and tokens.
impl<U, S> Auth<U, S> {
    /// Creates the [`AuthRequest`] of a request: checks its origin and reads its cookie and token.
    ///
    /// The store is read only when the result is asked for a session.
    ///
    /// ```
    /// use lucia_auth::{Auth, NewSession, NewUser, memory::MemoryAdapter};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let auth = Auth::builder(MemoryAdapter::new()).build()?;
    /// let user = auth.create_user(NewUser::new()).await?;
    /// let session = auth.create_session(NewSession::new(user.id)).await?;
    ///
    /// let cookie = format!("auth_session={}", session.token.as_str());
    /// let request = http::Request::get("https://example.com/").header("cookie", cookie).body(())?;
    /// let auth_request = auth.handle_request(&request);
    /// let found = auth_request.validate().await?.expect("signed in");
    /// assert_eq!(found.id, session.id);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn handle_request<'a>(&self, request: impl Into<RequestContext<'a>>) -> AuthRequest<U, S> {
        AuthRequest::new(self.clone(), request.into())
    }

    /// Rejects a request from another origin, whether or not it has a session.
    ///
    /// Accepts `GET`, `HEAD`, `OPTIONS` and `TRACE`, and every request if the protection is off.
    ///
    /// # Errors
    /// Returns [`InvalidRequest`](Error::InvalidRequest).
    pub fn validate_request_origin<'a>(&self, request: impl Into<RequestContext<'a>>) -> Result<(), Error> {
        let request = request.into();
        self.csrf().check(&request, self.env()).map_err(|rejection| {
            tracing::info!(method = request.method, %rejection, "request from another origin");
            Error::InvalidRequest
        })
    }

    /// Returns the session token in a `Cookie` header: the first valid value of a cookie with the configured name.
    ///
    /// `None` for several cookies with a name that starts with `__Host-`, because one of them is from a subdomain.
    #[must_use]
    pub fn read_session_cookie(&self, header: Option<&str>) -> Option<SessionToken> {
        self.session_cookie().read(header.map(str::as_bytes).into_iter()).tokens.into_iter().next()
    }

    /// Returns the session token in an `Authorization` header with the scheme `Bearer`.
    #[must_use]
    pub fn read_bearer_token(&self, header: Option<&str>) -> Option<SessionToken> {
        read_bearer_token(header)
    }

    /// Creates the cookie of a session or, for `None`, the one that deletes the client's cookie.
    #[must_use]
    pub fn create_session_cookie(&self, session: Option<&Session<U, S>>) -> SetCookie {
        let cookie = self.build_cookie(session.map(|session| (&session.token, session.idle_period_expires_at)));
        let is_persistent = session.is_none_or(|session| session.has_persistent_cookie);
        if is_persistent { cookie } else { cookie.without_expiry() }
    }

    /// Creates the cookie that deletes the client's: an empty one that has expired.
    #[must_use]
    pub fn blank_session_cookie(&self) -> SetCookie {
        self.create_session_cookie(None)
    }

    pub(super) fn build_cookie(&self, session: Option<(&SessionToken, UnixMillis)>) -> SetCookie {
        self.session_cookie().build(session, self.env(), self.now())
    }
}
