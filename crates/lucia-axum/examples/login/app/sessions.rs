use axum::{Form, response::Redirect};
use lucia_auth::SessionHandle;
use serde::Deserialize;

use super::{account::SignedIn, answer::Failure, auth::Request};

#[derive(Deserialize)]
pub(super) struct Revocation {
    /// The handle of a session, which is not secret.
    #[serde(default)]
    session: String,
}

pub(super) async fn revoke(
    request: Request,
    session: SignedIn,
    Form(revocation): Form<Revocation>,
) -> Result<Redirect, Failure> {
    let session = session?;
    let Ok(handle) = revocation.session.parse::<SessionHandle>() else {
        return Ok(Redirect::to("/account?notice=not-revoked"));
    };
    let revoked = request.auth().invalidate_session_by_handle(&session.user.id, &handle).await?;
    if handle == session.handle() {
        request.clear_session();
        return Ok(Redirect::to("/"));
    }
    Ok(Redirect::to(if revoked { "/account?notice=revoked" } else { "/account?notice=not-revoked" }))
}

pub(super) async fn revoke_others(request: Request, session: SignedIn) -> Result<Redirect, Failure> {
    let session = session?;
    request.auth().invalidate_other_user_sessions(&session.user.id, &session.id).await?;
    Ok(Redirect::to("/account?notice=revoked-others"))
}
