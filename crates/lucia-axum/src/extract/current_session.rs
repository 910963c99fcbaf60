use std::{ops::Deref, sync::Arc};

use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use lucia_auth::{NoAttributes, Session};

use super::find::cookie_session;
use crate::AuthRejection;

/// Extracts the session of the request's cookie. Without one the response is 401. Extract an `Option` if signing in is
/// optional.
///
/// The store is read on extraction, once per request. During an outage the response is 503, also for an `Option`.
///
/// ```
/// use lucia_axum::CurrentSession;
///
/// async fn account(session: CurrentSession) -> String {
///     format!("Hello {}", session.user.id)
/// }
///
/// async fn home(session: Option<CurrentSession>) -> &'static str {
///     if session.is_some() { "Welcome back" } else { "Please sign in" }
/// }
/// ```
#[derive(Debug)]
pub struct CurrentSession<U = NoAttributes, S = NoAttributes>(pub Arc<Session<U, S>>);

impl<U, S> Clone for CurrentSession<U, S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<U, S> Deref for CurrentSession<U, S> {
    type Target = Session<U, S>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<U, S, A> OptionalFromRequestParts<A> for CurrentSession<U, S>
where
    U: Send + Sync + 'static,
    S: Send + Sync + 'static,
    A: Sync,
{
    type Rejection = AuthRejection;

    async fn from_request_parts(parts: &mut Parts, _: &A) -> Result<Option<Self>, AuthRejection> {
        Ok(cookie_session(parts).await?.map(Self))
    }
}

impl<U, S, A> FromRequestParts<A> for CurrentSession<U, S>
where
    U: Send + Sync + 'static,
    S: Send + Sync + 'static,
    A: Sync,
{
    type Rejection = AuthRejection;

    async fn from_request_parts(parts: &mut Parts, _: &A) -> Result<Self, AuthRejection> {
        cookie_session(parts).await?.map(Self).ok_or(AuthRejection::NotAuthenticated)
    }
}
