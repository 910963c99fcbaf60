use std::time::Duration;

use axum::{Router, response::Html, routing::get};
use tokio::net::TcpListener;

use crate::{chrome::Chrome, server::Server, visitor::PASSWORD};

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
    assert_eq!(chrome.text("error").await, "The user name or the password is wrong.");
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
