use std::{sync::Arc, time::Duration};

use axum::{Router, body::Body};
use http::{Request, Response, header, request::Builder};
use lucia_auth::{Auth, ManualClock, NewSession, NewUser, SplitAdapter, UnixMillis, memory::MemoryAdapter};
use tower::ServiceExt as _;

use crate::sessions::Sessions;

pub(crate) const DAY: Duration = Duration::from_secs(86_400);

/// An `Auth` with one session, and the clock and store that a test controls.
pub(crate) struct World {
    pub(crate) auth: Auth,
    pub(crate) session: lucia_auth::Session,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) clock: Arc<ManualClock>,
}

impl World {
    pub(crate) async fn new() -> Self {
        let sessions = Arc::new(Sessions::new());
        let clock = Arc::new(ManualClock::new(UnixMillis::new(1_700_000_000_000)));
        let adapter = SplitAdapter::new(MemoryAdapter::new(), Arc::clone(&sessions));
        let auth = Auth::builder(adapter).clock(Arc::clone(&clock)).build().unwrap();
        let user = auth.create_user(NewUser::new().id("ada")).await.unwrap();
        let session = auth.create_session(NewSession::new(user.id)).await.unwrap();
        Self { auth, session, sessions, clock }
    }

    /// Returns a request with the cookie of the session.
    pub(crate) fn request(&self, method: &str, path: &str) -> Builder {
        let cookie = format!("theme=dark; auth_session={}", self.session.token.as_str());
        Request::builder().method(method).uri(path).header("host", "example.com").header(header::COOKIE, cookie)
    }

    pub(crate) fn bearer(&self, method: &str, path: &str) -> Builder {
        let token = format!("Bearer {}", self.session.token.as_str());
        Request::builder().method(method).uri(path).header("host", "example.com").header(header::AUTHORIZATION, token)
    }
}

pub(crate) async fn send(app: &Router, request: Builder) -> Response<Body> {
    app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

pub(crate) async fn text(response: Response<Body>) -> String {
    String::from_utf8(axum::body::to_bytes(response.into_body(), 1 << 16).await.unwrap().to_vec()).unwrap()
}

pub(crate) fn set_cookies(response: &Response<Body>) -> Vec<&str> {
    response.headers().get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap()).collect()
}
