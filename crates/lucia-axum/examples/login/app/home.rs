use axum::response::Response;
use http::StatusCode;
use lucia_axum::AuthRejection;
use minijinja::context;

use super::{answer::Failure, auth::Session, pages};

pub(super) async fn page(session: Result<Option<Session>, AuthRejection>) -> Result<Response, Failure> {
    let session = session?;
    let username = session.as_ref().map(|session| &session.user.attributes.username);
    Ok(pages::render(StatusCode::OK, "home.html", context! { username }))
}
