use axum::{Form, response::Response};
use serde::Deserialize;

use super::{
    account::{SignedIn, show_errors},
    answer::Failure,
    auth::Request,
    form::FieldErrors,
    notice,
};

#[derive(Deserialize)]
pub(super) struct Deletion {
    #[serde(default)]
    password: String,
}

pub(super) async fn delete(
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
        Err(error) => return Err(error.into()),
    }
    request.auth().delete_user(&session.user.id).await?;
    request.clear_session();
    Ok(notice::confirm_deletion())
}
