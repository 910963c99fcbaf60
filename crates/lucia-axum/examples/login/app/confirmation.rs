//! The page that asks for the password again.

use axum::{
    Form,
    extract::Query,
    response::{IntoResponse, Redirect, Response},
};
use lucia_axum::next_path;
use minijinja::context;
use serde::Deserialize;

use super::{
    account::SignedIn,
    answer::Failure,
    auth::Request,
    form::{FieldErrors, Next},
    pages,
};

#[derive(Deserialize)]
pub(super) struct Confirmation {
    #[serde(default)]
    next: String,
    #[serde(default)]
    password: String,
}

pub(super) async fn page(session: SignedIn, Query(query): Query<Next>) -> Result<Response, Failure> {
    let username = &session?.user.attributes.username;
    Ok(show(username, &FieldErrors::none(), &query.next))
}

pub(super) async fn submit(
    request: Request,
    session: SignedIn,
    Form(form): Form<Confirmation>,
) -> Result<Response, Failure> {
    let username = &session?.user.attributes.username;
    let errors = match request.confirm_password(&form.password).await {
        Ok(_) => return Ok(Redirect::to(next_path(&form.next).unwrap_or("/account")).into_response()),
        Err(error) if error.is_invalid_credentials() => FieldErrors::one("password", "The password is wrong."),
        Err(error) => FieldErrors::retry_later(error)?,
    };
    Ok(show(username, &errors, &form.next))
}

fn show(username: &str, errors: &FieldErrors, next: &str) -> Response {
    // The page to go on with says so, too.
    let is_late = next.contains("notice=not-changed");
    pages::form("confirm-password.html", errors, context! { signed_in => true, username, next, is_late })
}
