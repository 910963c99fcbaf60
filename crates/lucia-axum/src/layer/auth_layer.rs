use std::{fmt, sync::Arc};

use axum_core::response::Response;
use http::{HeaderMap, Request, header};
use lucia_auth::{Auth, AuthRequest, NoAttributes, RequestContext};

use crate::{
    AuthRejection, InvalidProxy,
    address::{AddressConfig, ForwardingHeader},
    rejection::{Render, Renderer},
};

/// Adds an [`AuthRequest`](lucia_auth::AuthRequest) to every request, for the extractors, and the cookie and caching
/// headers to the response ([`AuthRequest::write_headers`](lucia_auth::AuthRequest::write_headers)).
///
/// The layer itself does not read the store.
///
/// # Order
/// It must wrap layers that may end a request before its handler, such as timeout and panic-catching layers: the
/// handler may have renewed the session, and their response must set its cookie. In axum, add it after them.
///
/// # Two layers
/// If two layers of one [`Auth`] are nested, the outer one creates the `AuthRequest` and sets the cookie; each applies
/// its own [`reject_foreign_origins`](Self::reject_foreign_origins).
///
/// Two nested `Auth`s, such as one for administrators inside one for users, have separate `AuthRequest`s and cookies,
/// which need different names. Extractors and guards use the inner layer, or the outer one on a route without the inner
/// layer, if both have the same attribute types; with different types that mistake is an error. A timeout layer outside
/// of the inner layer cannot set its cookie.
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
    address: AddressConfig,
    render: Option<Arc<Render>>,
}

impl<U, S> AuthLayer<U, S> {
    /// Creates a layer that ignores the cookie of a request from another origin, as in Lucia: the handler runs without
    /// a session.
    #[must_use]
    pub fn new(auth: Auth<U, S>) -> Self {
        Self { auth, reject_foreign_origins: false, address: AddressConfig::default(), render: None }
    }

    /// Responds with 403, without running the handler, to a request that may change something and has another origin or
    /// none. This also protects sign-up and sign-in from forms on other sites.
    ///
    /// A request with a bearer token and without cookies is accepted, because browsers do not send tokens on their own.
    /// Other requests of clients that are not browsers, which send no origin, are rejected: use a layer without this
    /// option for the route that issues tokens.
    #[must_use]
    pub fn reject_foreign_origins(mut self) -> Self {
        self.reject_foreign_origins = true;
        self
    }

    /// Sets the proxies whose `X-Forwarded-For` tells the address of a client, as addresses and networks. Defaults to
    /// none.
    ///
    /// The client's address is the last one in the header that is not a proxy's, because clients choose what is before
    /// it. A request that does not come from a proxy has the address of its connection, and a request with nothing but
    /// proxies has none. The server must provide the address of connections:
    /// `app.into_make_service_with_connect_info::<SocketAddr>()`, with the feature `connect-info`.
    ///
    /// Without this method the address of a connection counts only if it is on the internet. One of a private network or
    /// of this machine is most likely that of a proxy, with which all clients would share their attempts. If there is no
    /// proxy in such a network, give an empty list.
    ///
    /// # Errors
    /// Returns [`InvalidProxy`].
    ///
    /// ```
    /// use lucia_auth::{Auth, memory::MemoryAdapter};
    /// use lucia_axum::AuthLayer;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let auth = Auth::builder(MemoryAdapter::new()).build()?;
    /// let layer = AuthLayer::new(auth).trusted_proxies(["10.0.0.0/8", "2001:db8::/32", "::1"])?;
    /// # Ok(()) }
    /// ```
    pub fn trusted_proxies<'a>(mut self, proxies: impl IntoIterator<Item = &'a str>) -> Result<Self, InvalidProxy> {
        let proxies = proxies.into_iter().map(str::parse).collect::<Result<_, _>>()?;
        self.address.proxies = Some(proxies);
        Ok(self)
    }

    /// Reads `Forwarded` (RFC 7239) instead of `X-Forwarded-For`, if that is the header that the
    /// [trusted proxies](Self::trusted_proxies) write. The other one may be the client's.
    #[must_use]
    pub fn read_forwarded(mut self) -> Self {
        self.address.header = ForwardingHeader::Forwarded;
        self
    }

    /// Sets the function that renders the rejections of extractors, handlers and this layer. It receives the headers of
    /// the request, such as `Accept` and `Accept-Language`, without `Cookie` and `Authorization`. Defaults to a line of
    /// text, or `application/problem+json` if the client prefers JSON.
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

    pub(super) fn handle_request<B>(&self, request: &Request<B>) -> AuthRequest<U, S> {
        let client_address = self.address.find(request.extensions(), request.headers());
        self.auth.handle_request(RequestContext { client_address, ..request.into() })
    }

    /// Returns `true` if a request's origin is accepted.
    pub(super) fn admits(&self, request: &AuthRequest<U, S>, headers: &HeaderMap) -> bool {
        !self.reject_foreign_origins || request.has_trusted_origin() || self.has_token_only(headers)
    }

    /// Returns `true` for a bearer token. Browsers resend credentials of HTTP's own schemes on their own.
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
            address: self.address.clone(),
            render: self.render.clone(),
        }
    }
}

impl<U, S> fmt::Debug for AuthLayer<U, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthLayer")
            .field("auth", &self.auth)
            .field("reject_foreign_origins", &self.reject_foreign_origins)
            .field("trusted_proxies", &self.address.proxies)
            .finish_non_exhaustive()
    }
}
