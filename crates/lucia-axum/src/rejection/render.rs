use std::{any::Any, sync::Arc};

use axum_core::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use http_body::Body as _;

use super::{AuthRejection, accept::prefers_json};

/// The function of [`AuthLayer::render_rejections`](crate::AuthLayer::render_rejections).
pub(crate) type Render = dyn Fn(&AuthRejection, &HeaderMap) -> Response + Send + Sync;

/// A rejection in the extensions of a response, with the response's original form.
#[derive(Clone)]
struct Rejected {
    rejection: Arc<AuthRejection>,
    status: StatusCode,
    content_type: Option<HeaderValue>,
    size: Option<u64>,
}

impl Rejected {
    fn mark(response: &mut Response, rejection: Arc<AuthRejection>) {
        let rejected = Self {
            rejection,
            status: response.status(),
            content_type: response.headers().get(header::CONTENT_TYPE).cloned(),
            size: response.body().size_hint().exact(),
        };
        response.extensions_mut().insert(rejected);
    }

    /// Returns `true` if the response was not changed since. A handler or layer that changed it takes precedence.
    fn describes(&self, response: &Response) -> bool {
        response.status() == self.status
            && response.headers().get(header::CONTENT_TYPE) == self.content_type.as_ref()
            && !response.headers().contains_key(header::CONTENT_ENCODING)
            && response.body().size_hint().exact() == self.size
    }
}

impl IntoResponse for AuthRejection {
    fn into_response(self) -> Response {
        self.log();
        let mut response = text(&self);
        response.headers_mut().extend(self.header());
        // The layer renders it, because it knows what the client accepts.
        Rejected::mark(&mut response, Arc::new(self));
        response
    }
}

impl AuthRejection {
    /// Returns the response with a body of any type. One that is not axum's is empty, until an outer layer renders the
    /// rejection.
    pub(crate) fn into_response_with<R: Default + 'static>(self) -> http::Response<R> {
        let (mut parts, reason) = self.into_response().into_parts();
        let mut body = R::default();
        let any: &mut dyn Any = &mut body;
        if let Some(body) = any.downcast_mut::<Body>() {
            *body = reason;
        } else {
            parts.headers.remove(header::CONTENT_TYPE);
            if let Some(rejected) = parts.extensions.get_mut::<Rejected>() {
                (rejected.content_type, rejected.size) = (None, Some(0));
            }
        }
        http::Response::from_parts(parts, body)
    }
}

/// Renders the rejections of one request.
#[derive(Clone)]
pub(crate) enum Renderer {
    /// Renders text or JSON, by the `Accept` header.
    Default(Option<HeaderValue>),
    /// Calls the application's function with the request's headers, without credentials.
    Custom(Arc<Render>, HeaderMap),
}

impl Renderer {
    pub(crate) fn new(custom: Option<&Arc<Render>>, headers: &HeaderMap) -> Self {
        match custom {
            Some(render) => Self::Custom(Arc::clone(render), without_credentials(headers)),
            None => Self::Default(headers.get(header::ACCEPT).cloned()),
        }
    }

    /// Renders the response of a rejection again, if the body type is axum's.
    pub(crate) fn render_rejected<R: 'static>(&self, response: &mut http::Response<R>) {
        let any: &mut dyn Any = response;
        let Some(response) = any.downcast_mut::<Response>() else { return };
        if let Some(rejected) = response.extensions_mut().remove::<Rejected>()
            && rejected.describes(response)
        {
            *response = self.render(std::mem::take(response), rejected.rejection);
        }
    }

    fn render(&self, response: Response, rejection: Arc<AuthRejection>) -> Response {
        let rendered = match self {
            Self::Custom(render, headers) => render(&rejection, headers),
            Self::Default(accept) => {
                let accept = accept.as_ref().and_then(|accept| accept.to_str().ok());
                if accept.is_some_and(prefers_json) { problem(&rejection) } else { text(&rejection) }
            }
        };
        let (before, _) = response.into_parts();
        let (mut parts, body) = rendered.into_parts();
        // Keep the headers of other layers, except those of the new response.
        let mut headers = before.headers;
        for name in
            [header::CONTENT_LENGTH, header::CONTENT_TYPE].into_iter().chain(rejection.header().map(|(name, _)| name))
        {
            headers.remove(name);
        }
        for name in parts.headers.keys().filter(|name| !IN_SEVERAL_LINES.contains(name)) {
            headers.remove(name);
        }
        for (name, value) in &parts.headers {
            headers.append(name, value.clone());
        }
        if let Some((name, value)) = rejection.header().filter(|_| parts.status == rejection.status()) {
            headers.entry(name).or_insert(value);
        }
        let mut extensions = before.extensions;
        extensions.extend(std::mem::take(&mut parts.extensions));
        (parts.headers, parts.extensions) = (headers, extensions);
        let mut response = Response::from_parts(parts, body);
        if matches!(self, Self::Default(_)) {
            let headers = response.headers_mut();
            if !headers.get_all(header::VARY).iter().any(|name| name == "accept") {
                headers.append(header::VARY, HeaderValue::from_static("accept"));
            }
            // An outer layer may render it again.
            Rejected::mark(&mut response, rejection);
        }
        response
    }
}

fn without_credentials(headers: &HeaderMap) -> HeaderMap {
    let mut kept = headers.clone();
    for name in [header::COOKIE, header::AUTHORIZATION, header::PROXY_AUTHORIZATION] {
        kept.remove(name);
    }
    kept
}

/// Returns `true` for headers of which each layer may add one.
const IN_SEVERAL_LINES: [HeaderName; 2] = [header::SET_COOKIE, header::VARY];

fn text(rejection: &AuthRejection) -> Response {
    (rejection.status(), rejection.detail()).into_response()
}

/// A body as in RFC 9457. `type` is `about:blank`; the code is more specific than the status.
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
