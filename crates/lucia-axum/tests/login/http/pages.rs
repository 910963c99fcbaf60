use reqwest::StatusCode;

use crate::{
    server::Server,
    visitor::{PASSWORD, Visitor, assert_redirect},
};

#[tokio::test]
async fn rejections_are_rendered_as_pages() {
    let server = Server::start().await;
    let visitor = Visitor::of(&server);
    let form = "application/x-www-form-urlencoded";
    let rejected = [
        (visitor.sent_from("https://evil.example").request("/sign-in").header("content-type", form), 403),
        (visitor.request("/account"), 405),
        (visitor.request("/sign-in").header("content-type", form).body(vec![b'a'; 20_000]), 413),
        (visitor.request("/sign-in").header("content-type", "text/plain").body("x"), 415),
        (visitor.request("/sign-in").header("content-type", form).body("username=a&username=b"), 422),
    ];
    for (request, status) in rejected {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8", "{status}");
        assert_eq!(response.headers().contains_key("allow"), status == 405);
        let page = response.text().await.unwrap();
        assert!(page.contains("<h1>") && page.contains("nothing was changed"), "{status}: {page}");
    }
}

#[tokio::test]
async fn the_wrong_method_is_named() {
    let server = Server::start().await;
    let visitor = Visitor::of(&server);
    let page = visitor.get("/sign-out").await.text().await.unwrap();
    assert!(page.contains("This address takes forms only; it has no page."), "{page}");
    let page = visitor.post("/account", &[]).await.text().await.unwrap();
    assert!(page.contains("This page takes no forms, so nothing was changed."), "{page}");
}

#[tokio::test]
async fn requests_from_a_foreign_origin_change_nothing() {
    let server = Server::start().await;
    let ada = Visitor::of(&server);
    ada.sign_up("ada").await;
    for origin in ["https://evil.example", "null", "", "http://127.0.0.1:1"] {
        let sent = ada.sent_from(origin);
        for (path, fields) in [
            ("/sign-up", vec![("username", "mallory"), ("email", "mallory@example.com"), ("password", PASSWORD)]),
            ("/sign-in", vec![("username", "ada"), ("password", PASSWORD)]),
            ("/sign-out", vec![]),
            ("/account/sessions/revoke-others", vec![]),
            ("/account/password", vec![("current_password", PASSWORD), ("new_password", "battery staple")]),
            ("/account/delete", vec![("password", PASSWORD)]),
            ("/account/email", vec![("email", "eve@example.com")]),
            ("/confirm-password", vec![("password", PASSWORD)]),
            ("/forgot-password", vec![("email", "ada@example.com")]),
            ("/reset-password", vec![("token", "a"), ("new_password", "battery staple")]),
            ("/verify-email", vec![("token", "a")]),
        ] {
            let response = sent.post(path, &fields).await;
            assert_eq!(response.status(), StatusCode::FORBIDDEN, "{origin} {path}");
            assert!(response.headers().get("set-cookie").is_none());
        }
    }
    assert!(ada.is_signed_in().await);
    assert_eq!(Visitor::of(&server).sign_in("mallory", PASSWORD).await.status(), StatusCode::BAD_REQUEST);
    assert_redirect(&Visitor::of(&server).sign_in("ada", PASSWORD).await, "/account");
}

#[tokio::test]
async fn pages_have_security_headers_even_if_not_found() {
    let server = Server::start().await;
    let visitor = Visitor::of(&server);
    let page = visitor.get("/nowhere").await;
    assert_eq!(page.status(), StatusCode::NOT_FOUND);
    let header = |name: &str| page.headers()[name].to_str().unwrap().to_owned();
    let policy = header("content-security-policy");
    assert!(policy.contains("frame-ancestors 'none'") && policy.contains("default-src 'none'"), "{policy}");
    assert!(policy.contains("img-src 'self'"), "the icon is an image: {policy}");
    assert_eq!(header("referrer-policy"), "same-origin");
    assert_eq!((header("cache-control"), header("x-content-type-options")), ("no-store".into(), "nosniff".into()));
}

/// A screen reader reads the title first.
#[tokio::test]
async fn the_title_says_whether_a_form_has_errors() {
    let server = Server::start().await;
    let ada = Visitor::of(&server);
    ada.sign_up("ada").await;
    for (path, form, field) in [
        ("/sign-up", "/sign-up", "username"),
        ("/sign-in", "/sign-in", "username"),
        ("/account", "/account/password", "current_password"),
        ("/account/email", "/account/email", "email"),
        ("/confirm-password", "/confirm-password", "password"),
        ("/forgot-password", "/forgot-password", "email"),
    ] {
        let page = ada.get(path).await.text().await.unwrap();
        let errors = ada.post(form, &[(field, "?")]).await.text().await.unwrap();
        assert!(!page.contains("<title>Error: ") && errors.contains("<title>Error: "), "{path}: {errors}");
    }
}
