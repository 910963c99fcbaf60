use std::{net::SocketAddr, time::Duration};

use axum::{
    body::{Body, to_bytes},
    extract::ConnectInfo,
};
use reqwest::StatusCode;
use tower::ServiceExt as _;

use super::verification::is_confirmed;
use crate::{
    mailbox::{mails, receive, receive_after},
    server::Server,
    visitor::{PASSWORD, Visitor, assert_redirect, cookie, problems},
};

const ADDRESS: &str = "ada@example.com";
const SUBJECT: &str = "Choose a new password";
const NEW: &str = "battery staple";

#[tokio::test]
async fn the_link_in_the_mail_sets_a_new_password_and_ends_old_sessions() {
    let server = Server::start().await;
    let (thief, ada) = (Visitor::of(&server), Visitor::of(&server));
    thief.sign_up("Ada").await;
    assert_eq!(ada.get("/forgot-password").await.status(), StatusCode::OK);
    assert_eq!(ada.post("/forgot-password", &[("email", " ADA@example.com")]).await.status(), StatusCode::OK);
    let mail = receive(&ada, ADDRESS, SUBJECT).await;
    for _ in 0..2 {
        // A program that scans mails follows links.
        let page = Visitor::of(&server).get(mail.path(&server.url)).await;
        assert_eq!(page.status(), StatusCode::OK);
        assert_eq!(page.headers()["referrer-policy"], "no-referrer");
        let page = page.text().await.unwrap();
        assert!(page.contains("<strong>Ada</strong>"), "the name as its user wrote it: {page}");
    }
    let reset = |password| [("token", mail.token()), ("new_password", password)];
    let short = ada.post("/reset-password", &reset("short")).await;
    assert_eq!(short.status(), StatusCode::BAD_REQUEST);
    assert_eq!(short.headers()["referrer-policy"], "no-referrer");
    let page = short.text().await.unwrap();
    assert_eq!(problems(&page), [("new_password", "The password must have at least 8 characters.")]);
    assert!(thief.is_signed_in().await);

    let set = ada.post("/reset-password", &reset(NEW)).await;
    assert_redirect(&set, "/sign-in?notice=reset");
    assert!(!thief.is_signed_in().await);
    assert_eq!(Visitor::of(&server).sign_in("ada", PASSWORD).await.status(), StatusCode::BAD_REQUEST);
    assert_redirect(&ada.sign_in(ADDRESS, NEW).await, "/account");
    let notice = receive(&ada, ADDRESS, "Your password was changed").await;
    assert_eq!(notice.path(&server.url), "/forgot-password", "the notice has no token");
    assert!(notice.text.contains("signed out everywhere."), "{}", notice.text);

    for response in
        [ada.post("/reset-password", &reset("another password")).await, ada.get(mail.path(&server.url)).await]
    {
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        let page = response.text().await.unwrap();
        assert!(page.contains("no longer valid") && page.contains(r#"<a href="&#x2f;forgot-password">"#), "{page}");
    }
    assert_redirect(&Visitor::of(&server).sign_in("ada", NEW).await, "/account");
}

#[tokio::test]
async fn the_answer_does_not_tell_who_has_an_account() {
    let server = Server::start().await;
    Visitor::of(&server).sign_up("ada").await;
    let mut answers = Vec::new();
    for address in [ADDRESS, "nobody@example.com"] {
        let visitor = Visitor::of(&server);
        for attempt in 0..20 {
            let response = visitor.post("/forgot-password", &[("email", address)]).await;
            let (status, mut headers) = (response.status(), response.headers().clone());
            headers.remove("date");
            answers.push((attempt, status, headers, response.text().await.unwrap()));
        }
    }
    let (known, unknown) = answers.split_at(20);
    assert_eq!(known, unknown);
    assert!(known.iter().all(|(_, status, ..)| *status == StatusCode::OK));
    let visitor = Visitor::of(&server);
    receive(&visitor, ADDRESS, SUBJECT).await;
    assert!(mails(&visitor).await.iter().all(|mail| mail.to == ADDRESS));
    for address in ["", "nowhere", "ada@example.com, eve@example.com"] {
        let page = visitor.post("/forgot-password", &[("email", address)]).await;
        assert_eq!(page.status(), StatusCode::BAD_REQUEST);
        assert_eq!(problems(&page.text().await.unwrap())[0].0, "email");
    }
}

#[tokio::test]
async fn strangers_do_not_void_the_link_of_the_owner() {
    let server = Server::start().await;
    let ada = Visitor::of(&server);
    ada.sign_up("ada").await;
    ada.post("/forgot-password", &[("email", ADDRESS)]).await;
    let mail = receive(&ada, ADDRESS, SUBJECT).await;
    let strangers_ask = async || {
        for _ in 0..20 {
            let stranger = Visitor::of(&server).post("/forgot-password", &[("email", ADDRESS)]).await;
            assert_eq!(stranger.status(), StatusCode::OK);
        }
    };
    strangers_ask().await;
    server.clock.advance(Duration::from_secs(121));
    strangers_ask().await;
    receive_after(&mail, &ada).await;
    let set = ada.post("/reset-password", &[("token", mail.token()), ("new_password", NEW)]).await;
    assert_redirect(&set, "/sign-in?notice=reset");
}

#[tokio::test]
async fn strangers_do_not_use_up_the_requests_of_the_owner() {
    let server = Server::start().await;
    let ada = Visitor::of(&server);
    ada.sign_up("ada").await;
    for _ in 0..20 {
        Visitor::of(&server).post("/forgot-password", &[("email", ADDRESS)]).await;
    }
    let first = receive(&ada, ADDRESS, SUBJECT).await;
    server.clock.advance(Duration::from_millis(120_001));
    assert_eq!(ada.post("/forgot-password", &[("email", ADDRESS)]).await.status(), StatusCode::OK);
    let second = receive_after(&first, &ada).await;
    let sent = mails(&ada).await.into_iter().filter(|mail| mail.subject == SUBJECT).count();
    assert_eq!(sent, 2, "at most one in two minutes");
    let set = ada.post("/reset-password", &[("token", second.token()), ("new_password", NEW)]).await;
    assert_redirect(&set, "/sign-in?notice=reset");
    let old = ada.post("/reset-password", &[("token", first.token()), ("new_password", NEW)]).await;
    assert_eq!(old.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn one_address_cannot_ask_for_any_number_of_accounts() {
    let server = Server::start().await;
    let ask = |peer: &'static str, account: usize| {
        let request = ::http::Request::post(format!("{}/forgot-password", server.url))
            .header("origin", &server.url)
            .header("content-type", "application/x-www-form-urlencoded")
            .extension(ConnectInfo(peer.parse::<SocketAddr>().unwrap()))
            .body(Body::from(format!("email=user{account}@example.com")))
            .unwrap();
        server.router.clone().oneshot(request)
    };
    for account in 0..100 {
        assert_eq!(ask("203.0.113.7:1234", account).await.unwrap().status(), StatusCode::OK, "{account}");
    }
    let refused = ask("203.0.113.7:1234", 100).await.unwrap();
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.headers().contains_key("retry-after"));
    let page = String::from_utf8(to_bytes(refused.into_body(), 10_000).await.unwrap().into()).unwrap();
    assert!(page.contains(r#"value="user100@example.com""#), "what was typed is kept: {page}");
    assert_eq!(ask("203.0.113.8:1234", 0).await.unwrap().status(), StatusCode::OK);
}

/// Somebody asks in the name of another, with a `Host` header that names their own server.
#[tokio::test]
async fn the_host_of_the_request_is_not_in_the_link() {
    let server = Server::start().await;
    let ada = Visitor::of(&server);
    ada.sign_up("ada").await;
    let forged = ada.sent_from("http://evil.example");
    let request = forged.request("/forgot-password").header("host", "evil.example").form(&[("email", ADDRESS)]);
    assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
    let mail = receive(&ada, ADDRESS, SUBJECT).await;
    assert!(mail.path(&server.url).starts_with("/reset-password?token="));
    assert!(!mail.text.contains("evil"));
}

#[tokio::test]
async fn the_owner_of_an_account_under_attack_gets_in_with_a_new_password() {
    let server = Server::start().await;
    Visitor::of(&server).sign_up("ada").await;
    for _ in 0..=10 {
        Visitor::of(&server).sign_in("ada", "a guess").await;
    }
    let ada = Visitor::of(&server);
    assert_eq!(ada.sign_in("ada", PASSWORD).await.status(), StatusCode::TOO_MANY_REQUESTS);
    ada.post("/forgot-password", &[("email", ADDRESS)]).await;
    let mail = receive(&ada, ADDRESS, SUBJECT).await;
    let set = ada.post("/reset-password", &[("token", mail.token()), ("new_password", NEW)]).await;
    assert!(cookie(&set, "auth_device").is_some());
    assert_redirect(&ada.sign_in("ada", NEW).await, "/account");
    assert_eq!(Visitor::of(&server).sign_in("ada", NEW).await.status(), StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_shared_device_is_not_remembered_by_a_new_password() {
    let server = Server::start().await;
    let ada = Visitor::of(&server);
    ada.sign_up("ada").await;
    ada.post("/forgot-password", &[("email", ADDRESS)]).await;
    let mail = receive(&ada, ADDRESS, SUBJECT).await;
    let form = [("token", mail.token()), ("new_password", "short"), ("remember_offered", "yes")];
    let again = ada.post("/reset-password", &form).await.text().await.unwrap();
    assert!(again.contains(r#"name="remember""#) && !again.contains("checked"), "the choice is kept: {again}");
    let form = [("token", mail.token()), ("new_password", NEW), ("remember_offered", "yes")];
    let set = ada.post("/reset-password", &form).await;
    assert_redirect(&set, "/sign-in?notice=reset");
    assert!(cookie(&set, "auth_device").is_none());
}

/// The link that was to confirm it is void.
#[tokio::test]
async fn a_new_password_confirms_the_address_of_its_link() {
    let server = Server::start().await;
    let ada = Visitor::of(&server);
    ada.sign_up("ada").await;
    assert!(!is_confirmed(&ada).await);
    ada.post("/forgot-password", &[("email", ADDRESS)]).await;
    let mail = receive(&ada, ADDRESS, SUBJECT).await;
    ada.post("/reset-password", &[("token", mail.token()), ("new_password", NEW)]).await;
    assert_redirect(&ada.sign_in("ada", NEW).await, "/account");
    assert!(is_confirmed(&ada).await);
}

#[tokio::test]
async fn a_changed_password_voids_links() {
    let server = Server::start().await;
    let (ada, thief) = (Visitor::of(&server), Visitor::of(&server));
    ada.sign_up("ada").await;
    thief.sign_in("ada", PASSWORD).await;
    thief.post("/account/email", &[("email", "thief@example.com")]).await;
    thief.post("/forgot-password", &[("email", ADDRESS)]).await;
    let address = receive(&ada, "thief@example.com", "Confirm your e-mail address").await;
    let reset = receive(&ada, ADDRESS, SUBJECT).await;
    let change = [("current_password", PASSWORD), ("new_password", NEW)];
    assert_redirect(&ada.post("/account/password", &change).await, "/account?notice=password");
    receive(&ada, ADDRESS, "Your password was changed").await;
    for (path, token) in [("/verify-email", address.token()), ("/reset-password", reset.token())] {
        let refused = thief.post(path, &[("token", token), ("new_password", "thief's password")]).await;
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{path}");
    }
    assert_redirect(&Visitor::of(&server).sign_in(ADDRESS, NEW).await, "/account");
}

/// Links are worth as much as passwords, and addresses are nobody's business.
#[tokio::test]
async fn the_database_has_neither_links_nor_the_names_that_were_guessed() {
    let server = Server::start().await;
    let ada = Visitor::of(&server);
    ada.sign_up("ada").await;
    ada.post("/forgot-password", &[("email", ADDRESS)]).await;
    ada.post("/forgot-password", &[("email", "nobody@example.com")]).await;
    Visitor::of(&server).sign_in("someone", "a guess").await;
    let mails = [receive(&ada, ADDRESS, "Confirm your e-mail address").await, receive(&ada, ADDRESS, SUBJECT).await];
    let stored = server.stored_bytes();
    let has = |text: &str| stored.windows(text.len()).any(|bytes| bytes == text.as_bytes());
    assert!(has("password_reset") && has("email_verification") && has(ADDRESS), "they are stored");
    for secret in [mails[0].token(), mails[1].token(), "nobody@example.com", "someone", "a guess", PASSWORD] {
        assert!(!has(secret), "{secret}");
    }
}

#[tokio::test]
async fn a_link_expires() {
    let server = Server::start().await;
    let ada = Visitor::of(&server);
    ada.sign_up("ada").await;
    ada.post("/forgot-password", &[("email", ADDRESS)]).await;
    let mail = receive(&ada, ADDRESS, SUBJECT).await;
    server.clock.advance(Duration::from_secs(30 * 60 + 1));
    let late = ada.post("/reset-password", &[("token", mail.token()), ("new_password", NEW)]).await;
    assert_eq!(late.status(), StatusCode::BAD_REQUEST);
    assert!(ada.is_signed_in().await);
}
