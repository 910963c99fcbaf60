use http::StatusCode;
use lucia_auth::{NewKey, NewUser, User};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    auth::{PROVIDER, Profile, Request, Session},
    error::{ApiError, Problem},
    json::Json,
};

#[derive(Deserialize, ToSchema)]
pub(super) struct NewAccount {
    /// An address has one account, however it is capitalized.
    #[schema(example = "ada@example.com")]
    email: String,
    #[schema(example = "Ada")]
    name: String,
    #[schema(example = "correct horse battery", min_length = 8)]
    password: String,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Account {
    #[schema(example = "9hm5tkw2rq0b7e4")]
    id: String,
    #[schema(example = "ada@example.com")]
    email: String,
    #[schema(example = "Ada")]
    name: String,
}

impl From<&User<Profile>> for Account {
    fn from(user: &User<Profile>) -> Self {
        let Profile { email, name } = &user.attributes;
        Self { id: user.id.to_string(), email: email.clone(), name: name.clone() }
    }
}

/// Creates an account. Sign in afterwards.
#[utoipa::path(post, path = "/v1/accounts", tag = "accounts", responses(
    (status = 201, body = Account),
    (status = 409, description = "The address has an account", body = Problem),
    (status = 422, description = "A field is not acceptable", body = Problem),
    (status = 429, description = "Too many accounts were created from this address", body = Problem),
))]
pub(super) async fn sign_up(
    request: Request,
    Json(new): Json<NewAccount>,
) -> Result<(StatusCode, axum::Json<Account>), ApiError> {
    let email = canonical(&new.email)?;
    let name = new.name.trim();
    if !(1..=80).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        return Err(ApiError::Field { field: "name", detail: "a name has 1 to 80 characters".to_owned() });
    }
    // Every sign-up counts, so it is not given back.
    let _attempt = request.auth().attempt("sign-up", &email, request.client()).await?;
    let key = NewKey::with_password((PROVIDER, &email), new.password);
    let profile = Profile { email, name: name.to_owned() };
    let user = request.auth().create_user(NewUser::new().key(key).attributes(&profile)).await?;
    Ok((StatusCode::CREATED, axum::Json(Account::from(&user))))
}

/// Returns the account that is signed in.
#[utoipa::path(get, path = "/v1/me", tag = "accounts", security(("cookie" = []), ("token" = [])), responses(
    (status = 200, body = Account),
    (status = 401, description = "Nobody is signed in", body = Problem),
))]
pub(super) async fn me(session: Session) -> axum::Json<Account> {
    axum::Json(Account::from(&session.user))
}

/// Returns the form of an address by which an account is found.
pub(super) fn canonical(email: &str) -> Result<String, ApiError> {
    let email = email.trim().to_lowercase();
    let parts = email.split_once('@');
    let is_address = email.len() <= 254
        && !email.chars().any(|character| character.is_whitespace() || character.is_control())
        && parts.is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'));
    if is_address {
        Ok(email)
    } else {
        Err(ApiError::Field { field: "email", detail: "this is not an email address".to_owned() })
    }
}
