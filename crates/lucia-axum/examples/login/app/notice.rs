use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, HeaderValue, header};

const DELETED: HeaderValue = HeaderValue::from_static("notice=deleted; Max-Age=60; Path=/; HttpOnly; SameSite=Lax");
const SHOWN: HeaderValue = HeaderValue::from_static("notice=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax");

/// Redirects to the home page, which confirms the deletion of an account. Nobody is signed in any more, so a cookie
/// carries the notice.
pub(super) fn confirm_deletion() -> Response {
    ([(header::SET_COOKIE, DELETED)], Redirect::to("/")).into_response()
}

/// Returns `true` if the home page must confirm a deletion.
pub(super) fn was_deleted(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(';')).any(|cookie| cookie.trim() == "notice=deleted")
}

/// Deletes the cookie, so that the notice is shown once.
pub(super) fn forget_deletion(mut page: Response) -> Response {
    page.headers_mut().append(header::SET_COOKIE, SHOWN);
    page
}
