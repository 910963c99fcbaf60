use std::{
    fmt,
    task::{Context, Poll},
};

use http::{HeaderMap, Request, Response, header};
use lucia::{Auth, AuthRequest, NoAttributes};
use tower_service::Service;

use super::ResponseFuture;

/// The service that an [`AuthLayer`](super::AuthLayer) makes.
pub struct AuthService<I, U = NoAttributes, S = NoAttributes> {
    inner: I,
    auth: Auth<U, S>,
    reject_foreign_origins: bool,
}

impl<I, U, S> AuthService<I, U, S> {
    pub(super) const fn new(inner: I, auth: Auth<U, S>, reject_foreign_origins: bool) -> Self {
        Self { inner, auth, reject_foreign_origins }
    }

    /// Other credentials in that header do not count: browsers repeat those of HTTP's own schemes by themselves.
    fn has_token_only(&self, headers: &HeaderMap) -> bool {
        let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        self.auth.read_bearer_token(header).is_some() && !headers.contains_key(header::COOKIE)
    }
}

impl<I, U, S, B, R> Service<Request<B>> for AuthService<I, U, S>
where
    I: Service<Request<B>, Response = Response<R>>,
    U: Send + Sync + 'static,
    S: Send + Sync + 'static,
    R: Default,
{
    type Response = Response<R>;
    type Error = I::Error;
    type Future = ResponseFuture<I::Future, U, S>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), I::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let outer = request.extensions().get::<AuthRequest<U, S>>().cloned();
        let handled = outer.is_some();
        let auth_request = outer.unwrap_or_else(|| self.auth.handle_request(&request));
        let trusted = auth_request.has_trusted_origin() || self.has_token_only(request.headers());
        if self.reject_foreign_origins && !trusted {
            return ResponseFuture::forbidden();
        }
        if handled {
            return ResponseFuture::passing(self.inner.call(request));
        }
        request.extensions_mut().insert(auth_request.clone());
        ResponseFuture::handling(self.inner.call(request), auth_request)
    }
}

impl<I: Clone, U, S> Clone for AuthService<I, U, S> {
    fn clone(&self) -> Self {
        Self::new(self.inner.clone(), self.auth.clone(), self.reject_foreign_origins)
    }
}

impl<I: fmt::Debug, U, S> fmt::Debug for AuthService<I, U, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthService").field("inner", &self.inner).finish_non_exhaustive()
    }
}
