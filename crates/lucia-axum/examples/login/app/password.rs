use axum::{
    Form,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use lucia_auth::Error;
use serde::Deserialize;

use super::{
    account::{SignedIn, show_errors},
    answer::Failure,
    auth::{AppAuth, Request, StoredSession},
    form::{FieldErrors, canonical, password_problem},
    keys::USERNAME,
    links::{AppTokens, Links},
};

#[derive(Deserialize)]
pub(super) struct PasswordChange {
    #[serde(default)]
    current_password: String,
    #[serde(default)]
    new_password: String,
}

pub(super) async fn change(
    State(links): State<Links>,
    request: Request,
    session: SignedIn,
    Form(change): Form<PasswordChange>,
) -> Result<Response, Failure> {
    let session = session?;
    // Replaces the token of the session, too: an earlier one may be stolen.
    let confirmed = match request.confirm_password(&change.current_password).await {
        Ok(confirmed) => confirmed,
        Err(error) if error.is_invalid_credentials() => {
            let errors = FieldErrors::one("current_password", "The current password is wrong.");
            return show_errors(&request, &session, &errors).await;
        }
        Err(error) => return Err(error.into()),
    };
    // A handler is dropped at its current `await` when the client disconnects or a timeout fires; a task is not.
    let replacing =
        replace_password(request.auth().clone(), links.tokens().clone(), confirmed.clone(), change.new_password);
    match tokio::spawn(replacing).await? {
        Ok(()) => {
            links.announce_new_password(confirmed.user);
            Ok(Redirect::to("/account?notice=password").into_response())
        }
        Err(error) => match password_problem(&error) {
            Some(problem) => show_errors(&request, &confirmed, &FieldErrors::one("new_password", problem)).await,
            None => Err(error.into()),
        },
    }
}

/// Signs out everybody who knew the old password, and voids links, such as one that would change the address.
async fn replace_password(
    auth: AppAuth,
    tokens: AppTokens,
    session: StoredSession,
    password: String,
) -> Result<(), Error> {
    let username = canonical(&session.user.attributes.username);
    auth.update_key_password((USERNAME, &username), Some(&password)).await?;
    auth.invalidate_other_user_sessions(&session.user.id, &session.id).await?;
    tokens.delete_user_tokens(&session.user.id).await
}
