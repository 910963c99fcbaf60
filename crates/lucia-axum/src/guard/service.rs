use std::{
    fmt,
    future::Future,
    mem,
    pin::Pin,
    task::{Context, Poll},
};

use http::{Request, Response};
use lucia_auth::NoAttributes;
use tower_layer::Layer;
use tower_service::Service;

use super::RequireSession;

/// The service of a [`RequireSession`] layer.
pub struct RequireSessionService<I, U = NoAttributes, S = NoAttributes> {
    inner: I,
    guard: RequireSession<U, S>,
}

impl<U, S, I> Layer<I> for RequireSession<U, S> {
    type Service = RequireSessionService<I, U, S>;

    fn layer(&self, inner: I) -> Self::Service {
        RequireSessionService { inner, guard: self.clone() }
    }
}

impl<I, U, S, B, R> Service<Request<B>> for RequireSessionService<I, U, S>
where
    I: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    I::Future: Send,
    U: Send + Sync + 'static,
    S: Send + Sync + 'static,
    B: Send + 'static,
    R: Default + 'static,
{
    type Response = Response<R>;
    type Error = I::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<R>, I::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), I::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The service is ready, its clone may not be.
        let clone = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, clone);
        let guard = self.guard.clone();
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            match guard.check(&parts).await {
                Ok(()) => inner.call(Request::from_parts(parts, body)).await,
                Err(rejection) => Ok(guard.reject(rejection, &parts)),
            }
        })
    }
}

impl<I: Clone, U, S> Clone for RequireSessionService<I, U, S> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), guard: self.guard.clone() }
    }
}

impl<I: fmt::Debug, U, S> fmt::Debug for RequireSessionService<I, U, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequireSessionService")
            .field("inner", &self.inner)
            .field("guard", &self.guard)
            .finish_non_exhaustive()
    }
}
