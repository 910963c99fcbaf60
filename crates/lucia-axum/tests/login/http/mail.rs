//! Mail by SMTP.

use std::time::Duration;

use reqwest::StatusCode;
use tokio::{net::TcpListener, time::timeout};

use crate::{
    app::{Mailer, Origin},
    server::Server,
    smtp::SmtpServer,
    visitor::{PASSWORD, Visitor, assert_redirect},
};

#[tokio::test]
async fn links_in_mails_from_a_real_server_work() {
    let mut smtp = SmtpServer::start().await;
    let server = Server::start_with_mailer(Mailer::smtp(&smtp.url, "Lucia <lucia@example.org>").unwrap()).await;
    let ada = Visitor::of(&server);
    ada.sign_up("ada").await;
    assert_eq!(ada.get("/outbox").await.status(), StatusCode::NOT_FOUND, "others would read the mail");

    let mail = smtp.receive().await;
    assert_eq!((mail.from.as_str(), mail.to.as_slice()), ("lucia@example.org", &["ada@example.com".to_owned()][..]));
    for header in ["From: Lucia <lucia@example.org>", "To: ada@example.com", "Subject: Confirm your e-mail address"] {
        assert!(mail.message.contains(header), "{}", mail.message);
    }
    assert_eq!(ada.follow(&mail.link()).await.status(), StatusCode::OK);
    let confirmed = ada.post("/verify-email", &[("token", &mail.token())]).await;
    assert_redirect(&confirmed, "/account?notice=verified");

    ada.post("/forgot-password", &[("email", "ada@example.com")]).await;
    let mail = smtp.receive().await;
    assert_eq!(ada.follow(&mail.link()).await.status(), StatusCode::OK);
    let reset = ada.post("/reset-password", &[("token", &mail.token()), ("new_password", "battery staple")]).await;
    assert_redirect(&reset, "/sign-in?notice=reset");
    assert!(smtp.receive().await.message.contains("Subject: Your password was changed"));
    assert_redirect(&ada.sign_in("ada@example.com", "battery staple").await, "/account");
}

#[tokio::test]
async fn the_answer_does_not_wait_for_the_mail_server() {
    // It accepts connections, and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", silent.local_addr().unwrap());
    let server = Server::start_with_mailer(Mailer::smtp(&url, "lucia@example.org").unwrap()).await;
    let ada = Visitor::of(&server);
    ada.sign_up("ada").await;
    let answered = ada.post("/forgot-password", &[("email", "ada@example.com")]);
    let answered = timeout(Duration::from_secs(20), answered).await.expect("an answer");
    assert_eq!(answered.status(), StatusCode::OK);
    let (_connection, _) = timeout(Duration::from_secs(20), silent.accept()).await.unwrap().expect("a mail is sent");
    assert_redirect(&Visitor::of(&server).sign_in("ada", PASSWORD).await, "/account");
}

#[test]
fn a_wrong_setting_is_an_error_without_the_password_of_the_server() {
    for url in ["", "mail.example.com", "http://lucia:secret@mail.example.com", "smtp://lucia:secret@"] {
        let error = Mailer::smtp(url, "lucia@example.org").err().expect(url);
        assert_eq!(error.to_string(), "invalid SMTP_URL: it must be like `smtps://user:password@mail.example.com`");
    }
    for url in [
        "smtp://lucia:secret@mail.example.com",
        "smtp://lucia:secret@192.0.2.1:25",
        "smtp://lucia:secret@mail.example.com?tls=opportunistic",
    ] {
        let error = Mailer::smtp(url, "lucia@example.org").err().expect(url).to_string();
        assert!(error.contains("unencrypted") && error.contains("?tls=required"), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
    for url in [
        "smtps://lucia:secret@mail.example.com",
        "smtp://lucia:secret@mail.example.com?tls=required",
        "smtp://lucia:secret@localhost",
        "smtp://lucia:secret@127.0.0.1:25",
        "smtp://lucia:secret@[::1]:25",
        "smtp://mail.example.com",
    ] {
        assert!(Mailer::smtp(url, "lucia@example.org").is_ok(), "{url}");
    }
    let error = Mailer::smtp("smtp://mail.example.com", "nobody").err().unwrap();
    assert_eq!(error.to_string(), "invalid MAIL_FROM (an address is needed): nobody");
}

#[test]
fn origins_have_a_scheme_and_a_host_only() {
    for origin in ["https://example.com", "http://127.0.0.1:3000", "https://example.com/", "https://[::1]:8443"] {
        assert!(origin.parse::<Origin>().is_ok(), "{origin}");
    }
    for text in [
        "",
        "example.com",
        "ftp://example.com",
        "https://example.com/app",
        "https://example.com?",
        "https://user@example.com",
        "https://",
    ] {
        assert!(text.parse::<Origin>().is_err(), "{text}");
    }
}
