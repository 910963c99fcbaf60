use axum::response::Response;
use http::{HeaderMap, StatusCode};
use lucia_axum::AuthRejection;
use minijinja::context;

use super::{answer::Failure, auth::Session, notice, pages};

pub(super) async fn page(
    session: Result<Option<Session>, AuthRejection>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let session = session?;
    let username = session.as_ref().map(|session| &session.user.attributes.username);
    let was_deleted = notice::was_deleted(&headers);
    let notice = was_deleted.then_some("Your account and everything in it was deleted.");
    let page = pages::render(StatusCode::OK, "home.html", context! { username, notice });
    Ok(if was_deleted { notice::forget_deletion(page) } else { page })
}
