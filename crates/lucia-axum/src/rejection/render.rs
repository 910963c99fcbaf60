use std::{any::Any, sync::Arc};

use axum_core::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::{AuthRejection, accept::prefers_json};

/// What [`AuthLayer::render_rejections`](crate::AuthLayer::render_rejections) takes.
pub(crate) type Render = dyn Fn(&AuthRejection, &HeaderMap) -> Response + Send + Sync;

/// In the extensions of a response: what it says.
#[derive(Clone)]
pub(super) struct Rejected(pub(super) Arc<AuthRejection>);

/// Renders the rejections of one request.
#[derive(Clone)]
pub(crate) enum Renderer {
    /// As text or JSON, by its `Accept` header.
    Default(Option<HeaderValue>),
    /// As the application does, which gets the request's headers.
    Custom(Arc<Render>, HeaderMap),
}

impl Renderer {
    pub(crate) fn new(custom: Option<&Arc<Render>>, headers: &HeaderMap) -> Self {
        match custom {
            Some(render) => Self::Custom(Arc::clone(render), headers.clone()),
            None => Self::Default(headers.get(header::ACCEPT).cloned()),
        }
    }

    /// A response that says why, where its body is axum's; another body stays empty.
    pub(crate) fn reject<R: Default + 'static>(&self, rejection: AuthRejection) -> http::Response<R> {
        let mut response = http::Response::new(R::default());
        *response.status_mut() = rejection.status();
        response.extensions_mut().insert(Rejected(Arc::new(rejection)));
        self.render_rejected(&mut response);
        response
    }

    /// Renders a response anew, if it is that of a rejection. A layer around this one may do so again, unless the application
    /// has rendered it.
    pub(crate) fn render_rejected<R: 'static>(&self, response: &mut http::Response<R>) {
        // What is compressed already has a body that would not fit its headers.
        if response.headers().contains_key(header::CONTENT_ENCODING) {
            return;
        }
        let rejected = match self {
            Self::Custom(..) => response.extensions_mut().remove(),
            Self::Default(_) => response.extensions().get().cloned(),
        };
        if let Some(Rejected(rejection)) = rejected {
            self.render(response, &rejection);
        }
    }

    fn render<R: 'static>(&self, response: &mut http::Response<R>, rejection: &AuthRejection) {
        let body: &mut dyn Any = response.body_mut();
        let Some(body) = body.downcast_mut::<Body>() else { return };
        let (parts, rendered) = match self {
            Self::Custom(render, headers) => render(rejection, headers),
            Self::Default(accept) => {
                let accept = accept.as_ref().and_then(|accept| accept.to_str().ok());
                if accept.is_some_and(prefers_json) { problem(rejection) } else { text(rejection) }
            }
        }
        .into_parts();
        *body = rendered;
        *response.status_mut() = parts.status;
        let headers = response.headers_mut();
        headers.remove(header::CONTENT_LENGTH);
        headers.remove(header::CONTENT_TYPE);
        // What other layers set stays, but for what is rendered otherwise.
        for name in parts.headers.keys() {
            headers.remove(name);
        }
        headers.extend(parts.headers);
        if parts.status != StatusCode::UNAUTHORIZED {
            headers.remove(header::WWW_AUTHENTICATE);
        } else if let Some(challenge) = rejection.challenge() {
            headers.entry(header::WWW_AUTHENTICATE).or_insert(challenge);
        }
    }
}

pub(super) fn text(rejection: &AuthRejection) -> Response {
    (rejection.status(), rejection.detail()).into_response()
}

/// RFC 9457. The type is none of its own: the code says more than the status.
fn problem(rejection: &AuthRejection) -> Response {
    let status = rejection.status();
    let problem = serde_json::json!({
        "type": "about:blank",
        "title": status.canonical_reason(),
        "status": status.as_u16(),
        "detail": rejection.detail(),
        "code": rejection.code(),
    });
    (status, [(header::CONTENT_TYPE, "application/problem+json")], problem.to_string()).into_response()
}
