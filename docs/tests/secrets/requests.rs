use std::sync::Arc;

use lucia_auth::{AdapterError, AdapterErrorKind, Auth, NewSession, NewUser, RequestContext, memory::MemoryAdapter};
use lucia_axum::{
    AnySession, AuthLayer, AuthRejection, AuthRequest, BearerSession, CurrentSession, RecentSession, RequireSession,
};
use tower::{Layer as _, Service as _};

use super::{SESSION_ID, TOKEN, shown::Shown};

pub(super) async fn show(shown: &mut Shown) {
    let auth = Auth::builder(MemoryAdapter::new()).build().unwrap();
    let user = auth.create_user(NewUser::new()).await.unwrap();
    let session = auth.create_session(NewSession::new(user.id).token(SESSION_ID)).await.unwrap();
    let request = || {
        http::Request::get(format!("/?token={TOKEN}"))
            .header("cookie", format!("auth_session={SESSION_ID}"))
            .header("authorization", format!("Bearer {TOKEN}"))
            .body(axum::body::Body::empty())
            .unwrap()
    };
    let request_context = request();
    shown.show("RequestContext", &RequestContext { session_cookie: Some(SESSION_ID), ..(&request_context).into() });
    let auth_request = auth.handle_request(&request());
    let found = auth_request.validate().await.unwrap().unwrap();
    let rotated = auth.rotate_session(&found.id).await.unwrap();
    shown.secrets.push(rotated.id.as_str().to_owned());
    auth_request.set_session(Some(&rotated));
    shown.show("AuthRequest", &auth_request);
    let mut headers = http::HeaderMap::new();
    auth_request.write_headers(&mut headers);
    shown.show("SetCookie", &headers["set-cookie"]);
    shown.show("AuthRequest", &AuthRequest(auth_request));
    shown.show("CurrentSession", &CurrentSession(Arc::clone(&found)));
    shown.show("BearerSession", &BearerSession(Arc::new(session)));
    shown.show("RecentSession", &RecentSession::<60>(Arc::clone(&found)));
    shown.show("AnySession", &AnySession(found));
    let layer = AuthLayer::new(auth);
    shown.show("AuthLayer", &layer);
    let guard = <RequireSession>::new().redirect_to("/sign-in").authorize(|session| session.fresh);
    shown.show("RequireSession", &guard);
    shown.show("RequireSessionService", &guard.layer(axum::Router::<()>::new()));
    let mut service = layer.layer(axum::Router::<()>::new());
    shown.show("AuthService", &service);
    shown.show("ResponseFuture", &service.call(request()));
}

pub(super) async fn errors(shown: &mut Shown) {
    let cause = || AdapterError::new(AdapterErrorKind::Unavailable).with_source("connection refused");
    shown.error("AdapterError", &cause());
    shown.error("Error", &lucia_auth::Error::from(cause()));
    shown.error("AuthRejection", &AuthRejection::from(lucia_auth::Error::from(cause())));
}
