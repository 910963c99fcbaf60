use std::time::Duration;

use reqwest::StatusCode;

use crate::{
    mailbox::{mails, receive},
    server::Server,
    visitor::{PASSWORD, Visitor, assert_redirect, cookie, problems},
};

/// A little more than the time for which a confirmation counts.
const LATER: Duration = Duration::from_secs(601);

#[tokio::test]
async fn changing_the_address_takes_a_recent_confirmation_of_the_password() {
    let server = Server::start().await;
    let ada = Visitor::of(&server);
    ada.sign_up("ada").await;
    receive(&ada, "ada@example.com", "Confirm your e-mail address").await;
    server.clock.advance(LATER);
    let confirm = "/confirm-password?next=/account/email";
    assert_redirect(&ada.get("/account/email").await, confirm);
    let late = "/confirm-password?next=/account/email?notice=not-changed";
    assert_redirect(&ada.post("/account/email", &[("email", "eve@example.com")]).await, late);
    assert!(ada.get(late).await.text().await.unwrap().contains("Nothing was changed yet"));
    assert!(!ada.get(confirm).await.text().await.unwrap().contains("Nothing was changed yet"));
    assert_eq!(mails(&ada).await.len(), 1, "nothing was sent to the new address");

    assert_eq!(ada.get(confirm).await.status(), StatusCode::OK);
    let wrong = ada.post("/confirm-password", &[("next", "/account/email"), ("password", "wrong")]).await;
    assert_eq!(wrong.status(), StatusCode::BAD_REQUEST);
    assert_eq!(problems(&wrong.text().await.unwrap()), [("password", "The password is wrong.")]);
    let confirmed = ada.post("/confirm-password", &[("next", "/account/email"), ("password", PASSWORD)]).await;
    assert_redirect(&confirmed, "/account/email");
    assert!(cookie(&confirmed, "auth_session").is_some(), "the session has a new token");
    let again = ada.get("/account/email?notice=not-changed").await.text().await.unwrap();
    assert!(again.contains("No link was sent yet."), "{again}");
    assert_eq!(ada.get("/account/email").await.status(), StatusCode::OK);
    assert_redirect(&ada.post("/account/email", &[("email", "new@example.com")]).await, "/account?notice=link-sent");
}

#[tokio::test]
async fn signing_in_goes_on_with_the_page_that_required_it() {
    let server = Server::start().await;
    Visitor::of(&server).sign_up("ada").await;
    let ada = Visitor::of(&server);
    assert_redirect(&ada.get("/account/email").await, "/sign-in?next=/account/email");
    let page = ada.get("/sign-in?next=/account/email").await.text().await.unwrap();
    assert!(page.contains(r#"name="next" value="&#x2f;account&#x2f;email""#), "{page}");
    let sign_in = async |password, next| {
        Visitor::of(&server).post("/sign-in", &[("username", "ada"), ("password", password), ("next", next)]).await
    };
    assert!(sign_in("wrong", "/account/email").await.text().await.unwrap().contains(r#"name="next""#));
    assert_redirect(&sign_in(PASSWORD, "/account/email").await, "/account/email");
    for next in ["", "https://evil.example", "//evil.example"] {
        assert_redirect(&sign_in(PASSWORD, next).await, "/account");
    }
}

#[tokio::test]
async fn a_confirmation_leads_to_pages_of_this_application_only() {
    let server = Server::start().await;
    let ada = Visitor::of(&server);
    assert_redirect(&ada.get("/confirm-password").await, "/sign-in");
    assert_redirect(&ada.post("/confirm-password", &[("password", PASSWORD)]).await, "/sign-in");
    ada.sign_up("ada").await;
    for next in ["", "https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"] {
        let confirmed = ada.post("/confirm-password", &[("next", next), ("password", PASSWORD)]).await;
        assert_redirect(&confirmed, "/account");
    }
}
