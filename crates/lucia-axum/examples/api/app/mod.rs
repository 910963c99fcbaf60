//! The application without its addresses, for `main` and the tests.

mod auth;
mod store;
mod error;
mod json;
mod account;
mod sign_in;
mod session;
mod description;

use axum::{Router, extract::DefaultBodyLimit};
use lucia_axum::AuthLayer;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) use self::{
    auth::{AppAuth, auth},
    store::open_stores,
};

const BODY_LIMIT: usize = 16 * 1024;

/// Returns the routes of all clients in one router.
pub(crate) fn router(auth: &AppAuth) -> Router {
    let layer = AuthLayer::new(auth.clone()).render_rejections(error::render);

    // An app sends neither a cookie nor an origin. A form of another site cannot send JSON, and a script of another site
    // is asked by its browser first, so nobody is signed up or in by a site that they visit.
    let apps = OpenApiRouter::new()
        .routes(routes!(account::sign_up))
        .routes(routes!(sign_in::issue_token))
        .layer(layer.clone());
    // These accept the cookie, so a browser's request must come from this origin. One with a bearer token may come from
    // anywhere.
    let all = OpenApiRouter::new()
        .routes(routes!(sign_in::start_session, sign_in::sign_out))
        .routes(routes!(account::me))
        .routes(routes!(session::list))
        .routes(routes!(session::revoke))
        .layer(layer.reject_foreign_origins());

    let (router, description) =
        OpenApiRouter::with_openapi(description::base()).merge(apps).merge(all).split_for_parts();
    router
        .route("/openapi.json", axum::routing::get(async move || axum::Json(description)))
        .fallback(error::not_found)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
}
