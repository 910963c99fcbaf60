use std::{ops::Deref, sync::Arc};

use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use http::{HeaderMap, header, request::Parts};
use lucia_auth::{NoAttributes, Session};

use super::AuthRequest;
use crate::AuthRejection;

/// Extracts the session of the request's bearer token. Without one the response is 401, with `error="invalid_token"` if
/// there was a token. Extract an `Option` if signing in is optional.
///
/// Cookies are neither read nor set, and every origin is accepted, because browsers do not send a token on their own.
///
/// ```
/// use lucia_axum::BearerSession;
///
/// async fn api(session: BearerSession) -> String {
///     session.user.id.to_string()
/// }
/// ```
#[derive(Debug)]
pub struct BearerSession<U = NoAttributes, S = NoAttributes>(pub Arc<Session<U, S>>);

impl<U, S> Clone for BearerSession<U, S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<U, S> Deref for BearerSession<U, S> {
    type Target = Session<U, S>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<U, S, A> OptionalFromRequestParts<A> for BearerSession<U, S>
where
    U: Send + Sync + 'static,
    S: Send + Sync + 'static,
    A: Sync,
{
    type Rejection = AuthRejection;

    async fn from_request_parts(parts: &mut Parts, state: &A) -> Result<Option<Self>, AuthRejection> {
        let request = <AuthRequest<U, S> as FromRequestParts<A>>::from_request_parts(parts, state).await?;
        Ok(request.validate_bearer_token().await?.map(Self))
    }
}

impl<U, S, A> FromRequestParts<A> for BearerSession<U, S>
where
    U: Send + Sync + 'static,
    S: Send + Sync + 'static,
    A: Sync,
{
    type Rejection = AuthRejection;

    async fn from_request_parts(parts: &mut Parts, state: &A) -> Result<Self, AuthRejection> {
        let session = <Self as OptionalFromRequestParts<A>>::from_request_parts(parts, state).await?;
        session.ok_or_else(|| missing_session(&parts.headers))
    }
}

/// Returns the rejection of a request without a session.
pub(super) fn missing_session(headers: &HeaderMap) -> AuthRejection {
    if has_token(headers) { AuthRejection::InvalidToken } else { AuthRejection::NotAuthenticated }
}

/// Returns `true` if there is a token, even a malformed one. The header may have credentials of another scheme, for a
/// proxy.
pub(super) fn has_token(headers: &HeaderMap) -> bool {
    const SCHEME: &[u8] = b"bearer";
    headers.get_all(header::AUTHORIZATION).iter().any(|value| {
        let scheme = value.as_bytes().split(|&byte| byte == b' ').next();
        scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME))
    })
}
