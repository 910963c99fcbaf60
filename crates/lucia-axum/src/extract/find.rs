use std::sync::Arc;

use http::{HeaderMap, header, request::Parts};
use lucia_auth::{AuthRequest, Session};

use crate::AuthRejection;

type Found<U, S> = Result<Option<Arc<Session<U, S>>>, AuthRejection>;

/// Returns the `AuthRequest` that the layer added.
pub(crate) fn auth_request<U, S>(parts: &Parts) -> Result<&AuthRequest<U, S>, AuthRejection>
where
    U: Send + Sync + 'static,
    S: Send + Sync + 'static,
{
    parts.extensions.get().ok_or_else(AuthRejection::missing_layer::<U, S>)
}

/// Returns the session of the cookie.
pub(crate) async fn cookie_session<U, S>(parts: &Parts) -> Found<U, S>
where
    U: Send + Sync + 'static,
    S: Send + Sync + 'static,
{
    Ok(auth_request(parts)?.validate().await?)
}

/// Returns the session of the bearer token.
pub(crate) async fn bearer_session<U, S>(parts: &Parts) -> Found<U, S>
where
    U: Send + Sync + 'static,
    S: Send + Sync + 'static,
{
    Ok(auth_request(parts)?.validate_bearer_token().await?)
}

/// Returns the session of the bearer token or, without one, that of the cookie.
pub(crate) async fn any_session<U, S>(parts: &Parts) -> Found<U, S>
where
    U: Send + Sync + 'static,
    S: Send + Sync + 'static,
{
    let by_token = bearer_session(parts).await?;
    if has_token(&parts.headers) { Ok(by_token) } else { cookie_session(parts).await }
}

/// Returns the rejection of a request without a session.
pub(crate) fn missing_session(headers: &HeaderMap) -> AuthRejection {
    if has_token(headers) { AuthRejection::InvalidToken } else { AuthRejection::NotAuthenticated }
}

/// Returns `true` if there is a token, even a malformed one. The header may have credentials of another scheme, for a
/// proxy.
fn has_token(headers: &HeaderMap) -> bool {
    const SCHEME: &[u8] = b"bearer";
    headers.get_all(header::AUTHORIZATION).iter().any(|value| {
        let scheme = value.as_bytes().split(|&byte| byte == b' ').next();
        scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME))
    })
}
