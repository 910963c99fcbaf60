//! The application without its addresses, for `main` and the tests.

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

/// The attributes of a user.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Profile {
    username: String,
}

/// The attributes of a session.
#[derive(Debug, Deserialize)]
pub(crate) struct Device {
    device: String,
    /// In milliseconds since 1970, set by `Auth`.
    created_at: i64,
}

pub(crate) type AppAuth = Auth<Profile, Device>;
type Request = AuthRequest<Profile, Device>;
type Session = CurrentSession<Profile, Device>;

/// The provider of this application's keys.
const PROVIDER: &str = "username";
/// The time after which users must sign in again, however active they are.
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
        // Otherwise a form on another site could sign users up or in.
        .layer(AuthLayer::new(auth).reject_foreign_origins())
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::map_response(pages::explain))
        .layer(middleware::map_response(headers::secure))
}
