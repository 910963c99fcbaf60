use std::{ops::Deref, sync::Arc};

use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use lucia_auth::{NoAttributes, Session};

use super::{
    BearerSession, CurrentSession,
    bearer_session::{has_token, missing_session},
};
use crate::AuthRejection;

/// Extracts the session of the request's bearer token or, if the request has no token, that of its cookie. Without one
/// the response is 401. Extract an `Option` if signing in is optional.
///
/// This is for routes that browsers and other clients share. A token that is not valid is rejected, even if the cookie
/// is valid.
///
/// ```
/// use lucia_axum::AnySession;
///
/// async fn profile(session: AnySession) -> String {
///     session.user.id.to_string()
/// }
/// ```
#[derive(Debug)]
pub struct AnySession<U = NoAttributes, S = NoAttributes>(pub Arc<Session<U, S>>);

impl<U, S> Clone for AnySession<U, S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<U, S> Deref for AnySession<U, S> {
    type Target = Session<U, S>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<U, S, A> OptionalFromRequestParts<A> for AnySession<U, S>
where
    U: Send + Sync + 'static,
    S: Send + Sync + 'static,
    A: Sync,
{
    type Rejection = AuthRejection;

    async fn from_request_parts(parts: &mut Parts, state: &A) -> Result<Option<Self>, AuthRejection> {
        let by_token = <BearerSession<U, S> as OptionalFromRequestParts<A>>::from_request_parts(parts, state).await?;
        if has_token(&parts.headers) {
            return Ok(by_token.map(|session| Self(session.0)));
        }
        let by_cookie = <CurrentSession<U, S> as OptionalFromRequestParts<A>>::from_request_parts(parts, state).await?;
        Ok(by_cookie.map(|session| Self(session.0)))
    }
}

impl<U, S, A> FromRequestParts<A> for AnySession<U, S>
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
