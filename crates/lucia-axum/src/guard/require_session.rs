use std::{fmt, sync::Arc, time::Duration};

use axum::extract::OriginalUri;
use http::{HeaderValue, Response, StatusCode, header, request::Parts};
use lucia_auth::{AuthRequest, NoAttributes, Session};

use super::next_path::{next_path, with_next};
use crate::{
    AuthRejection,
    extract::{any_session, auth_request, cookie_session, missing_session},
};

/// Rejects requests without a session before their handler runs. It is a layer for routers and routes.
///
/// It rejects as the extractor [`CurrentSession`](crate::CurrentSession) does: with 401 if nobody is signed in, and with
/// 503 during an outage.
/// The session is read through the request's [`AuthRequest`], so that extractors in the handlers do not read it again.
///
/// The [`AuthLayer`](crate::AuthLayer) is added after the guard, so that it wraps it. Without one of these attribute
/// types, the response is 500.
///
/// [`Router::route_layer`] guards the routes that were added before. [`Router::layer`] also guards the fallback: without
/// a session, a path that does not exist is then a 401, too.
///
/// [`Router::layer`]: axum::Router::layer
/// [`Router::route_layer`]: axum::Router::route_layer
///
/// ```
/// use axum::{Router, routing::get};
/// use lucia_auth::{Auth, memory::MemoryAdapter};
/// use lucia_axum::{AuthLayer, RequireSession};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Profile {
///     role: String,
/// }
///
/// // An alias names the attribute types once.
/// type Guard = RequireSession<Profile>;
///
/// # fn main() -> Result<(), lucia_auth::BuildError> {
/// let admin = Router::new()
///     .route("/users", get(|| async { "all users" }))
///     .route_layer(Guard::new().authorize(|session| session.user.attributes.role == "admin"));
/// let account = Router::new()
///     .route("/account", get(|| async { "your account" }))
///     .route_layer(Guard::new().redirect_to("/sign-in"));
/// let auth = Auth::builder(MemoryAdapter::new()).user_attributes::<Profile>().build()?;
/// let app: Router = Router::new()
///     .route("/", get(|| async { "hello" }))
///     .nest("/admin", admin)
///     .merge(account)
///     .layer(AuthLayer::new(auth).reject_foreign_origins());
/// # Ok(()) }
/// ```
pub struct RequireSession<U = NoAttributes, S = NoAttributes> {
    accept_bearer_tokens: bool,
    sign_in_page: Option<Arc<str>>,
    is_authorized: Option<Arc<Predicate<U, S>>>,
    max_age: Option<Duration>,
    confirmation_page: Option<Arc<str>>,
}

type Predicate<U, S> = dyn Fn(&Session<U, S>) -> bool + Send + Sync;

impl<U, S> RequireSession<U, S> {
    /// Creates a guard that requires the session of the cookie and responds with 401 without one.
    #[must_use]
    pub fn new() -> Self {
        Self {
            accept_bearer_tokens: false,
            sign_in_page: None,
            is_authorized: None,
            max_age: None,
            confirmation_page: None,
        }
    }

    /// Also accepts the session of a bearer token, as the extractor [`AnySession`](crate::AnySession) does.
    #[must_use]
    pub fn accept_bearer_tokens(mut self) -> Self {
        self.accept_bearer_tokens = true;
        self
    }

    /// Redirects page loads without a session to the sign-in page, with the requested path and query in the parameter
    /// `next`, as in `/sign-in?next=/orders%3Fpage%3D2`. The sign-in page reads it by [`next_path`].
    ///
    /// Only browsers that load a page are redirected. Requests of scripts and forms get a 401, because they cannot
    /// continue after a redirect. So does the sign-in page itself, if it is guarded.
    ///
    /// # Panics
    /// Panics if the page is not a path of this origin, or has a fragment.
    #[must_use]
    #[track_caller]
    pub fn redirect_to(mut self, page: &str) -> Self {
        self.sign_in_page = Some(page_path(page));
        self
    }

    /// Rejects sessions for which the function returns `false` with 403, such as those of users without a role. If there
    /// are several functions, a session must satisfy all of them.
    #[must_use]
    pub fn authorize(mut self, is_authorized: impl Fn(&Session<U, S>) -> bool + Send + Sync + 'static) -> Self
    where
        U: 'static,
        S: 'static,
    {
        self.is_authorized = Some(match self.is_authorized.take() {
            Some(before) => Arc::new(move |session| before(session) && is_authorized(session)),
            None => Arc::new(is_authorized),
        });
        self
    }
}

impl<U, S> RequireSession<U, S> {
    /// Rejects sessions whose user signed in or confirmed their password more than `max_age` ago: with 403, as the extractor
    /// [`RecentSession`](crate::RecentSession) does.
    ///
    /// Requires [`session_authenticated_at`](lucia_auth::AuthBuilder::session_authenticated_at), or the response is 500.
    ///
    /// ```
    /// use std::time::Duration;
    /// use lucia_axum::RequireSession;
    ///
    /// let guard: RequireSession = RequireSession::new()
    ///     .redirect_to("/sign-in")
    ///     .authenticated_within(Duration::from_secs(300))
    ///     .redirect_to_confirm("/confirm-password");
    /// ```
    #[must_use]
    pub fn authenticated_within(mut self, max_age: Duration) -> Self {
        self.max_age = Some(max_age);
        self
    }

    /// Redirects page loads of sessions that are not [recent](Self::authenticated_within) to a page where the user
    /// confirms who they are, with the requested path in the parameter `next`, as [`redirect_to`](Self::redirect_to)
    /// does.
    ///
    /// # Panics
    /// Panics if the page is not a path of this origin, or has a fragment.
    #[must_use]
    #[track_caller]
    pub fn redirect_to_confirm(mut self, page: &str) -> Self {
        self.confirmation_page = Some(page_path(page));
        self
    }
}

impl<U, S> RequireSession<U, S>
where
    U: Send + Sync + 'static,
    S: Send + Sync + 'static,
{
    /// Returns an error for a request that the guard rejects.
    pub(super) async fn check(&self, parts: &Parts) -> Result<(), AuthRejection> {
        let session = if self.accept_bearer_tokens {
            any_session::<U, S>(parts).await?.ok_or_else(|| missing_session(&parts.headers))?
        } else {
            cookie_session::<U, S>(parts).await?.ok_or(AuthRejection::NotAuthenticated)?
        };
        if self.is_authorized.as_ref().is_some_and(|is_authorized| !is_authorized(&session)) {
            return Err(AuthRejection::Forbidden);
        }
        if let Some(max_age) = self.max_age {
            auth_request::<U, S>(parts)?.auth().require_authentication_within(&session, max_age)?;
        }
        Ok(())
    }

    /// Returns the response to a rejected request.
    pub(super) fn reject<R: Default + 'static>(&self, rejection: AuthRejection, parts: &Parts) -> Response<R> {
        let page = match rejection {
            AuthRejection::NotAuthenticated => self.sign_in_page.as_deref(),
            AuthRejection::ReauthenticationRequired => self.confirmation_page.as_deref(),
            _ => None,
        };
        let Some(location) = page.and_then(|page| Self::location(page, parts)) else {
            return rejection.into_response_with();
        };
        let mut response = Response::new(R::default());
        *response.status_mut() = StatusCode::SEE_OTHER;
        response.headers_mut().insert(header::LOCATION, location);
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }

    /// Returns the location of a page to which a rejected request is redirected, if it is.
    fn location(page: &str, parts: &Parts) -> Option<HeaderValue> {
        let request = parts.extensions.get::<AuthRequest<U, S>>()?;
        // A nested router sees only a part of the path.
        let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |OriginalUri(uri)| uri);
        if !request.is_page_load() || page.split('?').next() == Some(uri.path()) {
            return None;
        }
        let next = uri.path_and_query().and_then(|path| next_path(path.as_str()));
        let location = next.map_or_else(|| page.to_owned(), |next| with_next(page, next));
        HeaderValue::try_from(location).ok()
    }
}

impl<U, S> Default for RequireSession<U, S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<U, S> Clone for RequireSession<U, S> {
    fn clone(&self) -> Self {
        Self {
            accept_bearer_tokens: self.accept_bearer_tokens,
            sign_in_page: self.sign_in_page.clone(),
            is_authorized: self.is_authorized.clone(),
            max_age: self.max_age,
            confirmation_page: self.confirmation_page.clone(),
        }
    }
}

impl<U, S> fmt::Debug for RequireSession<U, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequireSession")
            .field("accept_bearer_tokens", &self.accept_bearer_tokens)
            .field("sign_in_page", &self.sign_in_page)
            .field("max_age", &self.max_age)
            .field("confirmation_page", &self.confirmation_page)
            .finish_non_exhaustive()
    }
}

#[track_caller]
fn page_path(page: &str) -> Arc<str> {
    assert!(
        next_path(page).is_some() && !page.contains('#'),
        "the page {page:?} is not a path of this origin, such as \"/sign-in\""
    );
    page.into()
}
