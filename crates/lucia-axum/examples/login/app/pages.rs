//! The templates, and the static pages.

use std::{error::Error, sync::LazyLock};

use axum::{
    extract::Request,
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use minijinja::{Environment, Value, context};

use super::form::FieldErrors;

/// The content type of `Html`.
const HTML: &str = "text/html; charset=utf-8";

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    for (name, source) in [
        ("fields.html", include_str!("../templates/fields.html")),
        ("layout.html", include_str!("../templates/layout.html")),
        ("home.html", include_str!("../templates/home.html")),
        ("sign-up.html", include_str!("../templates/sign-up.html")),
        ("sign-in.html", include_str!("../templates/sign-in.html")),
        ("account.html", include_str!("../templates/account.html")),
        ("email.html", include_str!("../templates/email.html")),
        ("verify-email.html", include_str!("../templates/verify-email.html")),
        ("confirm-password.html", include_str!("../templates/confirm-password.html")),
        ("forgot-password.html", include_str!("../templates/forgot-password.html")),
        ("reset-password.html", include_str!("../templates/reset-password.html")),
        ("outbox.html", include_str!("../templates/outbox.html")),
        ("message.html", include_str!("../templates/message.html")),
    ] {
        // The templates are compiled in, and tests render all of them.
        #[expect(clippy::expect_used, reason = "a template that does not parse is a bug")]
        environment.add_template(name, source).expect("the template parses");
    }
    environment
});

/// Renders a template, with every value escaped.
pub(super) fn render(status: StatusCode, template: &str, values: Value) -> Response {
    match TEMPLATES.get_template(template).and_then(|template| template.render(values)) {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(template, error = &error as &dyn Error, "page not rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Renders a page with a form, and the problems with its fields.
pub(super) fn form(template: &str, errors: &FieldErrors, values: Value) -> Response {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let page = render(status, template, context! { error => errors.summary(), errors => errors.by_field(), ..values });
    match errors.later() {
        Some(later) => later.apply(page),
        None => page,
    }
}

/// A page with one message.
pub(super) fn message(status: StatusCode, title: &str, text: &str) -> Response {
    render(status, "message.html", context! { title, text })
}

/// The page of a link that was followed too late, or twice. Another one is asked for at `another`.
pub(super) fn invalid_link(another: &'static str) -> Response {
    let text = "This link is no longer valid: it was used, it is too old, or your address or password has changed.";
    render(StatusCode::BAD_REQUEST, "message.html", context! { title => "That did not work", text, another })
}

/// Keeps the browser from telling others the address of a page, which contains a token.
///
/// Its forms have `Origin: null` then. Browsers also say that they come from this site, which [`AuthLayer`] accepts.
///
/// [`AuthLayer`]: lucia_axum::AuthLayer
pub(super) fn without_referrer(mut page: Response) -> Response {
    page.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    page
}

pub(super) async fn not_found() -> Response {
    message(StatusCode::NOT_FOUND, "Not found", "This page does not exist.")
}

/// Renders the errors of layers and extractors, which are a line of text, as pages.
pub(super) async fn explain(request: Request, next: Next) -> Response {
    let is_form = !request.method().is_safe();
    let response = next.run(request).await;
    let status = response.status();
    let is_page = response.headers().get(header::CONTENT_TYPE).is_some_and(|value| value == HTML);
    let text = match status {
        _ if is_page || !status.is_client_error() => return response,
        StatusCode::FORBIDDEN => "The form came from another site, so nothing was changed.",
        StatusCode::METHOD_NOT_ALLOWED if is_form => "This page takes no forms, so nothing was changed.",
        StatusCode::METHOD_NOT_ALLOWED => "This address takes forms only; it has no page.",
        StatusCode::PAYLOAD_TOO_LARGE => "That was too much text, so nothing was changed.",
        _ => "The form could not be read, so nothing was changed.",
    };
    let (mut refusal, _) = response.into_parts();
    let (page, body) = message(status, "That did not work", text).into_parts();
    refusal.headers.remove(header::CONTENT_LENGTH);
    refusal.headers.extend(page.headers);
    Response::from_parts(refusal, body)
}

pub(super) async fn style() -> Response {
    file("text/css; charset=utf-8", include_str!("../templates/style.css"))
}

pub(super) async fn icon() -> Response {
    file("image/svg+xml", include_str!("../templates/favicon.svg"))
}

fn file(content_type: &'static str, content: &'static str) -> Response {
    let headers = [(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, "max-age=300")];
    (headers, content).into_response()
}
