use std::{ops::Deref, sync::Arc};

use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use lucia_auth::{NoAttributes, Session};

use super::find::{any_session, missing_session};
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

    async fn from_request_parts(parts: &mut Parts, _: &A) -> Result<Option<Self>, AuthRejection> {
        Ok(any_session(parts).await?.map(Self))
    }
}

impl<U, S, A> FromRequestParts<A> for AnySession<U, S>
where
    U: Send + Sync + 'static,
    S: Send + Sync + 'static,
    A: Sync,
{
    type Rejection = AuthRejection;

    async fn from_request_parts(parts: &mut Parts, _: &A) -> Result<Self, AuthRejection> {
        any_session(parts).await?.map(Self).ok_or_else(|| missing_session(&parts.headers))
    }
}
