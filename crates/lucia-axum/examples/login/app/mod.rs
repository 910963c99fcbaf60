//! The application without its addresses, for `main` and the tests.

mod tasks;
mod store;
mod origin;
mod auth;
mod headers;
mod trace;
mod device;
mod date;
mod email_address;
mod address_change;
mod retry_later;
mod form;
mod pages;
mod notice;
mod answer;
mod keys;
mod mail;
mod outbox;
mod mailer;
mod links;
mod new_account;
mod home;
mod sign_in;
mod sign_up;
mod account;
mod sessions;
mod password;
mod confirmation;
mod email;
mod verification;
mod forgotten_password;
mod deletion;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{get, post},
};
use lucia_axum::AuthLayer;

pub(crate) use self::{
    auth::{AppAuth, AppTokens, Device, Profile, auth},
    links::Links,
    mailer::Mailer,
    origin::Origin,
    store::{Store, open_store},
};

const BODY_LIMIT: usize = 16 * 1024;

/// Returns the application. The layer knows the proxies in front of it.
pub(crate) fn router(layer: AuthLayer<Profile, Device>, links: Links) -> Router {
    let router = Router::new()
        .route("/", get(home::page))
        .route("/style.css", get(pages::style))
        .route("/favicon.svg", get(pages::icon))
        .route("/sign-up", get(sign_up::page).post(sign_up::submit))
        .route("/sign-in", get(sign_in::page).post(sign_in::submit))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/forgot-password", get(forgotten_password::page).post(forgotten_password::submit))
        .route("/reset-password", get(forgotten_password::reset_page).post(forgotten_password::reset))
        .route("/verify-email", get(verification::page).post(verification::submit))
        .route("/confirm-password", get(confirmation::page).post(confirmation::submit))
        .route("/account", get(account::page))
        .route("/account/sessions/revoke", post(sessions::revoke))
        .route("/account/sessions/revoke-others", post(sessions::revoke_others))
        .route("/account/email", get(email::page).post(email::change))
        .route("/account/email/verify", post(verification::resend))
        .route("/account/password", post(password::change))
        .route("/account/delete", post(deletion::delete));
    let router = match links.mailer() {
        Mailer::Outbox(outbox) => router.route("/outbox", get(outbox::page).with_state(outbox.clone())),
        Mailer::Smtp(_) => router,
    };
    router
        .fallback(pages::not_found)
        .with_state(links)
        // Otherwise a form on another site could sign users up or in.
        .layer(layer.reject_foreign_origins())
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn(pages::explain))
        .layer(middleware::map_response(headers::secure))
        .layer(middleware::from_fn(trace::name_request))
}
