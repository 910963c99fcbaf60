use std::ops::Deref;

use axum_core::extract::FromRequestParts;
use http::request::Parts;
use lucia_auth::NoAttributes;

use super::find::auth_request;
use crate::AuthRejection;

/// Extracts the request's [`lucia_auth::AuthRequest`], for signing in and out, without reading the store.
///
/// ```
/// use lucia_auth::{Auth, NewSession};
/// use lucia_axum::{AuthRequest, AuthRejection};
///
/// async fn sign_in(request: AuthRequest) -> Result<&'static str, AuthRejection> {
///     let key = request.auth().use_key(("github", "583231")).await?;
///     let session = request.auth().create_session(NewSession::for_key(&key)).await?;
///     request.set_session(Some(&session));
///     Ok("signed in")
/// }
/// ```
#[derive(Debug)]
pub struct AuthRequest<U = NoAttributes, S = NoAttributes>(pub lucia_auth::AuthRequest<U, S>);

impl<U, S> Clone for AuthRequest<U, S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<U, S> Deref for AuthRequest<U, S> {
    type Target = lucia_auth::AuthRequest<U, S>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<U, S, A> FromRequestParts<A> for AuthRequest<U, S>
where
    U: Send + Sync + 'static,
    S: Send + Sync + 'static,
    A: Sync,
{
    type Rejection = AuthRejection;

    async fn from_request_parts(parts: &mut Parts, _: &A) -> Result<Self, AuthRejection> {
        auth_request(parts).cloned().map(Self)
    }
}
