use std::sync::Arc;

use axum::{Router, body::Body, extract::ConnectInfo};
use http::{HeaderMap, Method, Request, StatusCode, header};
use lucia_auth::{Adapter, Clock as _, Env, ManualClock, SystemClock, memory::MemoryAdapter};
use serde_json::{Value, json};
use std::net::SocketAddr;
use tower::ServiceExt as _;

use crate::app;

pub(crate) const PASSWORD: &str = "correct horse battery";
const ORIGIN: &str = "http://localhost:3000";

/// The application in this process.
pub(crate) struct Api {
    router: Router,
    pub(crate) clock: Arc<ManualClock>,
}

/// A response with its JSON.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) json: Value,
}

/// What a client sends to say who it is.
#[derive(Clone, Copy)]
pub(crate) enum As<'a> {
    Nobody,
    /// An app with a token.
    App(&'a str),
    /// A browser at the application's own origin, with a cookie if it has one.
    Browser(Option<&'a str>),
    /// A browser with a cookie at another origin.
    OtherSite(&'a str),
}

impl Api {
    pub(crate) fn new() -> Self {
        Self::with_adapter(MemoryAdapter::new())
    }

    pub(crate) fn with_adapter(adapter: impl Adapter) -> Self {
        let clock = Arc::new(ManualClock::new(SystemClock.now()));
        let auth = app::auth(adapter).env(Env::Dev).clock(Arc::clone(&clock)).build().unwrap();
        Self { router: app::router(&auth), clock }
    }

    pub(crate) async fn get(&self, path: &str, client: As<'_>) -> Answer {
        self.send(Method::GET, path, client, Body::empty(), None).await
    }

    pub(crate) async fn delete(&self, path: &str, client: As<'_>) -> Answer {
        self.send(Method::DELETE, path, client, Body::empty(), None).await
    }

    pub(crate) async fn post(&self, path: &str, client: As<'_>, body: Value) -> Answer {
        self.send(Method::POST, path, client, Body::from(body.to_string()), Some("application/json")).await
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        client: As<'_>,
        body: Body,
        content_type: Option<&str>,
    ) -> Answer {
        send(&self.router, method, path, client, body, content_type).await
    }

    pub(crate) async fn sign_up(&self, email: &str) {
        let account = json!({ "email": email, "name": "Ada", "password": PASSWORD });
        assert_eq!(self.post("/v1/accounts", As::Nobody, account).await.status, StatusCode::CREATED);
    }

    /// Signs an app in, and returns its token.
    pub(crate) async fn token(&self, email: &str, device: &str) -> String {
        let credentials = json!({ "email": email, "password": PASSWORD, "device": device });
        let answer = self.post("/v1/tokens", As::Nobody, credentials).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        answer.json["token"].as_str().unwrap().to_owned()
    }

    /// Signs a browser in, and returns its cookie.
    pub(crate) async fn cookie(&self, email: &str) -> String {
        let answer = self.post("/v1/session", As::Browser(None), credentials(email, PASSWORD)).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.cookie("auth_session").unwrap()
    }
}

impl Answer {
    /// Returns a cookie that the response sets, as the browser sends it back.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        let cookies = self.headers.get_all(header::SET_COOKIE).iter();
        let mut cookies = cookies.map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap().to_owned());
        cookies.rfind(|cookie| cookie.starts_with(&format!("{name}=")))
    }
}

pub(crate) fn credentials(email: &str, password: &str) -> Value {
    json!({ "email": email, "password": password })
}

pub(crate) async fn send(
    router: &Router,
    method: Method,
    path: &str,
    client: As<'_>,
    body: Body,
    content_type: Option<&str>,
) -> Answer {
    let mut request = Request::builder().method(method).uri(path).header(header::HOST, "localhost:3000");
    request = match client {
        As::Nobody => request,
        As::App(token) => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
        As::Browser(cookie) => {
            let request = request.header(header::ORIGIN, ORIGIN);
            cookie.into_iter().fold(request, |request, cookie| request.header(header::COOKIE, cookie))
        }
        As::OtherSite(cookie) => request.header(header::ORIGIN, "https://evil.example").header(header::COOKIE, cookie),
    };
    if let Some(content_type) = content_type {
        request = request.header(header::CONTENT_TYPE, content_type);
    }
    let address: SocketAddr = "203.0.113.7:50000".parse().unwrap();
    let request = request.extension(ConnectInfo(address)).body(body).unwrap();
    let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let json = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() };
    Answer { status: parts.status, headers: parts.headers, json }
}
