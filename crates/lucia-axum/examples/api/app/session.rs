use axum::extract::{Path, rejection::PathRejection};
use http::StatusCode;
use lucia_auth::SessionHandle;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    auth::{Request, Session},
    error::{ApiError, Problem},
};

#[derive(Serialize, ToSchema)]
pub(super) struct Listed {
    /// Names the session, and opens nothing.
    #[schema(example = "5f1d3c0a9be27486")]
    handle: String,
    #[schema(example = "Ada's phone")]
    device: String,
    /// In milliseconds since 1970.
    #[schema(example = 1_700_000_000_000_i64)]
    created_at: Option<i64>,
    /// In milliseconds since 1970. Using the session extends it.
    #[schema(example = 1_701_209_600_000_i64)]
    expires_at: i64,
    /// Whether the request has this session.
    is_current: bool,
}

/// Lists the sessions of the account, the newest first.
#[utoipa::path(get, path = "/v1/sessions", tag = "sessions", security(("cookie" = []), ("token" = [])), responses(
    (status = 200, body = Vec<Listed>),
    (status = 401, description = "Nobody is signed in", body = Problem),
))]
pub(super) async fn list(request: Request, session: Session) -> Result<axum::Json<Vec<Listed>>, ApiError> {
    let mut sessions = request.auth().get_all_user_sessions(&session.user.id).await?;
    sessions.sort_by_key(|listed| std::cmp::Reverse(listed.created_at));
    let listed = sessions.into_iter().map(|listed| Listed {
        handle: listed.handle().to_string(),
        is_current: listed.id == session.id,
        created_at: listed.created_at.map(|time| time.get()),
        expires_at: listed.idle_period_expires_at.get(),
        device: listed.attributes.device,
    });
    Ok(axum::Json(listed.collect()))
}

/// Signs a device of the account out.
#[utoipa::path(
    delete, path = "/v1/sessions/{handle}", tag = "sessions", security(("cookie" = []), ("token" = [])),
    params(("handle" = String, Path)),
    responses(
        (status = 204),
        (status = 401, description = "Nobody is signed in", body = Problem),
        (status = 404, description = "The account has no session of this handle", body = Problem),
    )
)]
pub(super) async fn revoke(
    request: Request,
    session: Session,
    handle: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let Path(handle) = handle?;
    let handle: SessionHandle = handle.parse().map_err(|_| ApiError::UnknownSession)?;
    if request.auth().invalidate_session_by_handle(&session.user.id, &handle).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::UnknownSession)
    }
}
