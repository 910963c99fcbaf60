use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use cookie::Cookie;
use http::{HeaderMap, header};
use lucia_core::{SessionId, UnixMillis};
use tokio::sync::OnceCell;

use super::{RequestContext, headers::only_header};
use crate::{Auth, Error, Session, cookie::is_session_id};

/// What one validation found, shared by all who ask at the same time.
type Validation<U, S> = Arc<OnceCell<Option<Arc<Session<U, S>>>>>;

/// One request: who sent it, and the cookie that its response has to set.
///
/// Clones share everything. Each of the two ways to authenticate, cookie and bearer token, asks the store at most once,
/// however often and however parallel it is used, and not before that.
///
/// ```
/// use lucia::{Auth, AuthRequest, Error, Session};
///
/// async fn greeting(request: &AuthRequest) -> Result<String, Error> {
///     Ok(match request.validate().await? {
///         Some(session) => format!("Hello {}", session.user.user_id),
///         None => "Please sign in".to_owned(),
///     })
/// }
/// ```
pub struct AuthRequest<U = crate::NoAttributes, S = crate::NoAttributes> {
    shared: Arc<Shared<U, S>>,
}

struct Shared<U, S> {
    auth: Auth<U, S>,
    trusted_origin: bool,
    bearer_token: Option<SessionId>,
    state: Mutex<State<U, S>>,
}

struct State<U, S> {
    /// The session that the client holds, or will hold after this response.
    session_id: Option<SessionId>,
    /// Until when the client holds it, as far as that is known.
    expires_at: Option<UnixMillis>,
    by_cookie: Validation<U, S>,
    by_bearer_token: Validation<U, S>,
    pending: Option<Cookie<'static>>,
}

impl<U, S> AuthRequest<U, S> {
    pub(super) fn new(auth: Auth<U, S>, request: RequestContext<'_>) -> Self {
        let trusted_origin = auth.validate_request_origin(request).is_ok();
        let claimed = match request.session_cookie {
            Some(value) => is_session_id(value).then(|| SessionId::new(value)),
            None => read_session_cookies(&auth, request.headers),
        };
        let state = State {
            session_id: claimed.filter(|_| trusted_origin),
            expires_at: None,
            by_cookie: Validation::default(),
            by_bearer_token: Validation::default(),
            pending: None,
        };
        let bearer_token = auth.read_bearer_token(only_header(request.headers, &header::AUTHORIZATION));
        Self { shared: Arc::new(Shared { auth, trusted_origin, bearer_token, state: Mutex::new(state) }) }
    }

    /// The session of the request's cookie, if it is alive. It is renewed if it is idle.
    ///
    /// The response's cookie follows: a renewed session is set again, one that is not alive is forgotten.
    ///
    /// # Errors
    /// Whatever kept the store from answering: that is not "signed out". The next call tries again.
    pub async fn validate(&self) -> Result<Option<Arc<Session<U, S>>>, Error> {
        let (validation, session_id) = {
            let state = self.state();
            (Arc::clone(&state.by_cookie), state.session_id.clone())
        };
        let Some(session_id) = session_id else {
            return Ok(None);
        };
        let found = validation.get_or_try_init(|| async {
            let found = self.find(&session_id).await?;
            self.follow(&validation, found.as_deref());
            Ok::<_, Error>(found)
        });
        found.await.cloned()
    }

    /// The session of the request's bearer token, if it is alive. It is renewed if it is idle; no cookie is set.
    ///
    /// A token that is sent on purpose is accepted from any origin.
    ///
    /// # Errors
    /// As [`validate`](Self::validate).
    pub async fn validate_bearer_token(&self) -> Result<Option<Arc<Session<U, S>>>, Error> {
        let Some(token) = &self.shared.bearer_token else {
            return Ok(None);
        };
        let validation = Arc::clone(&self.state().by_bearer_token);
        validation.get_or_try_init(|| self.find(token)).await.cloned()
    }

    /// Signs the client in with a session, or, with `None`, makes it forget the one it has: sets the response's cookie,
    /// unless the client has that session already and until the same time.
    ///
    /// The session itself is created and invalidated by [`Auth`].
    pub fn set_session(&self, session: Option<&Session<U, S>>) {
        let mut state = self.state();
        let held = state.session_id.as_ref() == session.map(|session| &session.session_id);
        let unchanged = session.is_none_or(|session| match state.expires_at {
            Some(expires_at) => expires_at == session.idle_period_expires_at,
            None => !session.fresh,
        });
        if held && unchanged {
            return;
        }
        state.session_id = session.map(|session| session.session_id.clone());
        state.expires_at = session.map(|session| session.idle_period_expires_at);
        state.by_cookie = Validation::default();
        state.pending = Some(self.shared.auth.create_session_cookie(session));
    }

    /// Forgets what the validations found, so that the next ones ask the store again.
    pub fn invalidate(&self) {
        let mut state = self.state();
        state.by_cookie = Validation::default();
        state.by_bearer_token = Validation::default();
    }

    /// The cookie that the response has to set, as one more `Set-Cookie` header.
    #[must_use]
    pub fn pending_cookie(&self) -> Option<Cookie<'static>> {
        self.state().pending.clone()
    }

    /// The id of the session that the client holds. It is not validated; `None` too if the request's origin is not trusted.
    #[must_use]
    pub fn session_id(&self) -> Option<SessionId> {
        self.state().session_id.clone()
    }

    /// Whether the request changes nothing or comes from a trusted origin, so that its cookie counts.
    #[must_use]
    pub fn has_trusted_origin(&self) -> bool {
        self.shared.trusted_origin
    }

    /// The `Auth` that handles the request.
    #[must_use]
    pub fn auth(&self) -> &Auth<U, S> {
        &self.shared.auth
    }

    async fn find(&self, session_id: &SessionId) -> Result<Option<Arc<Session<U, S>>>, Error> {
        match self.shared.auth.validate_session(session_id).await {
            Ok(session) => Ok(Some(Arc::new(session))),
            Err(Error::InvalidSessionId) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes the cookie follow what a validation found, unless the session was set otherwise in the meantime.
    fn follow(&self, validation: &Validation<U, S>, found: Option<&Session<U, S>>) {
        let mut state = self.state();
        if !Arc::ptr_eq(&state.by_cookie, validation) {
            return;
        }
        state.expires_at = found.map(|session| session.idle_period_expires_at);
        if found.is_none() {
            state.session_id = None;
        }
        if found.is_none_or(|session| session.fresh) {
            state.pending = Some(self.shared.auth.create_session_cookie(found));
        }
    }

    /// Nothing panics while it holds the lock, so a poisoned one guards consistent data.
    fn state(&self) -> MutexGuard<'_, State<U, S>> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// HTTP/2 allows a client to split its cookies over several headers (RFC 9113, section 8.2.3).
fn read_session_cookies<U, S>(auth: &Auth<U, S>, headers: &HeaderMap) -> Option<SessionId> {
    // Another cookie may hold any bytes, which must not hide ours.
    let mut cookies = headers.get_all(header::COOKIE).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    cookies.find_map(|cookies| auth.read_session_cookie(Some(&cookies)))
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
