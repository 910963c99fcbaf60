use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::Response;
use lucia_auth::AuthRequest;
use pin_project_lite::pin_project;

use crate::{AuthRejection, rejection::Renderer};

pin_project! {
    /// The response future of an [`AuthService`](super::AuthService).
    pub struct ResponseFuture<F, U, S> {
        #[pin]
        state: State<F, U, S>,
        renderer: Renderer,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<F, U, S> {
        Handling { #[pin] response: F, request: Option<AuthRequest<U, S>> },
        Forbidden,
    }
}

impl<F, U, S> ResponseFuture<F, U, S> {
    /// Without a `request`, another layer writes the headers.
    pub(super) const fn handling(response: F, request: Option<AuthRequest<U, S>>, renderer: Renderer) -> Self {
        Self { state: State::Handling { response, request }, renderer }
    }

    pub(super) const fn forbidden(renderer: Renderer) -> Self {
        Self { state: State::Forbidden, renderer }
    }
}

impl<F, U, S, R, E> Future for ResponseFuture<F, U, S>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: Default + 'static,
{
    type Output = Result<Response<R>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        match this.state.project() {
            StateProjection::Handling { response, request } => {
                let mut response = ready!(response.poll(context))?;
                this.renderer.render_rejected(&mut response);
                if let Some(request) = request {
                    request.write_headers(response.headers_mut());
                }
                Poll::Ready(Ok(response))
            }
            StateProjection::Forbidden => {
                let mut response = AuthRejection::ForeignOrigin.into_response_with();
                this.renderer.render_rejected(&mut response);
                Poll::Ready(Ok(response))
            }
        }
    }
}

impl<F, U, S> fmt::Debug for ResponseFuture<F, U, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
