use std::{ops::Deref, sync::Arc};

use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use lucia_auth::{NoAttributes, Session};

use super::find::{bearer_session, missing_session};
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

    async fn from_request_parts(parts: &mut Parts, _: &A) -> Result<Option<Self>, AuthRejection> {
        Ok(bearer_session(parts).await?.map(Self))
    }
}

impl<U, S, A> FromRequestParts<A> for BearerSession<U, S>
where
    U: Send + Sync + 'static,
    S: Send + Sync + 'static,
    A: Sync,
{
    type Rejection = AuthRejection;

    async fn from_request_parts(parts: &mut Parts, _: &A) -> Result<Self, AuthRejection> {
        bearer_session(parts).await?.map(Self).ok_or_else(|| missing_session(&parts.headers))
    }
}
