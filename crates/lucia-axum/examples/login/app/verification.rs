//! The link that shows that an address is the user's.

use axum::{
    Form,
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use lucia_auth::{Error, TokenPurpose, UserId};
use lucia_axum::AuthRejection;
use minijinja::context;

use super::{
    account::{SignedIn, show_errors},
    address_change::AddressChange,
    answer::Failure,
    auth::{AppAuth, Request, Session, Verified},
    form::{FieldErrors, Link},
    keys::{EMAIL, has_address},
    links::{Links, Resent},
    pages,
};

/// Shows a button: programs that scan mails follow links, but do not press buttons.
pub(super) async fn page(
    State(links): State<Links>,
    request: Request,
    Query(link): Query<Link>,
) -> Result<Response, Failure> {
    let token = match links.tokens().peek(TokenPurpose::EMAIL_VERIFICATION, &link.token).await {
        Err(Error::InvalidOneTimeToken) => return Ok(invalid_link()),
        token => token?,
    };
    let Some(change) = parse_change(token.bound_to) else { return Ok(invalid_link()) };
    if !has_address(request.auth(), &token.user_id, &change.present).await? {
        return Ok(invalid_link());
    }
    let user = request.auth().get_user(&token.user_id).await?;
    let address = change.new.as_str();
    let values = context! { token => link.token, owner => user.attributes.username, address };
    Ok(pages::without_referrer(pages::form("verify-email.html", &FieldErrors::none(), values)))
}

pub(super) async fn submit(
    State(links): State<Links>,
    request: Request,
    session: Result<Option<Session>, AuthRejection>,
    Form(link): Form<Link>,
) -> Result<Response, Failure> {
    let session = session?;
    let token = match links.tokens().redeem(TokenPurpose::EMAIL_VERIFICATION, &link.token).await {
        Err(Error::InvalidOneTimeToken) => return Ok(invalid_link()),
        token => token?,
    };
    let Some(change) = parse_change(token.bound_to) else { return Ok(invalid_link()) };
    // The link may be opened where somebody else is signed in.
    let is_signed_in = session.is_some_and(|session| session.user.id == token.user_id);
    // A task is not dropped when the client disconnects: the token is used up.
    let setting = set_address(request.auth().clone(), links.clone(), token.user_id, change);
    match links.tasks().spawn(setting).await? {
        Ok(()) if is_signed_in => Ok(Redirect::to("/account?notice=verified").into_response()),
        Ok(()) => Ok(Redirect::to("/sign-in?notice=verified").into_response()),
        // The address has changed since the link was checked.
        Err(Error::InvalidOneTimeToken | Error::InvalidKeyId { .. }) => Ok(invalid_link()),
        Err(Error::DuplicateKeyId { .. }) => {
            let text = "That e-mail address belongs to another account.";
            Ok(pages::message(StatusCode::BAD_REQUEST, "That did not work", text))
        }
        Err(error) => Err(error.into()),
    }
}

/// The page of a link that is no longer valid: the page of the account mails another one.
fn invalid_link() -> Response {
    pages::invalid_link("/account")
}

fn parse_change(bound_to: Option<String>) -> Option<AddressChange> {
    bound_to?.parse().ok()
}

/// Replaces the address of a user, and tells the owner of the old one. All other links end.
///
/// If the present address has changed meanwhile, the error is [`InvalidOneTimeToken`](Error::InvalidOneTimeToken).
async fn set_address(auth: AppAuth, links: Links, user_id: UserId, change: AddressChange) -> Result<(), Error> {
    let AddressChange { present, new } = change;
    if !has_address(&auth, &user_id, &present).await? {
        return Err(Error::InvalidOneTimeToken);
    }
    if present != new {
        let renamed = auth.update_key_provider_user_id((EMAIL, present.as_str()), new.as_str()).await;
        // An error may hide that it took effect.
        if let Err(error) = renamed
            && !has_address(&auth, &user_id, &new).await.unwrap_or(true)
        {
            return Err(error);
        }
        // From now on the new address finds the user, also if the rest fails.
        links.announce_changed(present);
    }
    let deleted = links.tokens().delete_user_tokens(&user_id).await;
    auth.update_user_attributes(&user_id, &Verified { email: new.as_str(), email_verified: true }).await?;
    deleted
}

/// Mails another link. The answer says whether it is sent: the last one may be void.
pub(super) async fn resend(
    State(links): State<Links>,
    request: Request,
    session: SignedIn,
) -> Result<Response, Failure> {
    let session = session?;
    let user = session.user.clone();
    // Not given back: every request counts.
    let _attempt = match request.auth().attempt("verify-email", user.id.as_str(), request.client()).await {
        Ok(attempt) => attempt,
        Err(error) => {
            let errors = FieldErrors::retry_later_beside("resend", error)?;
            return show_errors(&request, &session, &errors).await;
        }
    };
    let task = links.clone();
    // A task is not dropped when the client disconnects: once issued, the link is mailed.
    let notice = match links.tasks().spawn(async move { task.confirm_address_again(user).await }).await?? {
        Resent::Mailed => "/account?notice=link-sent",
        Resent::TooEarly => "/account?notice=link-too-early",
        Resent::Confirmed => "/account?notice=verified",
    };
    Ok(Redirect::to(notice).into_response())
}
