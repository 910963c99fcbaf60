//! Pages. The only input in them is a username, which contains no character of HTML.

use http::{Response, StatusCode, header};

const HOME: &str = r#"<form method="post" action="/sign-up"><h2>Sign up</h2>
<input name="username" placeholder="Username" autocomplete="username" required>
<input name="password" type="password" placeholder="Password" autocomplete="new-password" required>
<button>Sign up</button></form>
<form method="post" action="/sign-in"><h2>Sign in</h2>
<input name="username" placeholder="Username" autocomplete="username" required>
<input name="password" type="password" placeholder="Password" autocomplete="current-password" required>
<button>Sign in</button></form>"#;

const SIGN_OUT: &str = r#"<form method="post" action="/sign-out"><button>Sign out</button></form>
<form method="post" action="/sign-out-everywhere"><button>Sign out everywhere</button></form>"#;

pub(crate) fn home() -> Response<String> {
    html(StatusCode::OK, HOME)
}

pub(crate) fn account(username: &str, sessions: usize) -> Response<String> {
    html(StatusCode::OK, &format!("<p>Signed in as <b>{username}</b>. Sessions: {sessions}.</p>\n{SIGN_OUT}"))
}

pub(crate) fn message(status: StatusCode, text: &str) -> Response<String> {
    html(status, &format!("<p>{text}</p>\n<p><a href=\"/\">Back</a></p>"))
}

/// Redirects the browser after a form.
pub(crate) fn see_other(location: &'static str) -> Response<String> {
    let mut response = Response::new(String::new());
    *response.status_mut() = StatusCode::SEE_OTHER;
    response.headers_mut().insert(header::LOCATION, header::HeaderValue::from_static(location));
    response
}

fn html(status: StatusCode, content: &str) -> Response<String> {
    let page = format!("<!doctype html><html lang=\"en\"><title>Lucia on Workers</title>\n{content}</html>");
    let mut response = Response::new(page);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    response
}
