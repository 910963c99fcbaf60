use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Encoded, a longer path would not fit into the header buffers of common proxies.
const MAX_LENGTH: usize = 2_048;

/// What the value of a query parameter cannot contain, and some more.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'/').remove(b'_').remove(b'~');

/// Returns the text if it is a path of this origin, with or without a query and a fragment, so that a page may redirect
/// to it. The sign-in page checks its parameter `next` with this, or it would send users to wherever a link says.
///
/// `None` for other origins in all of their forms (`https://evil.example`, `//evil.example`, `/\evil.example`), for
/// characters that a URL cannot contain, which browsers drop, and for more than 2,048 bytes.
///
/// ```
/// use axum::{extract::Query, response::Redirect};
/// use lucia_axum::next_path;
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct SignIn {
///     next: Option<String>,
/// }
///
/// async fn signed_in(Query(sign_in): Query<SignIn>) -> Redirect {
///     Redirect::to(sign_in.next.as_deref().and_then(next_path).unwrap_or("/account"))
/// }
///
/// assert_eq!(next_path("/orders?page=2"), Some("/orders?page=2"));
/// assert_eq!(next_path("//evil.example"), None);
/// ```
#[must_use]
pub fn next_path(text: &str) -> Option<&str> {
    let path = text.split(['?', '#']).next().unwrap_or_default();
    // Browsers read a backslash in a path as a slash.
    let is_local = path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
    let is_visible = text.bytes().all(|byte| byte.is_ascii_graphic());
    (is_local && is_visible && text.len() <= MAX_LENGTH).then_some(text)
}

/// Returns the location of a page, with the path in its query parameter `next`.
pub(super) fn with_next(page: &str, path: &str) -> String {
    let separator = if page.contains('?') { '&' } else { '?' };
    format!("{page}{separator}next={}", utf8_percent_encode(path, RESERVED))
}
