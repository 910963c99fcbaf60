use http::StatusCode;
use lucia_auth::{NewSession, Session as LuciaSession};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    account::{Account, canonical},
    auth::{Device, PROVIDER, Profile, Request, Session},
    error::{ApiError, Problem},
    json::Json,
};

#[derive(Deserialize, ToSchema)]
pub(super) struct Credentials {
    #[schema(example = "ada@example.com")]
    email: String,
    #[schema(example = "correct horse battery")]
    password: String,
    /// What the list of devices shows.
    #[schema(example = "Ada's phone")]
    device: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct IssuedToken {
    /// For `Authorization: Bearer`. Keep it in the system's key store.
    #[schema(example = "s3dm2vn0gq8ht1cz5xk7yw9rb4jf6lp0ae1ou2ic")]
    token: String,
    account: Account,
}

/// Signs an app in: returns a token for the header `Authorization`.
#[utoipa::path(post, path = "/v1/tokens", tag = "sessions", responses(
    (status = 201, body = IssuedToken),
    (status = 401, description = "The address or the password is wrong", body = Problem),
    (status = 429, description = "Too many failed sign-ins", body = Problem, headers(("retry-after" = u64))),
))]
pub(super) async fn issue_token(
    request: Request,
    Json(credentials): Json<Credentials>,
) -> Result<(StatusCode, axum::Json<IssuedToken>), ApiError> {
    let session = sign_in(&request, credentials).await?;
    let issued = IssuedToken { token: session.token.as_str().to_owned(), account: Account::from(&session.user) };
    Ok((StatusCode::CREATED, axum::Json(issued)))
}

/// Signs a browser in: sets its cookie, which scripts cannot read.
#[utoipa::path(post, path = "/v1/session", tag = "sessions", responses(
    (status = 200, body = Account, headers(("set-cookie" = String))),
    (status = 401, description = "The address or the password is wrong", body = Problem),
    (status = 403, description = "The request comes from another origin", body = Problem),
    (status = 429, description = "Too many failed sign-ins", body = Problem, headers(("retry-after" = u64))),
))]
pub(super) async fn start_session(
    request: Request,
    Json(credentials): Json<Credentials>,
) -> Result<axum::Json<Account>, ApiError> {
    let session = sign_in(&request, credentials).await?;
    // The browser may have another session, which would stay valid without a cookie.
    request.sign_out().await?;
    request.set_session(Some(&session));
    Ok(axum::Json(Account::from(&session.user)))
}

/// Signs this client out, whether it has a cookie or a token.
#[utoipa::path(delete, path = "/v1/session", tag = "sessions", security(("cookie" = []), ("token" = [])), responses(
    (status = 204),
    (status = 401, description = "Nobody is signed in", body = Problem),
))]
pub(super) async fn sign_out(request: Request, session: Session) -> Result<StatusCode, ApiError> {
    request.auth().invalidate_session(&session.id).await?;
    if request.session_token().is_some_and(|token| token == session.token) {
        request.clear_session();
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn sign_in(request: &Request, credentials: Credentials) -> Result<LuciaSession<Profile, Device>, ApiError> {
    #[derive(Serialize)]
    struct NewDevice {
        device: String,
    }

    // A text that is not an address has no account, and gets the answer of an address without one.
    let email = canonical(&credentials.email).unwrap_or_default();
    let auth = request.auth();
    let key = auth.use_key_with_password((PROVIDER, &email), &credentials.password).client(request.client()).await?;
    request.remember_device(&key)?;
    let device = credentials.device.unwrap_or_else(|| "Unknown device".to_owned());
    let device = NewDevice { device: device.chars().filter(|character| !character.is_control()).take(80).collect() };
    Ok(auth.create_session(NewSession::for_key(&key).attributes(&device)).await?)
}
