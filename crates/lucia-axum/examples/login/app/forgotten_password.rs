//! The link for a new password.

use std::error::Error as StdError;

use axum::{
    Form,
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use lucia_auth::{Error, TokenInfo, TokenPurpose, UserId};
use minijinja::context;
use serde::Deserialize;

use super::{
    answer::Failure,
    auth::{AppAuth, Request, Verified},
    email_address::EmailAddress,
    form::{FieldErrors, Link, Remember, password_problem},
    keys::has_address,
    links::Links,
    mail::SignedOut,
    pages,
};

#[derive(Deserialize)]
pub(super) struct ForgottenPassword {
    #[serde(default)]
    email: String,
}

pub(super) async fn page() -> Response {
    pages::form("forgot-password.html", &FieldErrors::none(), context! {})
}

/// Answers in the same way and as fast whether or not there is an account.
pub(super) async fn submit(
    State(links): State<Links>,
    request: Request,
    Form(ForgottenPassword { email }): Form<ForgottenPassword>,
) -> Result<Response, Failure> {
    let address = match email.parse::<EmailAddress>() {
        Ok(address) => address,
        Err(problem) => {
            let errors = FieldErrors::one("email", problem.to_string());
            return Ok(pages::form("forgot-password.html", &errors, context! { email }));
        }
    };
    // Not given back, and not limited for the account: strangers would use up the attempts of its owner.
    let _attempt = match request.auth().attempt_from("forgot-password", request.client()).await {
        Ok(attempt) => attempt,
        Err(error) => {
            return Ok(pages::form("forgot-password.html", &FieldErrors::retry_later(error)?, context! { email }));
        }
    };
    links.reset_password(address);
    let text = "If there is an account with that address, we have sent it a link. It is valid for 30 minutes. \
                If no mail arrives, ask again in two minutes.";
    Ok(pages::message(StatusCode::OK, "Look into your mail", text))
}

/// Shows a form: programs that scan mails follow links, but do not submit forms.
pub(super) async fn reset_page(State(links): State<Links>, Query(link): Query<Link>) -> Result<Response, Failure> {
    show_reset(&links, &link.token, &FieldErrors::none(), true).await
}

#[derive(Deserialize)]
pub(super) struct NewPassword {
    #[serde(default)]
    token: String,
    #[serde(default)]
    new_password: String,
    #[serde(flatten)]
    remember: Remember,
}

pub(super) async fn reset(
    State(links): State<Links>,
    request: Request,
    Form(form): Form<NewPassword>,
) -> Result<Response, Failure> {
    let NewPassword { token, new_password, remember } = form;
    let Some((_, address)) = find_reset(&links, &token).await? else { return Ok(invalid_link()) };
    let (task, text) = (links.clone(), token.clone());
    // A task is not dropped when the client disconnects, and so does not stop halfway.
    let resetting = async move {
        let key = task.tokens().reset_password(&text, &new_password).await?;
        task.announce_new_password(key.user_id.clone(), SignedOut::Everywhere);
        if let Err(error) = record_confirmed(task.auth(), &key.user_id, &address).await {
            // The password is set. The page of the account mails another link.
            tracing::error!(error = &error as &dyn StdError, "address not confirmed");
        }
        Ok(key)
    };
    let key = match links.tasks().spawn(resetting).await? {
        Ok(key) => key,
        Err(Error::InvalidOneTimeToken) => return Ok(invalid_link()),
        Err(error) => {
            let errors = match password_problem(&error) {
                Some(problem) => FieldErrors::one("new_password", problem),
                None => FieldErrors::retry_later(error)?,
            };
            return show_reset(&links, &token, &errors, remember.is_chosen()).await;
        }
    };
    if remember.is_chosen() {
        // Whoever can read the account's mail is not locked out by guesses of others.
        request.remember_device(&key)?;
    }
    request.clear_session();
    Ok(Redirect::to("/sign-in?notice=reset").into_response())
}

/// The link was mailed to the address, and the reset has voided the link that was to confirm it.
async fn record_confirmed(auth: &AppAuth, user_id: &UserId, address: &EmailAddress) -> Result<(), Error> {
    if has_address(auth, user_id, address).await? {
        let verified = Verified { email: address.as_str(), email_verified: true };
        auth.update_user_attributes(user_id, &verified).await?;
    }
    Ok(())
}

async fn show_reset(links: &Links, token: &str, errors: &FieldErrors, remember: bool) -> Result<Response, Failure> {
    let Some((info, _)) = find_reset(links, token).await? else { return Ok(invalid_link()) };
    let owner = links.auth().get_user(&info.user_id).await?.attributes.username;
    Ok(pages::without_referrer(pages::form("reset-password.html", errors, context! { token, owner, remember })))
}

/// The page of a link that is no longer valid: another one is asked for at the start.
fn invalid_link() -> Response {
    pages::invalid_link("/forgot-password")
}

/// Returns a link that is valid, and was mailed to an address that its user still has.
async fn find_reset(links: &Links, token: &str) -> Result<Option<(TokenInfo, EmailAddress)>, Error> {
    let info = match links.tokens().peek(TokenPurpose::PASSWORD_RESET, token).await {
        Err(Error::InvalidOneTimeToken) => return Ok(None),
        info => info?,
    };
    let Some(Ok(address)) = info.bound_to.as_deref().map(str::parse::<EmailAddress>) else { return Ok(None) };
    Ok(has_address(links.auth(), &info.user_id, &address).await?.then_some((info, address)))
}
