use axum::{
    Router,
    body::{self, Body},
    http::{Request, StatusCode},
    response::Response,
};
use tower::ServiceExt as _;

/// A browser with cookies of its own, at the address of the guides.
#[derive(Clone)]
pub(crate) struct Browser {
    app: Router,
    name: &'static str,
    pub(crate) cookies: Vec<(String, String)>,
}

impl Browser {
    pub(crate) fn new(app: &Router, name: &'static str) -> Self {
        Self { app: app.clone(), name, cookies: Vec::new() }
    }

    pub(crate) async fn send(&mut self, method: &str, path: &str, form: &str) -> Response {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "127.0.0.1:3000")
            .header("origin", "http://127.0.0.1:3000")
            .header("sec-fetch-mode", "navigate")
            .header("user-agent", self.name)
            .header("cookie", cookies.join("; "))
            .header("content-type", "application/x-www-form-urlencoded");
        let request = request.body(Body::from(form.to_owned())).unwrap();
        let response = self.app.clone().oneshot(request).await.unwrap();
        for cookie in response.headers().get_all("set-cookie") {
            let (pair, attributes) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.retain(|(present, _)| present != name);
            if !attributes.contains("Max-Age=0") {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        response
    }

    pub(crate) async fn page(&mut self, path: &str) -> String {
        let response = self.send("GET", path, "").await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        String::from_utf8(body::to_bytes(response.into_body(), 10_000).await.unwrap().into()).unwrap()
    }

    /// Submits a form, and returns the address to which the response redirects.
    pub(crate) async fn submit(&mut self, path: &str, form: &str) -> String {
        let response = self.send("POST", path, form).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{path}");
        response.headers()["location"].to_str().unwrap().to_owned()
    }
}
