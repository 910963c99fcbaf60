use axum::{
    Form,
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, StatusCode};
use lucia::{NewSession, UserId};
use lucia_axum::AuthRejection;
use minijinja::context;
use serde::Serialize;

use super::{PROVIDER, Request, Session, answer::Failure, device, form::Credentials, pages};

pub(super) async fn page() -> Response {
    show(StatusCode::OK, None, "")
}

pub(super) async fn submit(
    request: Request,
    headers: HeaderMap,
    Form(credentials): Form<Credentials>,
) -> Result<Response, Failure> {
    let key = request.auth().use_key(PROVIDER, &credentials.canonical_username(), Some(&credentials.password)).await;
    match key {
        Ok(key) => {
            start_session(&request, key.user_id, &headers).await?;
            Ok(Redirect::to("/account").into_response())
        }
        // One message, whatever was wrong: nobody is to learn who has an account.
        Err(error) if error.is_invalid_credentials() => {
            let message = "The user name or the password is wrong.";
            Ok(show(StatusCode::BAD_REQUEST, Some(message), &credentials.username))
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn sign_out(
    request: Request,
    session: Result<Option<Session>, AuthRejection>,
) -> Result<Redirect, Failure> {
    if let Some(session) = session? {
        request.auth().invalidate_session(&session.session_id).await?;
    }
    request.set_session(None);
    Ok(Redirect::to("/"))
}

/// Signs the browser in, and out of the session that it may have had.
pub(super) async fn start_session(request: &Request, user_id: UserId, headers: &HeaderMap) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct NewDevice {
        device: String,
    }
    let device = NewDevice { device: device::describe(headers) };
    let session = request.auth().create_session(NewSession::new(user_id).attributes(&device)).await?;
    if let Some(former) = request.session_id() {
        request.auth().invalidate_session(&former).await?;
    }
    request.set_session(Some(&session));
    Ok(())
}

fn show(status: StatusCode, error: Option<&str>, username: &str) -> Response {
    pages::render(status, "sign-in.html", context! { error, username })
}
