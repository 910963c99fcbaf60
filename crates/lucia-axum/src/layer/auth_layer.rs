use std::{fmt, sync::Arc};

use axum_core::response::Response;
use http::{HeaderMap, header};
use lucia_auth::{Auth, AuthRequest, NoAttributes};

use crate::{
    AuthRejection,
    rejection::{Render, Renderer},
};

/// Puts an [`AuthRequest`](lucia_auth::AuthRequest) into every request, for the extractors, and writes into the response the cookie
/// that it ends with and how the response may be cached ([`AuthRequest::write_headers`](lucia_auth::AuthRequest::write_headers)).
///
/// It asks the store for nothing itself.
///
/// # Order
/// Put it outside of layers that may end a request before its handler has answered, such as a timeout or what catches panics:
/// the handler may have renewed the session, and the response that they make has to set its cookie. In axum that means to add
/// it after them.
///
/// # Two layers
/// Of two layers of one [`Auth`] the outer one makes the `AuthRequest` and sets the cookie; each applies its own
/// [`reject_foreign_origins`](Self::reject_foreign_origins).
/// Two `Auth`s, such as one of administrators within one of users, have an `AuthRequest` and a cookie each, which needs a
/// name of its own. Extractors of the same attribute types get that of the inner layer, or of the outer one on a route that the
/// inner layer does not cover: attribute types of their own turn that mistake into an error. A timeout outside of the inner layer
/// cannot set its cookie.
///
/// ```
/// use axum::{Router, routing::get};
/// use lucia_auth::{Auth, memory::MemoryAdapter};
/// use lucia_axum::{AuthLayer, CurrentSession};
///
/// async fn account(session: CurrentSession) -> String {
///     format!("Hello {}", session.user.id)
/// }
///
/// # fn main() -> Result<(), lucia_auth::BuildError> {
/// let auth = Auth::builder(MemoryAdapter::new()).build()?;
/// let app: Router = Router::new().route("/account", get(account)).layer(AuthLayer::new(auth).reject_foreign_origins());
/// # Ok(()) }
/// ```
pub struct AuthLayer<U = NoAttributes, S = NoAttributes> {
    auth: Auth<U, S>,
    reject_foreign_origins: bool,
    render: Option<Arc<Render>>,
}

impl<U, S> AuthLayer<U, S> {
    /// Creates a layer under which the cookie of a request from a foreign origin does not count, as in Lucia: its handler runs,
    /// and finds nobody signed in.
    #[must_use]
    pub fn new(auth: Auth<U, S>) -> Self {
        Self { auth, reject_foreign_origins: false, render: None }
    }

    /// Answers 403, without running the handler, to a request that may change something and comes from a foreign origin or
    /// names none: a form on another site must not sign anybody up or in either.
    ///
    /// A request with a bearer token and without cookies passes, because no browser sends one for another site unasked. Other
    /// requests of clients that are not browsers, which send no origin, are rejected: put the route that issues tokens under a
    /// layer without this option.
    #[must_use]
    pub fn reject_foreign_origins(mut self) -> Self {
        self.reject_foreign_origins = true;
        self
    }

    /// Sets how the rejections of extractors, of handlers and of this layer are rendered. The function gets the headers of the
    /// request, such as `Accept` and `Accept-Language`, without `Cookie` and `Authorization`. Defaults to a line of text, or to `application/problem+json` where the
    /// client prefers JSON.
    ///
    /// ```
    /// use axum::response::{IntoResponse, Redirect};
    /// use lucia_auth::{Auth, memory::MemoryAdapter};
    /// use lucia_axum::{AuthLayer, AuthRejection};
    ///
    /// # fn main() -> Result<(), lucia_auth::BuildError> {
    /// let auth = Auth::builder(MemoryAdapter::new()).build()?;
    /// let layer = AuthLayer::new(auth).render_rejections(|rejection, _headers| match rejection {
    ///     AuthRejection::NotAuthenticated => Redirect::to("/sign-in").into_response(),
    ///     rejection => (rejection.status(), format!("Sorry: {}.", rejection.detail())).into_response(),
    /// });
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn render_rejections(
        mut self,
        render: impl Fn(&AuthRejection, &HeaderMap) -> Response + Send + Sync + 'static,
    ) -> Self {
        self.render = Some(Arc::new(render));
        self
    }
}

impl<U, S> AuthLayer<U, S> {
    pub(super) const fn auth(&self) -> &Auth<U, S> {
        &self.auth
    }

    pub(super) fn renderer(&self, headers: &HeaderMap) -> Renderer {
        Renderer::new(self.render.as_ref(), headers)
    }

    /// Whether the origin of a request is one of those that it is answered at all.
    pub(super) fn admits(&self, request: &AuthRequest<U, S>, headers: &HeaderMap) -> bool {
        !self.reject_foreign_origins || request.has_trusted_origin() || self.has_token_only(headers)
    }

    /// Other credentials in that header do not count: browsers repeat those of HTTP's own schemes by themselves.
    fn has_token_only(&self, headers: &HeaderMap) -> bool {
        let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        self.auth.read_bearer_token(header).is_some() && !headers.contains_key(header::COOKIE)
    }
}

impl<U, S> Clone for AuthLayer<U, S> {
    fn clone(&self) -> Self {
        Self {
            auth: self.auth.clone(),
            reject_foreign_origins: self.reject_foreign_origins,
            render: self.render.clone(),
        }
    }
}

impl<U, S> fmt::Debug for AuthLayer<U, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthLayer")
            .field("auth", &self.auth)
            .field("reject_foreign_origins", &self.reject_foreign_origins)
            .finish_non_exhaustive()
    }
}
