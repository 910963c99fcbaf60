//! The change of an address.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
};
use lucia_axum::{AuthRejection, RecentSession};
use minijinja::context;
use serde::Deserialize;

use super::{
    answer::Failure,
    auth::{Device, Profile, Request},
    email_address::EmailAddress,
    form::{FieldErrors, Notice},
    keys::has_address,
    links::Links,
    pages,
};

/// A session whose user entered their password in the last ten minutes.
type Confirmed = Result<RecentSession<600, Profile, Device>, AuthRejection>;

#[derive(Deserialize)]
pub(super) struct NewAddress {
    #[serde(default)]
    email: String,
}

pub(super) async fn page(session: Confirmed, Query(notice): Query<Notice>) -> Result<Response, Failure> {
    let session = session.map_err(|rejection| Failure::unless_confirmed(rejection, "/account/email"))?;
    let notice = match notice.notice.as_deref() {
        Some("not-changed") => Some("No link was sent yet. Enter the address again."),
        _ => None,
    };
    Ok(show(&session.user.attributes, notice, &FieldErrors::none(), ""))
}

/// The address changes when the link that is mailed to it is followed.
pub(super) async fn change(
    State(links): State<Links>,
    request: Request,
    session: Confirmed,
    Form(form): Form<NewAddress>,
) -> Result<Response, Failure> {
    // The address is not taken along: it would be in the addresses of pages, and so in logs.
    let again = "/account/email?notice=not-changed";
    let session = session.map_err(|rejection| Failure::unless_confirmed(rejection, again))?;
    let user = &session.user;
    let address = match form.email.parse::<EmailAddress>() {
        Ok(address) => address,
        Err(problem) => {
            return Ok(show(&user.attributes, None, &FieldErrors::one("email", problem.to_string()), &form.email));
        }
    };
    if has_address(request.auth(), &user.id, &address).await? {
        let problem = "That is your e-mail address already.".to_owned();
        return Ok(show(&user.attributes, None, &FieldErrors::one("email", problem), &form.email));
    }
    // Not given back: every mail counts.
    let _attempt = match request.auth().attempt("change-email", user.id.as_str(), request.client()).await {
        Ok(attempt) => attempt,
        Err(error) => return Ok(show(&user.attributes, None, &FieldErrors::retry_later(error)?, &form.email)),
    };
    links.announce_change(user.clone());
    links.change_address(Arc::clone(&session.0), address);
    Ok(Redirect::to("/account?notice=link-sent").into_response())
}

fn show(profile: &Profile, notice: Option<&str>, errors: &FieldErrors, email: &str) -> Response {
    let Profile { username, email: present, .. } = profile;
    let values = context! { signed_in => true, username, present, email, notice };
    pages::form("email.html", errors, values)
}
