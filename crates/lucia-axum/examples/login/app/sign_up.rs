use axum::{
    Form,
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, StatusCode};
use lucia_auth::{Error, NewKey, NewSession, NewUser};
use minijinja::context;

use super::{
    answer::Failure,
    auth::{PROVIDER, Profile, Request},
    form::{Credentials, check_username, password_problem},
    pages,
    sign_in::start_session,
};

pub(super) async fn page() -> Response {
    show(StatusCode::OK, None, "")
}

pub(super) async fn submit(
    request: Request,
    headers: HeaderMap,
    Form(credentials): Form<Credentials>,
) -> Result<Response, Failure> {
    let refuse = |error: &str| Ok(show(StatusCode::BAD_REQUEST, Some(error), &credentials.username));
    if let Err(error) = check_username(&credentials.username) {
        return refuse(error);
    }
    let key = NewKey::with_password((PROVIDER, credentials.canonical_username()), credentials.password.as_str());
    let profile = Profile { username: credentials.username.trim().to_owned() };
    match request.auth().create_user(NewUser::new().key(key).attributes(&profile)).await {
        Ok(user) => {
            start_session(&request, NewSession::new(user.id), &headers).await?;
            Ok(Redirect::to("/account").into_response())
        }
        Err(Error::DuplicateKeyId { .. } | Error::DuplicateAttribute { .. }) => refuse("That user name is taken."),
        Err(error) => match password_problem(&error) {
            Some(problem) => refuse(&problem),
            None => Err(error.into()),
        },
    }
}

fn show(status: StatusCode, error: Option<&str>, username: &str) -> Response {
    pages::render(status, "sign-up.html", context! { error, username })
}
