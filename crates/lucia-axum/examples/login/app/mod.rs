//! The application without its address and its store's: what `main` serves and the tests drive.

mod account;
mod answer;
mod device;
mod form;
mod headers;
mod home;
mod pages;
mod sign_in;
mod sign_up;
mod store;

use std::time::Duration;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{get, post},
};
use lucia_auth::{Adapter, Auth, AuthBuilder};
use lucia_axum::{AuthLayer, AuthRequest, CurrentSession};
use serde::{Deserialize, Serialize};

pub(crate) use self::store::open_store;

/// The columns of a user beside the id.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Profile {
    username: String,
}

/// The columns of a session beside Lucia's own.
#[derive(Debug, Deserialize)]
pub(crate) struct Device {
    device: String,
    /// Milliseconds since 1970; `Auth` sets it.
    created_at: i64,
}

pub(crate) type AppAuth = Auth<Profile, Device>;
type Request = AuthRequest<Profile, Device>;
type Session = CurrentSession<Profile, Device>;

/// The provider of the one kind of key that this application has.
const PROVIDER: &str = "username";
/// However often somebody comes back, after so long they have to sign in again.
const SESSION_LIFETIME: Duration = Duration::from_secs(90 * 86_400);
const BODY_LIMIT: usize = 16 * 1024;

pub(crate) fn auth(adapter: impl Adapter) -> AuthBuilder<Profile, Device> {
    Auth::builder(adapter)
        .user_attributes::<Profile>()
        .session_attributes::<Device>()
        .absolute_session_lifetime(SESSION_LIFETIME, "created_at")
}

pub(crate) fn router(auth: AppAuth) -> Router {
    Router::new()
        .route("/", get(home::page))
        .route("/style.css", get(pages::style))
        .route("/sign-up", get(sign_up::page).post(sign_up::submit))
        .route("/sign-in", get(sign_in::page).post(sign_in::submit))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/account", get(account::page))
        .route("/account/sessions/revoke", post(account::revoke))
        .route("/account/sessions/revoke-others", post(account::revoke_others))
        .route("/account/password", post(account::change_password))
        .route("/account/delete", post(account::delete))
        .fallback(pages::not_found)
        // Without this, a form on another site could sign a visitor up or in.
        .layer(AuthLayer::new(auth).reject_foreign_origins())
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::map_response(pages::explain))
        .layer(middleware::map_response(headers::secure))
}
