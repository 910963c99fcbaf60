use std::time::Duration;

use axum::{Router, response::Html, routing::get};
use tokio::net::TcpListener;

use crate::{
    chrome::Chrome,
    mailbox::receive,
    server::Server,
    visitor::{PASSWORD, Visitor},
};

async fn sign_up(chrome: &Chrome, server: &Server, username: &str) {
    chrome.page.goto(&format!("{}/sign-up", server.url)).await.unwrap();
    chrome.fill("username", username).await;
    chrome.fill("email", &format!("{username}@example.com")).await;
    chrome.fill("password", PASSWORD).await;
    chrome.click("main button").await;
    chrome.is_at("/account").await;
}

async fn sign_in(chrome: &Chrome, server: &Server, username: &str, password: &str) {
    chrome.page.goto(&format!("{}/sign-in", server.url)).await.unwrap();
    chrome.fill("username", username).await;
    chrome.fill("password", password).await;
    chrome.click("main button").await;
}

/// Follows the link of a mail on the page `/outbox`.
async fn follow_link(chrome: &Chrome, server: &Server, subject: &str) {
    let mail = receive(&Visitor::of(server), "ada@example.com", subject).await;
    chrome.page.goto(&format!("{}/outbox", server.url)).await.unwrap();
    chrome.click(&format!("a[href$='{}']", mail.path(&server.url))).await;
    chrome.is_at(mail.path(&server.url)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_signs_up_out_and_in() {
    let server = Server::start().await;
    let chrome = Chrome::start().await;
    chrome.page.goto(&server.url).await.unwrap();
    chrome.click("a[href='/sign-up']").await;
    chrome.is_at("/sign-up").await;
    sign_up(&chrome, &server, "Ada").await;
    assert_eq!(chrome.text("who").await, "Ada");

    chrome.click(".top button").await;
    chrome.is_at("/").await;
    chrome.page.goto(&format!("{}/account", server.url)).await.unwrap();
    chrome.is_at("/sign-in").await;

    sign_in(&chrome, &server, "ada", "wrong password").await;
    assert_eq!(chrome.text("error").await, "The user name, the e-mail address or the password is wrong.");
    sign_in(&chrome, &server, "ada", PASSWORD).await;
    chrome.is_at("/account").await;
    assert_eq!(chrome.text("who").await, "Ada");
    chrome.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_revokes_another_session_and_then_all() {
    let server = Server::start().await;
    let (here, there) = (Chrome::start().await, Chrome::start().await);
    sign_up(&here, &server, "ada").await;
    sign_in(&there, &server, "ada", PASSWORD).await;
    there.is_at("/account").await;

    here.page.refresh().await.unwrap();
    here.click(".session form button").await;
    here.is_at("/account?notice=revoked").await;
    assert_eq!(here.text("who").await, "ada");
    there.page.refresh().await.unwrap();
    there.is_at("/sign-in").await;

    sign_in(&there, &server, "ada", PASSWORD).await;
    there.is_at("/account").await;
    here.page.refresh().await.unwrap();
    here.click("#revoke-others").await;
    here.is_at("/account?notice=revoked-others").await;
    there.page.refresh().await.unwrap();
    there.is_at("/sign-in").await;
    here.close().await;
    there.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_session_redirects_the_browser_to_the_sign_in_page() {
    let server = Server::start().await;
    let chrome = Chrome::start().await;
    sign_up(&chrome, &server, "ada").await;
    server.clock.advance(Duration::from_secs(16 * 86_400));
    chrome.page.refresh().await.unwrap();
    chrome.is_at("/sign-in").await;
    assert_eq!(chrome.page.get_all_cookies().await.unwrap().len(), 1, "the cookie is kept until the next sign-in");
    chrome.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_confirms_the_address_by_the_link_in_the_mail() {
    let server = Server::start().await;
    let chrome = Chrome::start().await;
    sign_up(&chrome, &server, "ada").await;
    assert_eq!(chrome.text("email").await, "ada@example.com");
    follow_link(&chrome, &server, "Confirm your e-mail address").await;
    chrome.click("main button").await;
    chrome.is_at("/account?notice=verified").await;
    assert_eq!(chrome.text("notice").await, "Your e-mail address is confirmed.");
    chrome.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_is_replaced_by_the_link_in_the_mail() {
    let server = Server::start().await;
    let (here, there) = (Chrome::start().await, Chrome::start().await);
    sign_up(&there, &server, "ada").await;
    here.page.goto(&format!("{}/sign-in", server.url)).await.unwrap();
    here.click("a[href='/forgot-password']").await;
    here.fill("email", "ada@example.com").await;
    here.click("main button").await;
    follow_link(&here, &server, "Choose a new password").await;
    here.fill("new_password", "battery staple").await;
    here.click("main button").await;
    here.is_at("/sign-in?notice=reset").await;
    there.page.refresh().await.unwrap();
    there.is_at("/sign-in").await;
    sign_in(&there, &server, "ada", PASSWORD).await;
    assert_eq!(there.text("error").await, "The user name, the e-mail address or the password is wrong.");
    sign_in(&here, &server, "ada@example.com", "battery staple").await;
    here.is_at("/account").await;
    here.close().await;
    there.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_are_throttled_and_do_not_lock_a_known_device_out() {
    let server = Server::start().await;
    let (owner, stranger) = (Chrome::start().await, Chrome::start().await);
    sign_up(&owner, &server, "ada").await;
    sign_in(&owner, &server, "ada", PASSWORD).await;
    owner.is_at("/account").await;
    owner.click(".top button").await;
    owner.is_at("/").await;
    let guesser = Visitor::of(&server);
    for _ in 0..10 {
        guesser.sign_in("ada", "a guess").await;
    }
    sign_in(&stranger, &server, "ada", PASSWORD).await;
    assert_eq!(stranger.text("error").await, "Too many attempts. Try again in 15 minutes.");
    assert_eq!(stranger.attribute("password", "aria-describedby").await.as_deref(), Some("error"));
    sign_in(&owner, &server, "ada", PASSWORD).await;
    owner.is_at("/account").await;
    owner.close().await;
    stranger.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn problems_are_beside_their_fields() {
    let server = Server::start().await;
    let chrome = Chrome::start().await;
    sign_up(&chrome, &server, "ada").await;
    chrome.click(".top button").await;
    chrome.is_at("/").await;
    chrome.page.goto(&format!("{}/sign-up", server.url)).await.unwrap();
    chrome.fill("username", "ada").await;
    chrome.fill("email", "eve@example.com").await;
    chrome.fill("password", PASSWORD).await;
    chrome.click("main button").await;
    assert_eq!(chrome.text("username-error").await, "That user name is taken.");
    assert_eq!(chrome.attribute("username", "aria-invalid").await.as_deref(), Some("true"));
    assert_eq!(chrome.attribute("username", "aria-describedby").await.as_deref(), Some("username-error username-hint"));
    assert_eq!(chrome.attribute("email", "aria-invalid").await, None);
    assert_eq!(chrome.attribute("email", "value").await.as_deref(), Some("eve@example.com"));
    chrome.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_not_remembered_has_a_cookie_of_the_browser() {
    let server = Server::start().await;
    let chrome = Chrome::start().await;
    sign_up(&chrome, &server, "ada").await;
    let expiry = || async { chrome.page.get_named_cookie("auth_session").await.unwrap().expires_datetime() };
    assert!(expiry().await.is_some());
    chrome.page.goto(&format!("{}/sign-in", server.url)).await.unwrap();
    chrome.fill("username", "ada").await;
    chrome.fill("password", PASSWORD).await;
    chrome.click("#remember").await;
    chrome.click("main button").await;
    chrome.is_at("/account").await;
    assert!(expiry().await.is_none());
    chrome.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dates_do_not_wrap_on_a_phone() {
    let server = Server::start().await;
    let chrome = Chrome::start_on_a_phone().await;
    sign_up(&chrome, &server, "ada").await;
    Visitor::of(&server).sign_in("ada", PASSWORD).await;
    chrome.page.refresh().await.unwrap();
    chrome.text("revoke-others").await;
    assert_eq!(chrome.page.execute("return innerWidth", vec![]).await.unwrap(), 320);
    let wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
    assert_eq!(chrome.page.execute(wide, vec![]).await.unwrap(), 0, "the page scrolls sideways");
    let lines = "return [...document.querySelectorAll('dd')].map(date => date.getClientRects().length)";
    let lines = chrome.page.execute(lines, vec![]).await.unwrap();
    let lines: Vec<u64> = serde_json::from_value(lines).unwrap();
    assert!(lines.len() == 6 && lines.iter().all(|lines| *lines == 1), "{lines:?}");
    chrome.close().await;
}

/// A page of another origin submits a form. The browser sends the cookie, because another port is still the same site.
#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_another_origin_does_not_sign_out() {
    let server = Server::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let elsewhere = format!("http://{}", listener.local_addr().unwrap());
    let page = format!(r#"<form method="post" action="{}/sign-out"><button>Win a prize</button></form>"#, server.url);
    let app = Router::new().route("/", get(|| async { Html(page) }));
    let serving = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });

    let chrome = Chrome::start().await;
    sign_up(&chrome, &server, "ada").await;
    chrome.page.goto(&elsewhere).await.unwrap();
    chrome.click("button").await;
    chrome.page.wait().for_url(&format!("{}/sign-out", server.url).parse().unwrap()).await.unwrap();
    chrome.page.goto(&format!("{}/account", server.url)).await.unwrap();
    assert_eq!(chrome.text("who").await, "ada");
    chrome.close().await;
    serving.abort();
}
