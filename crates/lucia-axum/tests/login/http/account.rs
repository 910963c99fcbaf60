use std::{sync::Arc, time::Duration};

use lucia_auth::{Clock as _, lucia_core::TokenAdapter as _, memory::MemoryAdapter};
use reqwest::StatusCode;
use tower::ServiceExt as _;

use crate::{
    mailbox::receive,
    server::Server,
    sessions::Sessions,
    visitor::{PASSWORD, Visitor, alert, assert_redirect, problems},
};

#[tokio::test]
async fn a_changed_password_revokes_all_other_sessions() {
    let server = Server::start().await;
    let (here, there) = (Visitor::of(&server), Visitor::of(&server));
    here.sign_up("ada").await;
    there.sign_in("ada", PASSWORD).await;
    let wrong =
        here.post("/account/password", &[("current_password", "wrong"), ("new_password", "battery staple")]).await;
    assert_eq!(wrong.status(), StatusCode::BAD_REQUEST);
    let page = wrong.text().await.unwrap();
    assert_eq!(alert(&page), "The current password is wrong.");
    assert_eq!(problems(&page), [("current_password", "The current password is wrong.")]);
    let short = here.post("/account/password", &[("current_password", PASSWORD), ("new_password", "short")]).await;
    assert_eq!(short.status(), StatusCode::BAD_REQUEST);
    assert_eq!(
        problems(&short.text().await.unwrap()),
        [("new_password", "The password must have at least 8 characters.")]
    );
    let expanding = "\u{fdfa}".repeat(300);
    let long = here.post("/account/password", &[("current_password", PASSWORD), ("new_password", &expanding)]).await;
    assert_eq!(long.status(), StatusCode::BAD_REQUEST);
    assert_eq!(problems(&long.text().await.unwrap()), [("new_password", "The password is longer than 1024 bytes.")]);
    assert!(there.is_signed_in().await);

    let changed =
        here.post("/account/password", &[("current_password", PASSWORD), ("new_password", "battery staple")]).await;
    assert_redirect(&changed, "/account?notice=password");
    assert!(changed.headers().contains_key("set-cookie"), "the session has a new token");
    assert!(here.is_signed_in().await);
    assert!(!there.is_signed_in().await);
    let notice = receive(&here, "ada@example.com", "Your password was changed").await;
    assert!(notice.text.contains("signed out everywhere else."), "{}", notice.text);
    assert_eq!(there.sign_in("ada", PASSWORD).await.status(), StatusCode::BAD_REQUEST);
    assert_redirect(&there.sign_in("ada", "battery staple").await, "/account");
}

/// The client disconnects, or a timeout fires, after the password has changed and before the sessions are revoked.
#[tokio::test]
async fn a_change_of_password_completes_when_its_request_is_dropped() {
    let sessions = Arc::new(Sessions::new());
    let server = Server::start_with_sessions(Arc::clone(&sessions)).await;
    let thief = Visitor::of(&server);
    thief.sign_up("ada").await;
    let signed_in = Visitor::of(&server).sign_in("ada", PASSWORD).await;
    let cookie = signed_in.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap();
    let request = ::http::Request::post(format!("{}/account/password", server.url))
        .header("origin", &server.url)
        .header("cookie", cookie)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(axum::body::Body::from(format!("current_password={PASSWORD}&new_password=battery staple")))
        .unwrap();

    let held = sessions.hold_lists().await;
    tokio::select! {
        _ = server.router.clone().oneshot(request) => panic!("the sessions were not revoked"),
        () = sessions.until_listed() => {}
    }
    drop(held);
    let ended = async { while thief.is_signed_in().await {} };
    tokio::time::timeout(Duration::from_secs(10), ended).await.expect("the old session ends");
    receive(&thief, "ada@example.com", "Your password was changed").await;
    assert_redirect(&thief.sign_in("ada", "battery staple").await, "/account");
}

#[tokio::test]
async fn deleting_an_account_signs_out_everywhere() {
    let server = Server::start().await;
    let (here, there) = (Visitor::of(&server), Visitor::of(&server));
    here.sign_up("ada").await;
    there.sign_in("ada", PASSWORD).await;
    let wrong = here.post("/account/delete", &[("password", "wrong")]).await;
    assert_eq!(wrong.status(), StatusCode::BAD_REQUEST);
    let problem = "The password is wrong; your account was not deleted.";
    assert_eq!(problems(&wrong.text().await.unwrap()), [("delete_password", problem)]);
    assert!(here.is_signed_in().await);
    assert_redirect(&here.post("/account/delete", &[("password", PASSWORD)]).await, "/");
    assert!(!here.is_signed_in().await && !there.is_signed_in().await);
    let notice = "Your account and everything in it was deleted.";
    for (visit, is_shown) in [true, false].into_iter().enumerate() {
        let page = here.get("/").await.text().await.unwrap();
        assert_eq!(page.contains(notice), is_shown, "visit {visit}");
    }
    assert_eq!(here.sign_in("ada", PASSWORD).await.status(), StatusCode::BAD_REQUEST);
    here.sign_up("ada").await;
}

/// Without a foreign key, the store of the links does not delete them with the user.
#[tokio::test]
async fn deleting_an_account_deletes_its_links() {
    let tokens = Arc::new(MemoryAdapter::without_foreign_keys());
    let server = Server::start_with_tokens(Arc::clone(&tokens)).await;
    let ada = Visitor::of(&server);
    ada.sign_up("ada").await;
    let confirm = receive(&ada, "ada@example.com", "Confirm your e-mail address").await;
    ada.post("/forgot-password", &[("email", "ada@example.com")]).await;
    let reset = receive(&ada, "ada@example.com", "Choose a new password").await;
    for mail in [&confirm, &reset] {
        assert_eq!(ada.get(mail.path(&server.url)).await.status(), StatusCode::OK, "{}", mail.subject);
    }
    assert_redirect(&ada.post("/account/delete", &[("password", PASSWORD)]).await, "/");

    // The counters of the links expire after two minutes, and the links after half an hour and a day.
    let now = server.clock.now();
    let counters = tokens.delete_expired_tokens(now.saturating_add(Duration::from_secs(600)), 100).await.unwrap();
    assert_eq!(counters, 2);
    let links = tokens.delete_expired_tokens(now.saturating_add(Duration::from_secs(100_000)), 100).await.unwrap();
    assert_eq!(links, 0);
}
