use std::time::Duration;

use reqwest::{Response, StatusCode};

use crate::{
    server::Server,
    visitor::{PASSWORD, Visitor, alert, assert_redirect, cookie},
};

#[tokio::test]
async fn a_visitor_signs_up_out_and_in() {
    let server = Server::start().await;
    let ada = Visitor::of(&server);
    assert!(!ada.is_signed_in().await);
    for path in ["/", "/sign-up", "/sign-in", "/style.css", "/favicon.svg"] {
        assert_eq!(ada.get(path).await.status(), StatusCode::OK, "{path}");
    }
    ada.sign_up("Ada").await;
    let page = ada.get("/account").await.text().await.unwrap();
    assert!(page.contains("Ada") && page.contains("This device"));
    assert!(ada.get("/").await.text().await.unwrap().contains("Welcome back, Ada"));

    assert_redirect(&ada.post("/sign-out", &[]).await, "/");
    assert!(!ada.is_signed_in().await);
    assert_redirect(&ada.sign_in("ada", PASSWORD).await, "/account");
    assert!(ada.is_signed_in().await);
}

#[tokio::test]
async fn a_failed_sign_in_does_not_reveal_the_reason() {
    let server = Server::start().await;
    Visitor::of(&server).sign_up("ada").await;
    let mut answers = Vec::new();
    for (username, password) in [
        ("ada", "wrong password"),
        ("nobody", PASSWORD),
        ("ada", ""),
        ("", ""),
        ("a:b", "x"),
        ("ada@example.com", "wrong password"),
        ("nobody@example.com", PASSWORD),
        ("@", PASSWORD),
    ] {
        let visitor = Visitor::of(&server);
        let response = visitor.sign_in(username, password).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert!(response.headers().get("set-cookie").is_none());
        answers.push(alert(&response.text().await.unwrap()).to_owned());
        assert!(!visitor.is_signed_in().await);
    }
    answers.dedup();
    assert_eq!(answers, ["The user name, the e-mail address or the password is wrong."]);
}

#[tokio::test]
async fn the_address_signs_in_as_well_as_the_name() {
    let server = Server::start().await;
    Visitor::of(&server).sign_up("Ada").await;
    for name in ["ada", "Ada", "ada@example.com", "ADA@example.com", " ada@example.com "] {
        let visitor = Visitor::of(&server);
        assert_redirect(&visitor.sign_in(name, PASSWORD).await, "/account");
        assert!(visitor.get("/account").await.text().await.unwrap().contains(r#"id="who">Ada<"#), "{name}");
    }
}

fn session_cookie(response: &Response) -> &str {
    cookie(response, "auth_session").expect("a session")
}

#[tokio::test]
async fn a_session_that_is_not_remembered_ends_with_the_browser_or_after_twelve_hours() {
    const HOUR: Duration = Duration::from_secs(3_600);
    let server = Server::start().await;
    Visitor::of(&server).sign_up("ada").await;
    let fields =
        |remember: &[(&'static str, &'static str)]| [&[("username", "ada"), ("password", PASSWORD)], remember].concat();
    for remembered in [&[][..], &[("remember", "yes")], &[("remember_offered", "yes"), ("remember", "on")]] {
        let visitor = Visitor::of(&server);
        let response = visitor.post("/sign-in", &fields(remembered)).await;
        assert_redirect(&response, "/account");
        assert!(session_cookie(&response).contains("; Max-Age=1296000"), "{remembered:?}");
        assert!(cookie(&response, "auth_device").is_some(), "{remembered:?}");
    }
    let visitor = Visitor::of(&server);
    let response = visitor.post("/sign-in", &fields(&[("remember_offered", "yes")])).await;
    assert_redirect(&response, "/account");
    assert!(cookie(&response, "auth_device").is_none(), "the computer may be shared");
    let cookie = session_cookie(&response);
    assert!(!cookie.contains("Max-Age") && !cookie.contains("Expires"), "{cookie}");

    server.clock.advance(11 * HOUR);
    let renewed = visitor.get("/account").await;
    let cookie = session_cookie(&renewed);
    assert!(!cookie.contains("Max-Age") && !cookie.contains("Expires"), "{cookie}");
    server.clock.advance(11 * HOUR);
    assert!(visitor.is_signed_in().await);
    server.clock.advance(13 * HOUR);
    assert!(!visitor.is_signed_in().await);
}
