use std::sync::Arc;

use axum::{
    Form,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use lucia_auth::{Error, VerifiedKey};
use serde::Deserialize;

use super::{
    account::{SignedIn, show_errors},
    answer::Failure,
    auth::{AppAuth, Request, StoredSession},
    form::{FieldErrors, canonical, password_problem},
    keys::USERNAME,
    links::Links,
    mail::SignedOut,
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
    let username = canonical(&session.user.attributes.username);
    let auth = request.auth();
    let key =
        auth.use_key_with_password((USERNAME, &username), &change.current_password).client(request.client()).await;
    let wrong = FieldErrors::one("current_password", "The current password is wrong.");
    let key = match key {
        Ok(key) => key,
        Err(error) if error.is_invalid_credentials() => return show_errors(&request, &session, &wrong).await,
        Err(error) => {
            let errors = FieldErrors::retry_later_beside("current_password", error)?;
            return show_errors(&request, &session, &errors).await;
        }
    };
    // A handler is dropped at its current `await` when the client disconnects or a timeout fires; a task is not.
    let replacing = replace_password(auth.clone(), links.clone(), Arc::clone(&session.0), key, change.new_password);
    match links.tasks().spawn(replacing).await? {
        Ok(replaced) => {
            request.set_session(Some(&replaced));
            Ok(Redirect::to("/account?notice=password").into_response())
        }
        // It was changed meanwhile.
        Err(error) if error.is_invalid_credentials() => show_errors(&request, &session, &wrong).await,
        Err(error) => {
            let errors = match password_problem(&error) {
                Some(problem) => FieldErrors::one("new_password", problem),
                None => FieldErrors::retry_later_beside("new_password", error)?,
            };
            show_errors(&request, &session, &errors).await
        }
    }
}

/// Signs out everybody who knew the old password, and voids links, such as one that would change the address. Replaces the
/// token of the session, too: it may be stolen.
async fn replace_password(
    auth: AppAuth,
    links: Links,
    session: Arc<StoredSession>,
    key: VerifiedKey,
    password: String,
) -> Result<StoredSession, Error> {
    let key = auth.replace_password(&key, &password).await?;
    // Whoever changes it may be a thief, who disconnects.
    links.announce_new_password(session.user.id.clone(), SignedOut::EverywhereElse);
    // Each of these in any case.
    let others = auth.invalidate_other_user_sessions(&session.user.id, &session.id).await;
    let replaced = auth.reauthenticate(&session, &key).await;
    // Last: the old token of the session can no longer ask for links.
    links.tokens().delete_user_tokens(&session.user.id).await?;
    others?;
    replaced
}
