use axum::{
    Form,
    response::{IntoResponse, Redirect, Response},
};
use lucia_auth::Error;
use serde::Deserialize;

use super::{
    account::{SignedIn, show_errors},
    answer::Failure,
    auth::{AppAuth, Device, Profile, Request, Session},
    form::{FieldErrors, canonical, password_problem},
    keys::USERNAME,
};

#[derive(Deserialize)]
pub(super) struct PasswordChange {
    #[serde(default)]
    current_password: String,
    #[serde(default)]
    new_password: String,
}

pub(super) async fn change(
    request: Request,
    session: SignedIn,
    Form(change): Form<PasswordChange>,
) -> Result<Response, Failure> {
    let session = session?;
    if !is_password(&request, &session, &change.current_password).await? {
        let errors = FieldErrors::one("current_password", "The current password is wrong.");
        return show_errors(&request, &session, &errors).await;
    }
    // A handler is dropped at its current `await` when the client disconnects or a timeout fires; a task is not.
    let replacing = replace_password(request.auth().clone(), session.clone(), change.new_password);
    match tokio::spawn(replacing).await? {
        Ok(rotated) => {
            request.set_session(Some(&rotated));
            Ok(Redirect::to("/account?notice=password").into_response())
        }
        Err(error) => match password_problem(&error) {
            Some(problem) => show_errors(&request, &session, &FieldErrors::one("new_password", problem)).await,
            None => Err(error.into()),
        },
    }
}

/// Signs out everybody who knew the old password, and invalidates an id that was stolen earlier.
async fn replace_password(
    auth: AppAuth,
    session: Session,
    password: String,
) -> Result<lucia_auth::Session<Profile, Device>, Error> {
    let username = canonical(&session.user.attributes.username);
    auth.update_key_password((USERNAME, &username), Some(&password)).await?;
    auth.invalidate_other_user_sessions(&session.user.id, &session.id).await?;
    auth.rotate_session(&session.id).await
}

/// Asks for the password again before what cannot be undone.
pub(super) async fn is_password(request: &Request, session: &Session, password: &str) -> Result<bool, Failure> {
    let username = canonical(&session.user.attributes.username);
    match request.auth().use_key_with_password((USERNAME, &username), password).client(request.client()).await {
        Ok(_) => Ok(true),
        Err(error) if error.is_invalid_credentials() => Ok(false),
        Err(error) => Err(error.into()),
    }
}
