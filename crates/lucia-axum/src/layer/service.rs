use std::{
    fmt,
    task::{Context, Poll},
};

use http::{Request, Response};
use lucia_auth::{AuthRequest, NoAttributes};
use tower_layer::Layer;
use tower_service::Service;

use super::{AuthLayer, ResponseFuture};

/// The service of an [`AuthLayer`].
pub struct AuthService<I, U = NoAttributes, S = NoAttributes> {
    inner: I,
    layer: AuthLayer<U, S>,
}

impl<U, S, I> Layer<I> for AuthLayer<U, S> {
    type Service = AuthService<I, U, S>;

    fn layer(&self, inner: I) -> Self::Service {
        AuthService { inner, layer: self.clone() }
    }
}

impl<I, U, S, B, R> Service<Request<B>> for AuthService<I, U, S>
where
    I: Service<Request<B>, Response = Response<R>>,
    U: Send + Sync + 'static,
    S: Send + Sync + 'static,
    R: Default + 'static,
{
    type Response = Response<R>;
    type Error = I::Error;
    type Future = ResponseFuture<I::Future, U, S>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), I::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let outer = request.extensions().get::<AuthRequest<U, S>>();
        let outer = outer.filter(|outer| outer.auth().ptr_eq(self.layer.auth())).cloned();
        let handled = outer.is_some();
        let auth_request = outer.unwrap_or_else(|| self.layer.handle_request(&request));
        let renderer = self.layer.renderer(request.headers());
        if !self.layer.admits(&auth_request, request.headers()) {
            return ResponseFuture::forbidden(renderer);
        }
        if handled {
            return ResponseFuture::handling(self.inner.call(request), None, renderer);
        }
        request.extensions_mut().insert(auth_request.clone());
        ResponseFuture::handling(self.inner.call(request), Some(auth_request), renderer)
    }
}

impl<I: Clone, U, S> Clone for AuthService<I, U, S> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), layer: self.layer.clone() }
    }
}

impl<I: fmt::Debug, U, S> fmt::Debug for AuthService<I, U, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthService").field("inner", &self.inner).finish_non_exhaustive()
    }
}
