use std::{ops::Deref, sync::Arc, time::Duration};

use axum_core::extract::FromRequestParts;
use http::request::Parts;
use lucia_auth::{NoAttributes, Session};

use super::find::{auth_request, cookie_session};
use crate::AuthRejection;

/// Extracts the session of the request's cookie if its user signed in or confirmed their password at most `SECONDS` ago.
/// Otherwise the response is 403, with the code `AUTH_REAUTHENTICATION_REQUIRED`; without a session it is 401.
///
/// Requires [`session_authenticated_at`](lucia_auth::AuthBuilder::session_authenticated_at), or the response is 500. For
/// sessions of bearer tokens, call
/// [`Auth::require_authentication_within`](lucia_auth::Auth::require_authentication_within) in the handler.
///
/// ```
/// use lucia_axum::RecentSession;
///
/// async fn delete_account(session: RecentSession<{ 5 * 60 }>) -> String {
///     format!("Goodbye {}", session.user.id)
/// }
/// ```
#[derive(Debug)]
pub struct RecentSession<const SECONDS: u64, U = NoAttributes, S = NoAttributes>(pub Arc<Session<U, S>>);

impl<const SECONDS: u64, U, S> Clone for RecentSession<SECONDS, U, S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<const SECONDS: u64, U, S> Deref for RecentSession<SECONDS, U, S> {
    type Target = Session<U, S>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<const SECONDS: u64, U, S, A> FromRequestParts<A> for RecentSession<SECONDS, U, S>
where
    U: Send + Sync + 'static,
    S: Send + Sync + 'static,
    A: Sync,
{
    type Rejection = AuthRejection;

    async fn from_request_parts(parts: &mut Parts, _: &A) -> Result<Self, AuthRejection> {
        let session = cookie_session(parts).await?.ok_or(AuthRejection::NotAuthenticated)?;
        auth_request::<U, S>(parts)?.auth().require_authentication_within(&session, Duration::from_secs(SECONDS))?;
        Ok(Self(session))
    }
}
