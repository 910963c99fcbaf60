//! The application without its addresses, for `main` and the tests.

mod store;
mod auth;
mod headers;
mod device;
mod date;
mod email_address;
mod form;
mod pages;
mod notice;
mod retry_later;
mod answer;
mod keys;
mod new_account;
mod home;
mod sign_in;
mod sign_up;
mod account;
mod sessions;
mod password;
mod deletion;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{get, post},
};
use lucia_axum::AuthLayer;

pub(crate) use self::{
    auth::{AppAuth, auth},
    store::open_store,
};

const BODY_LIMIT: usize = 16 * 1024;

pub(crate) fn router(auth: AppAuth) -> Router {
    Router::new()
        .route("/", get(home::page))
        .route("/style.css", get(pages::style))
        .route("/favicon.svg", get(pages::icon))
        .route("/sign-up", get(sign_up::page).post(sign_up::submit))
        .route("/sign-in", get(sign_in::page).post(sign_in::submit))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/account", get(account::page))
        .route("/account/sessions/revoke", post(sessions::revoke))
        .route("/account/sessions/revoke-others", post(sessions::revoke_others))
        .route("/account/password", post(password::change))
        .route("/account/delete", post(deletion::delete))
        .fallback(pages::not_found)
        // Otherwise a form on another site could sign users up or in.
        .layer(AuthLayer::new(auth).reject_foreign_origins())
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::map_response(pages::explain))
        .layer(middleware::map_response(headers::secure))
}
