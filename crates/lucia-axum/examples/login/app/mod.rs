//! The application without its addresses, for `main` and the tests.

mod store;
mod auth;
mod headers;
mod device;
mod pages;
mod form;
mod answer;
mod home;
mod sign_in;
mod sign_up;
mod account;

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
