use std::fmt;

use lucia::{Auth, NoAttributes};
use tower_layer::Layer;

use super::AuthService;

/// Puts an [`AuthRequest`](lucia::AuthRequest) into every request, for the extractors, and appends the cookie that it ends
/// with to the response, as one more `Set-Cookie` header.
///
/// It asks the store for nothing itself. Applied twice, the outer one makes the `AuthRequest` and sets its cookie; each
/// rejects what it is told to.
///
/// ```
/// use axum::{Router, routing::get};
/// use lucia::{Auth, memory::MemoryAdapter};
/// use lucia_axum::{AuthLayer, CurrentSession};
///
/// async fn account(session: CurrentSession) -> String {
///     format!("Hello {}", session.user.user_id)
/// }
///
/// # fn main() -> Result<(), lucia::BuildError> {
/// let auth = Auth::builder(MemoryAdapter::new()).build()?;
/// let app: Router = Router::new().route("/account", get(account)).layer(AuthLayer::new(auth).reject_foreign_origins());
/// # Ok(()) }
/// ```
pub struct AuthLayer<U = NoAttributes, S = NoAttributes> {
    auth: Auth<U, S>,
    reject_foreign_origins: bool,
}

impl<U, S> AuthLayer<U, S> {
    /// A layer under which the cookie of a request from a foreign origin does not count, as in Lucia: its handler runs, and
    /// finds nobody signed in.
    #[must_use]
    pub fn new(auth: Auth<U, S>) -> Self {
        Self { auth, reject_foreign_origins: false }
    }

    /// Answers 403, without running the handler, to a request that may change something and comes from a foreign origin or
    /// names none: a form on another site must not sign anybody up or in either.
    ///
    /// A request with a bearer token and without cookies passes. No browser sends one for another site unasked, and clients
    /// that are not browsers have no origin.
    #[must_use]
    pub fn reject_foreign_origins(mut self) -> Self {
        self.reject_foreign_origins = true;
        self
    }
}

impl<U, S, I> Layer<I> for AuthLayer<U, S> {
    type Service = AuthService<I, U, S>;

    fn layer(&self, inner: I) -> Self::Service {
        AuthService::new(inner, self.auth.clone(), self.reject_foreign_origins)
    }
}

impl<U, S> Clone for AuthLayer<U, S> {
    fn clone(&self) -> Self {
        Self { auth: self.auth.clone(), reject_foreign_origins: self.reject_foreign_origins }
    }
}

impl<U, S> fmt::Debug for AuthLayer<U, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthLayer")
            .field("auth", &self.auth)
            .field("reject_foreign_origins", &self.reject_foreign_origins)
            .finish()
    }
}
