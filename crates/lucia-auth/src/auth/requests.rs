use lucia_core::{SessionId, UnixMillis};

use super::{Auth, AuthRequest};
use crate::{Error, RequestContext, Session, SetCookie, cookie::read_bearer_token};

/// Requests, cookies and tokens.
impl<U, S> Auth<U, S> {
    /// Looks at a request: whose session it claims, and whether it may.
    ///
    /// The store is asked only when the result is.
    ///
    /// ```
    /// use lucia_auth::{Auth, NewSession, NewUser, memory::MemoryAdapter};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let auth = Auth::builder(MemoryAdapter::new()).build()?;
    /// let user = auth.create_user(NewUser::new()).await?;
    /// let session = auth.create_session(NewSession::new(user.id)).await?;
    ///
    /// let cookie = auth.create_session_cookie(Some(&session)).stripped().to_string();
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

    /// Refuses a request that changes something and comes from another origin, whether it has a session or not.
    ///
    /// `GET`, `HEAD`, `OPTIONS` and `TRACE` pass, and everything does where the protection is off.
    ///
    /// # Errors
    /// [`InvalidRequest`](Error::InvalidRequest).
    pub fn validate_request_origin<'a>(&self, request: impl Into<RequestContext<'a>>) -> Result<(), Error> {
        let request = request.into();
        self.csrf().check(&request, self.env()).map_err(|rejection| {
            tracing::info!(method = request.method, %rejection, "request from another origin");
            Error::InvalidRequest
        })
    }

    /// Reads the session id in a `Cookie` header: the first cookie of the configured name whose value can be one.
    ///
    /// A name that starts with `__Host-` and comes twice is no session's: the other one is from a subdomain.
    #[must_use]
    pub fn read_session_cookie(&self, header: Option<&str>) -> Option<SessionId> {
        self.session_cookie().read(header.map(str::as_bytes).into_iter()).session_ids.into_iter().next()
    }

    /// Reads the session id in an `Authorization` header of the scheme `Bearer`.
    #[must_use]
    pub fn read_bearer_token(&self, header: Option<&str>) -> Option<SessionId> {
        read_bearer_token(header)
    }

    /// Creates the cookie to send for a session; for `None`, the one that makes the client forget its session.
    #[must_use]
    pub fn create_session_cookie(&self, session: Option<&Session<U, S>>) -> SetCookie {
        self.build_cookie(session.map(|session| (&session.id, session.idle_period_expires_at)))
    }

    /// Creates the cookie that makes the client forget its session: an empty one that has expired.
    #[must_use]
    pub fn blank_session_cookie(&self) -> SetCookie {
        self.create_session_cookie(None)
    }

    pub(super) fn build_cookie(&self, session: Option<(&SessionId, UnixMillis)>) -> SetCookie {
        self.session_cookie().build(session, self.env(), self.now())
    }
}
