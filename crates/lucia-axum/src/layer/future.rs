use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::{HeaderValue, Response, StatusCode, header};
use lucia::AuthRequest;
use pin_project_lite::pin_project;

pin_project! {
    /// The response of an [`AuthService`](super::AuthService).
    pub struct ResponseFuture<F, U, S> {
        #[pin]
        state: State<F, U, S>,
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
    pub(super) const fn handling(response: F, request: AuthRequest<U, S>) -> Self {
        Self { state: State::Handling { response, request: Some(request) } }
    }

    /// For a request that another layer handles.
    pub(super) const fn passing(response: F) -> Self {
        Self { state: State::Handling { response, request: None } }
    }

    pub(super) const fn forbidden() -> Self {
        Self { state: State::Forbidden }
    }
}

impl<F, U, S, R, E> Future for ResponseFuture<F, U, S>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: Default,
{
    type Output = Result<Response<R>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProjection::Handling { response, request } => {
                let mut response = ready!(response.poll(context))?;
                if let Some(request) = request {
                    set_cookie(&mut response, request);
                }
                Poll::Ready(Ok(response))
            }
            StateProjection::Forbidden => {
                let mut response = Response::new(R::default());
                *response.status_mut() = StatusCode::FORBIDDEN;
                Poll::Ready(Ok(response))
            }
        }
    }
}

/// Adds a header and touches no other (bug C33).
fn set_cookie<R, U, S>(response: &mut Response<R>, request: &AuthRequest<U, S>) {
    let cookie = request.pending_cookie().map(|cookie| HeaderValue::try_from(cookie.to_string()));
    // The builder of `Auth` and the check of session ids leave nothing that a header cannot hold.
    if let Some(Ok(cookie)) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

impl<F, U, S> fmt::Debug for ResponseFuture<F, U, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
