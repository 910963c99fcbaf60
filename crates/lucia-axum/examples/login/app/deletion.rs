use axum::{Form, extract::State, response::Response};
use lucia_auth::{Error, UserId};
use serde::Deserialize;

use super::{
    account::{SignedIn, show_errors},
    answer::Failure,
    auth::{AppAuth, AppTokens, Request},
    form::FieldErrors,
    links::Links,
    notice,
};

#[derive(Deserialize)]
pub(super) struct Deletion {
    #[serde(default)]
    password: String,
}

pub(super) async fn delete(
    State(links): State<Links>,
    request: Request,
    session: SignedIn,
    Form(deletion): Form<Deletion>,
) -> Result<Response, Failure> {
    let session = session?;
    match request.confirm_password(&deletion.password).await {
        Ok(_) => {}
        Err(error) if error.is_invalid_credentials() => {
            let problem = "The password is wrong; your account was not deleted.";
            return show_errors(&request, &session, &FieldErrors::one("delete_password", problem)).await;
        }
        Err(error) => {
            let errors = FieldErrors::retry_later_beside("delete_password", error)?;
            return show_errors(&request, &session, &errors).await;
        }
    }
    // A task is not dropped when the client disconnects, and so does not stop halfway.
    let deleting = delete_account(request.auth().clone(), links.tokens().clone(), session.user.id.clone());
    links.tasks().spawn(deleting).await??;
    request.clear_session();
    Ok(notice::confirm_deletion())
}

/// Deletes a user and their links, before and after: one may be issued meanwhile. Without the foreign key of this database
/// to its users, they would stay.
async fn delete_account(auth: AppAuth, tokens: AppTokens, user_id: UserId) -> Result<(), Error> {
    tokens.delete_user_tokens(&user_id).await?;
    auth.delete_user(&user_id).await?;
    tokens.delete_user_tokens(&user_id).await
}
