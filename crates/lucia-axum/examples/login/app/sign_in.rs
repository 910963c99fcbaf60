use axum::{
    Form,
    extract::Query,
    response::{IntoResponse, Redirect, Response},
};
use http::HeaderMap;
use lucia_auth::{Error, NewSession};
use lucia_axum::next_path;
use minijinja::context;
use serde::Deserialize;

use super::{
    answer::Failure,
    auth::{Device, Request},
    device,
    form::{FieldErrors, Next, Notice, Remember},
    keys::{USERNAME, find_username},
    pages,
    retry_later::RetryLater,
};

/// The fields of the page. A missing one is treated as empty.
#[derive(Deserialize)]
pub(super) struct SignIn {
    /// A user name or an address.
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
    #[serde(flatten)]
    remember: Remember,
    /// The page to go on with.
    #[serde(default)]
    next: String,
}

pub(super) async fn page(Query(notice): Query<Notice>, Query(Next { next }): Query<Next>) -> Response {
    let notice = match notice.notice.as_deref() {
        Some("reset") => Some("Your password was changed. Sign in with the new one."),
        Some("verified") => Some("Your e-mail address is confirmed."),
        _ => None,
    };
    let values = context! { username => "", remember => true, notice, next };
    pages::form("sign-in.html", &FieldErrors::none(), values)
}

pub(super) async fn submit(
    request: Request,
    headers: HeaderMap,
    Form(form): Form<SignIn>,
) -> Result<Response, Failure> {
    let errors = match sign_in(&request, &headers, &form).await {
        Ok(()) => return Ok(Redirect::to(next_path(&form.next).unwrap_or("/account")).into_response()),
        // One message for every reason, which does not reveal who has an account.
        Err(error) if error.is_invalid_credentials() => {
            FieldErrors::one("form", "The user name, the e-mail address or the password is wrong.")
        }
        Err(error) => FieldErrors::retry_later(error)?,
    };
    let SignIn { username, remember, next, .. } = &form;
    let is_throttled = errors.later().is_some_and(RetryLater::is_throttled);
    let values = context! { username, remember => remember.is_chosen(), next, is_throttled };
    Ok(pages::form("sign-in.html", &errors, values))
}

async fn sign_in(request: &Request, headers: &HeaderMap, form: &SignIn) -> Result<(), Error> {
    let auth = request.auth();
    let username = find_username(auth, &form.username).await?;
    let key = auth.use_key_with_password((USERNAME, &username), &form.password).client(request.client()).await?;
    if form.remember.is_chosen() {
        // From now on, guesses of others do not lock this device out. Its cookie outlives the browser, too.
        request.remember_device(&key)?;
    }
    start_session(request, NewSession::for_key(&key), headers, form.remember.is_chosen()).await
}

pub(super) async fn sign_out(request: Request) -> Result<Redirect, Failure> {
    request.sign_out().await?;
    Ok(Redirect::to("/"))
}

/// Signs the browser in, and out of its previous session.
pub(super) async fn start_session(
    request: &Request,
    session: NewSession,
    headers: &HeaderMap,
    remember: bool,
) -> Result<(), Error> {
    let device = Device { device: device::describe(headers), remember };
    let session = request.auth().create_session(session.attributes(&device)).await?;
    request.sign_out().await?;
    request.set_session(Some(&session));
    Ok(())
}
