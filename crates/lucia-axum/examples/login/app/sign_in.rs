use axum::{
    Form,
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, StatusCode};
use lucia_auth::{Error, NewSession};
use minijinja::context;
use serde::Serialize;

use super::{
    answer::Failure,
    auth::{PROVIDER, Request},
    device,
    form::Credentials,
    pages,
};

pub(super) async fn page() -> Response {
    show(StatusCode::OK, None, "")
}

pub(super) async fn submit(
    request: Request,
    headers: HeaderMap,
    Form(credentials): Form<Credentials>,
) -> Result<Response, Failure> {
    match sign_in(&request, &headers, &credentials).await {
        Ok(()) => Ok(Redirect::to("/account").into_response()),
        // One message for every reason, which does not reveal who has an account.
        Err(error) if error.is_invalid_credentials() => {
            let message = "The user name or the password is wrong.";
            Ok(show(StatusCode::BAD_REQUEST, Some(message), &credentials.username))
        }
        Err(error) => Err(error.into()),
    }
}

async fn sign_in(request: &Request, headers: &HeaderMap, credentials: &Credentials) -> Result<(), Error> {
    let username = credentials.canonical_username();
    let key = request.auth().use_key_with_password((PROVIDER, &username), &credentials.password).await?;
    start_session(request, NewSession::for_key(&key), headers).await
}

pub(super) async fn sign_out(request: Request) -> Result<Redirect, Failure> {
    request.sign_out().await?;
    Ok(Redirect::to("/"))
}

/// Signs the browser in, and out of its previous session.
pub(super) async fn start_session(request: &Request, session: NewSession, headers: &HeaderMap) -> Result<(), Error> {
    #[derive(Serialize)]
    struct NewDevice {
        device: String,
    }
    let device = NewDevice { device: device::describe(headers) };
    let session = request.auth().create_session(session.attributes(&device)).await?;
    request.sign_out().await?;
    request.set_session(Some(&session));
    Ok(())
}

fn show(status: StatusCode, error: Option<&str>, username: &str) -> Response {
    pages::render(status, "sign-in.html", context! { error, username })
}
