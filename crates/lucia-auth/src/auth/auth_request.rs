use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use http::{HeaderMap, HeaderValue, header};
use lucia_core::{SessionToken, UnixMillis};
use tokio::sync::OnceCell;

use super::{Auth, sessions::Validated};
use crate::{
    Client, Error, NoAttributes, RequestContext, Session, SetCookie, VerifiedKey,
    cookie::{DEVICE_COOKIE, SentCookies, values_of},
    request::{forbid_storing, is_page_load, only_header, vary},
};

/// How long after its request a response may set a cookie again that another response may have set.
const RESENT_WITHIN: Duration = Duration::from_secs(5);

/// The result of a validation, shared by concurrent calls.
type Validation<U, S> = Arc<OnceCell<Option<Arc<Session<U, S>>>>>;

/// The authentication state of one request: its session, and the cookie that its response sets.
///
/// Clones share their state. The store is read on demand, at most once for the cookie and once for the bearer token,
/// however many calls are made, also concurrently.
///
/// ```
/// use lucia_auth::{Auth, AuthRequest, Error, Session};
///
/// async fn greeting(request: &AuthRequest) -> Result<String, Error> {
///     Ok(match request.validate().await? {
///         Some(session) => format!("Hello {}", session.user.id),
///         None => "Please sign in".to_owned(),
///     })
/// }
/// ```
pub struct AuthRequest<U = NoAttributes, S = NoAttributes> {
    shared: Arc<Shared<U, S>>,
}

struct Shared<U, S> {
    auth: Auth<U, S>,
    trusted_origin: bool,
    /// The tokens that the client sent. Empty if its origin is not trusted.
    sent: SentCookies,
    bearer_token: Option<SessionToken>,
    is_page_load: bool,
    client: Client,
    state: Mutex<State<U, S>>,
}

struct State<U, S> {
    /// The client's sessions: those that it sent, or the one that this response sets.
    tokens: Vec<SessionToken>,
    /// The expiry of the client's cookie, if known.
    expires_at: Option<UnixMillis>,
    by_cookie: Validation<U, S>,
    by_bearer_token: Validation<U, S>,
    pending: Option<Pending>,
    pending_device: Option<SetCookie>,
    /// Whether the response depends on the cookie and on the bearer token.
    used: Used,
}

/// The cookie that the response sets.
struct Pending {
    cookie: SetCookie,
    /// The time after which it is not set, because the client may have another session's cookie by then.
    until: UnixMillis,
}

#[derive(Default)]
struct Used {
    cookie: bool,
    bearer_token: bool,
}

impl<U, S> AuthRequest<U, S> {
    pub(super) fn new(auth: Auth<U, S>, request: RequestContext<'_>) -> Self {
        let trusted_origin = auth.validate_request_origin(request).is_ok();
        let sent = match request.session_cookie {
            _ if !trusted_origin => SentCookies::default(),
            Some(value) => SentCookies::of_value(value),
            None => {
                let headers = request.headers.get_all(header::COOKIE);
                auth.session_cookie().read(headers.iter().map(HeaderValue::as_bytes))
            }
        };
        let state = State {
            tokens: sent.tokens.clone(),
            expires_at: None,
            by_cookie: Validation::default(),
            by_bearer_token: Validation::default(),
            pending: None,
            pending_device: None,
            used: Used::default(),
        };
        let bearer_token = auth.read_bearer_token(only_header(request.headers, &header::AUTHORIZATION));
        let is_page_load = is_page_load(&request);
        let client = client_of(&request, trusted_origin);
        Self {
            shared: Arc::new(Shared {
                auth,
                trusted_origin,
                sent,
                bearer_token,
                is_page_load,
                client,
                state: Mutex::new(state),
            }),
        }
    }

    /// Returns the session of the request's cookie, if it is live, and renews it if it is idle.
    ///
    /// Renewing a session sets the response's cookie again. For ten minutes, so does every page load with a response
    /// within five seconds, because the first response may have been lost. Requests of scripts do not, because the
    /// browser may receive a newer cookie before their response. For the same reason, a session that is not found does
    /// not delete the cookie.
    ///
    /// Browsers send several cookies with one name if the path or the domain changed. Up to four are tried.
    ///
    /// # Errors
    /// Returns [`Adapter`](Error::Adapter) if the store fails, which does not mean "signed out", and
    /// [`Attributes`](Error::Attributes) for a row that does not fit its type. The next call tries again.
    pub async fn validate(&self) -> Result<Option<Arc<Session<U, S>>>, Error> {
        let (validation, tokens) = {
            let mut state = self.state();
            state.used.cookie = true;
            (Arc::clone(&state.by_cookie), state.tokens.clone())
        };
        if tokens.is_empty() {
            return Ok(None);
        }
        let found = validation.get_or_try_init(|| async {
            let found = found(self.shared.auth.validate_any_session(&tokens).await)?;
            self.follow(&validation, found.as_ref());
            Ok::<_, Error>(found.map(|validated| Arc::new(validated.session)))
        });
        found.await.cloned()
    }

    /// Returns the session of the request's bearer token, if it is live, and renews it if it is idle. Sets no cookie.
    ///
    /// A token is accepted from any origin, because browsers do not send it on their own.
    ///
    /// # Errors
    /// Returns the errors of [`validate`](Self::validate).
    pub async fn validate_bearer_token(&self) -> Result<Option<Arc<Session<U, S>>>, Error> {
        let validation = {
            let mut state = self.state();
            state.used.bearer_token = true;
            Arc::clone(&state.by_bearer_token)
        };
        let Some(token) = &self.shared.bearer_token else {
            return Ok(None);
        };
        let found = validation.get_or_try_init(|| async {
            let session = found(self.shared.auth.validate_session(token).await)?;
            Ok::<_, Error>(session.map(Arc::new))
        });
        found.await.cloned()
    }

    /// Sets the response's cookie to a session or, for `None`, to an empty one that has expired. Does nothing if the
    /// client already has that session's cookie with the same expiry.
    ///
    /// This neither creates nor invalidates the session; see [`Auth`] and [`sign_out`](Self::sign_out).
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

    /// Returns the client: its address, if the server or the framework's integration knows it, and its device, unless the
    /// request comes from another origin.
    pub fn client(&self) -> &Client {
        &self.shared.client
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

    /// Discards the cached results of validations, so that the next ones read the store again. Signs nobody out.
    #[doc(alias = "invalidate")]
    pub fn forget_validation(&self) {
        let mut state = self.state();
        state.by_cookie = Validation::default();
        state.by_bearer_token = Validation::default();
    }

    #[doc(hidden)]
    #[deprecated(
        since = "0.1.0",
        note = "it signs nobody out: use `sign_out`, or `forget_validation` for what Lucia's did"
    )]
    pub fn invalidate(&self) {
        self.forget_validation();
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

    /// Returns the session token in the client's cookie, the first one of several, without validating it. `None` if the
    /// request's origin is not trusted.
    #[must_use]
    pub fn session_token(&self) -> Option<SessionToken> {
        let mut state = self.state();
        state.used.cookie = true;
        state.tokens.first().cloned()
    }

    /// Returns `true` if the request changes nothing or comes from a trusted origin, so that its cookie is accepted.
    #[must_use]
    pub fn has_trusted_origin(&self) -> bool {
        self.shared.trusted_origin
    }

    /// Returns `true` if a browser loads a page, so that the response may redirect it to another one. `false` for requests
    /// of scripts and for methods other than GET and HEAD.
    #[must_use]
    pub fn is_page_load(&self) -> bool {
        self.shared.is_page_load
    }

    /// Returns the `Auth` that handles the request.
    #[must_use]
    pub fn auth(&self) -> &Auth<U, S> {
        &self.shared.auth
    }

    /// Sets the cookie after a validation, unless the session was set meanwhile.
    fn follow(&self, validation: &Validation<U, S>, found: Option<&Validated<U, S>>) {
        let mut state = self.state();
        if !Arc::ptr_eq(&state.by_cookie, validation) {
            return;
        }
        // Keep the cookie of a session that is not found: some stores show a new session late.
        let Some(Validated { session, was_stored_recently }) = found else {
            return;
        };
        state.tokens = vec![session.token.clone()];
        state.expires_at = Some(session.idle_period_expires_at);
        if session.fresh || (self.shared.is_page_load && *was_stored_recently) {
            let mut pending = Pending::new(self.shared.auth.create_session_cookie(Some(session)));
            if !session.fresh {
                pending.until = self.shared.auth.now().saturating_add(RESENT_WITHIN);
            }
            state.pending = Some(pending);
        }
    }

    fn due<'a>(&self, state: &'a State<U, S>) -> Option<&'a SetCookie> {
        let pending = state.pending.as_ref()?;
        (self.shared.auth.now() <= pending.until).then_some(&pending.cookie)
    }

    /// Ignores poisoning: nothing panics while it holds the lock.
    fn state(&self) -> MutexGuard<'_, State<U, S>> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn client_of(request: &RequestContext<'_>, trusted_origin: bool) -> Client {
    let client = request.client_address.into_iter().fold(Client::new(), Client::address);
    if !trusted_origin {
        return client;
    }
    let headers = request.headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes);
    let cookies = values_of(DEVICE_COOKIE, headers).filter_map(|value| std::str::from_utf8(value).ok());
    cookies.fold(client, Client::device)
}

impl Pending {
    const fn new(cookie: SetCookie) -> Self {
        Self { cookie, until: UnixMillis::MAX }
    }
}

fn found<T>(result: Result<T, Error>) -> Result<Option<T>, Error> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(Error::InvalidSessionId { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

impl<U, S> Clone for AuthRequest<U, S> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<U, S> fmt::Debug for AuthRequest<U, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthRequest").field("has_trusted_origin", &self.shared.trusted_origin).finish_non_exhaustive()
    }
}
