//! [`AuthRequest`]: the session of a request, and the headers of its response.

mod state;
mod validation;
mod response;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use http::{HeaderValue, header};
use lucia_core::SessionToken;

use self::state::State;
use super::Auth;
use crate::{
    Client, NoAttributes, RequestContext,
    cookie::{DEVICE_COOKIE, SentCookies, values_of},
    request::{is_page_load, only_header},
};

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
        let state = State::new(sent.tokens.clone());
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

    /// Returns the client: its address, if the server or the framework's integration knows it, and its device, unless the
    /// request comes from another origin.
    pub fn client(&self) -> &Client {
        &self.shared.client
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
