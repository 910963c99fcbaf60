use std::{sync::Arc, time::Duration};

use axum::body::Body;
use reqwest::StatusCode;
use tower::ServiceExt as _;

use crate::{
    mailbox::{mails, receive, receive_after},
    server::Server,
    sessions::Sessions,
    visitor::{PASSWORD, Visitor, assert_redirect, cookie, problems},
};

const CONFIRM: &str = "Confirm your e-mail address";
const ADDRESS: &str = "ada@example.com";
/// The time for which a link is not replaced, and the last millisecond.
const INTERVAL: Duration = Duration::from_millis(120_001);

pub(super) async fn is_confirmed(visitor: &Visitor) -> bool {
    let page = visitor.get("/account").await.text().await.unwrap();
    assert!(page.contains(r#"<span id="email">"#));
    page.contains(r#"<span class="badge">Confirmed</span>"#)
}

#[tokio::test]
async fn the_link_in_the_mail_confirms_the_address_once() {
    let server = Server::start().await;
    let (ada, stranger) = (Visitor::of(&server), Visitor::of(&server));
    ada.sign_up("ada").await;
    let mail = receive(&ada, ADDRESS, CONFIRM).await;
    for _ in 0..2 {
        // A program that scans mails follows links.
        let page = stranger.get(mail.path(&server.url)).await;
        assert_eq!(page.status(), StatusCode::OK);
        assert_eq!(page.headers()["referrer-policy"], "no-referrer");
        assert_eq!(page.headers()["cache-control"], "no-store");
        let page = page.text().await.unwrap();
        assert!(page.contains(ADDRESS) && page.contains("<strong>ada</strong>"), "{page}");
    }
    assert!(!is_confirmed(&ada).await);
    // The mail may be read where nobody is signed in.
    let confirmed = stranger.post("/verify-email", &[("token", mail.token())]).await;
    assert_redirect(&confirmed, "/sign-in?notice=verified");
    assert!(is_confirmed(&ada).await);
    for response in [ada.post("/verify-email", &[("token", mail.token())]).await, ada.get(mail.path(&server.url)).await]
    {
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert!(response.text().await.unwrap().contains("no longer valid"));
    }
}

#[tokio::test]
async fn links_that_are_not_valid_confirm_nothing() {
    let server = Server::start().await;
    let ada = Visitor::of(&server);
    ada.sign_up("ada").await;
    let old = receive(&ada, ADDRESS, CONFIRM).await;
    for token in ["", "a", &"a".repeat(43), &"a".repeat(5_000), "\u{0}", old.token().to_uppercase().as_str()] {
        assert_eq!(ada.post("/verify-email", &[("token", token)]).await.status(), StatusCode::BAD_REQUEST, "{token}");
        assert_eq!(ada.post("/reset-password", &[("token", token)]).await.status(), StatusCode::BAD_REQUEST);
    }
    // The token of another purpose.
    let reset = ada.post("/reset-password", &[("token", old.token()), ("new_password", "battery staple")]).await;
    assert_eq!(reset.status(), StatusCode::BAD_REQUEST);

    server.clock.advance(INTERVAL);
    assert_redirect(&ada.post("/account/email/verify", &[]).await, "/account?notice=link-sent");
    let new = receive_after(&old, &ada).await;
    server.clock.advance(Duration::from_secs(86_401));
    for mail in [old, new] {
        assert_eq!(ada.post("/verify-email", &[("token", mail.token())]).await.status(), StatusCode::BAD_REQUEST);
    }
    assert!(!is_confirmed(&ada).await);
}

#[tokio::test]
async fn an_address_changes_when_the_link_to_the_new_one_is_followed() {
    let server = Server::start().await;
    let ada = Visitor::of(&server);
    ada.sign_up("ada").await;
    let form = ada.get("/account/email").await;
    assert_eq!(form.status(), StatusCode::OK, "she signed up just now");
    let page = ada.post("/account/email", &[("email", "nowhere")]).await.text().await.unwrap();
    assert_eq!(problems(&page), [("email", "An e-mail address looks like name@example.com.")]);
    assert_redirect(&ada.post("/account/email", &[("email", "Ada@New.example")]).await, "/account?notice=link-sent");

    let notice = receive(&ada, ADDRESS, "Your e-mail address changes").await;
    assert_eq!(notice.path(&server.url), "/forgot-password", "the notice has no token");
    let mail = receive(&ada, "ada@new.example", CONFIRM).await;
    // Somebody else reads the old mailbox.
    Visitor::of(&server).post("/forgot-password", &[("email", ADDRESS)]).await;
    let reset = receive(&ada, ADDRESS, "Choose a new password").await;
    assert_eq!(Visitor::of(&server).sign_in("ada@new.example", PASSWORD).await.status(), StatusCode::BAD_REQUEST);
    assert_redirect(&Visitor::of(&server).sign_in(ADDRESS, PASSWORD).await, "/account");

    assert_redirect(&ada.post("/verify-email", &[("token", mail.token())]).await, "/account?notice=verified");
    receive(&ada, ADDRESS, "Your e-mail address was changed").await;
    let page = ada.get("/account").await.text().await.unwrap();
    assert!(page.contains("ada@new.example") && !page.contains(ADDRESS));
    assert_redirect(&Visitor::of(&server).sign_in("ada@new.example", PASSWORD).await, "/account");
    assert_eq!(Visitor::of(&server).sign_in(ADDRESS, PASSWORD).await.status(), StatusCode::BAD_REQUEST);
    let reset = [("token", reset.token()), ("new_password", "of a stranger")];
    assert_eq!(Visitor::of(&server).post("/reset-password", &reset).await.status(), StatusCode::BAD_REQUEST);
    // The old one is free again.
    assert_redirect(&Visitor::of(&server).try_sign_up("eve", ADDRESS, PASSWORD).await, "/account");
}

/// From then on the new address finds the account, so its owner has to know.
#[tokio::test]
async fn the_old_address_is_told_even_if_the_change_is_interrupted() {
    let server = Server::start().await;
    let ada = Visitor::of(&server);
    ada.sign_up("ada").await;
    ada.post("/account/email", &[("email", "ada@new.example")]).await;
    let mail = receive(&ada, "ada@new.example", CONFIRM).await;
    // Somebody else reads the old mailbox.
    Visitor::of(&server).post("/forgot-password", &[("email", ADDRESS)]).await;
    let reset = receive(&ada, ADDRESS, "Choose a new password").await;
    server.execute("CREATE TRIGGER broken BEFORE UPDATE ON User BEGIN SELECT RAISE(ABORT, 'broken'); END").await;
    let interrupted = ada.post("/verify-email", &[("token", mail.token())]).await;
    assert_eq!(interrupted.status(), StatusCode::INTERNAL_SERVER_ERROR);
    receive(&ada, ADDRESS, "Your e-mail address was changed").await;
    assert_redirect(&Visitor::of(&server).sign_in("ada@new.example", PASSWORD).await, "/account");
    assert_eq!(server.stored_tokens().await, 0);
    assert_eq!(ada.get(reset.path(&server.url)).await.status(), StatusCode::BAD_REQUEST);
    let change = [("current_password", PASSWORD), ("new_password", "battery staple")];
    assert_redirect(&ada.post("/account/password", &change).await, "/account?notice=password");
    receive(&ada, "ada@new.example", "Your password was changed").await;

    server.execute("DROP TRIGGER broken").await;
    assert_redirect(&ada.post("/account/email/verify", &[]).await, "/account?notice=link-sent");
    let mail = receive_after(&mail, &ada).await;
    assert_redirect(&ada.post("/verify-email", &[("token", mail.token())]).await, "/account?notice=verified");
    assert!(ada.get("/account").await.text().await.unwrap().contains("ada@new.example"));
}

#[tokio::test]
async fn a_corrected_address_voids_the_link_to_the_mistyped_one() {
    let server = Server::start().await;
    let ada = Visitor::of(&server);
    ada.sign_up("ada").await;
    let page = ada.post("/account/email", &[("email", &ADDRESS.to_uppercase())]).await.text().await.unwrap();
    assert_eq!(problems(&page), [("email", "That is your e-mail address already.")]);
    let [mistyped, corrected] = ["ada@new.exmaple", "ada@new.example"].map(|address| {
        let ada = &ada;
        async move {
            assert_redirect(&ada.post("/account/email", &[("email", address)]).await, "/account?notice=link-sent");
            receive(ada, address, CONFIRM).await
        }
    });
    let (mistyped, corrected) = (mistyped.await, corrected.await);
    let stranger = Visitor::of(&server);
    assert_eq!(stranger.post("/verify-email", &[("token", mistyped.token())]).await.status(), StatusCode::BAD_REQUEST);
    let changed = ada.post("/verify-email", &[("token", corrected.token())]).await;
    assert_redirect(&changed, "/account?notice=verified");
}

#[tokio::test]
async fn the_address_of_another_account_is_not_given_away() {
    let server = Server::start().await;
    let (ada, eve) = (Visitor::of(&server), Visitor::of(&server));
    ada.sign_up("ada").await;
    let of_ada = receive(&ada, ADDRESS, CONFIRM).await;
    eve.sign_up("eve").await;
    // The answer is that for a free address.
    assert_redirect(&eve.post("/account/email", &[("email", ADDRESS)]).await, "/account?notice=link-sent");
    let mail = receive_after(&of_ada, &eve).await;
    let refused = eve.post("/verify-email", &[("token", mail.token())]).await;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    assert!(refused.text().await.unwrap().contains("belongs to another account"));
    assert_redirect(&Visitor::of(&server).sign_in(ADDRESS, PASSWORD).await, "/account");
    assert!(eve.get("/account").await.text().await.unwrap().contains("eve@example.com"));
}

/// The address changes, and then the process ends before it has deleted the links.
#[tokio::test]
async fn a_link_is_void_once_the_address_has_changed_or_is_that_of_another_account() {
    let server = Server::start().await;
    let (ada, eve) = (Visitor::of(&server), Visitor::of(&server));
    ada.sign_up("ada").await;
    let old = receive(&ada, ADDRESS, CONFIRM).await;
    server.auth.update_key_provider_user_id(("email", ADDRESS), "ada@new.example").await.unwrap();
    let is_void = async || {
        let page = ada.get(old.path(&server.url)).await;
        let confirmed = ada.post("/verify-email", &[("token", old.token())]).await;
        (page.status(), confirmed.status()) == (StatusCode::BAD_REQUEST, StatusCode::BAD_REQUEST)
    };
    assert!(is_void().await, "it would take the address back");
    assert_redirect(&eve.try_sign_up("eve", ADDRESS, PASSWORD).await, "/account");
    assert!(is_void().await);
    assert!(!is_confirmed(&ada).await && !is_confirmed(&eve).await);
    let new = receive_after(&old, &eve).await;
    assert_redirect(&eve.post("/verify-email", &[("token", new.token())]).await, "/account?notice=verified");
    assert!(!is_confirmed(&ada).await && is_confirmed(&eve).await);
}

/// A thief asked for it, and it is issued so late that the reset of the password does not delete it.
#[tokio::test]
async fn a_new_password_voids_a_change_of_address_that_was_asked_for_before() {
    let server = Server::start().await;
    let thief = Visitor::of(&server);
    thief.sign_up("ada").await;
    receive(&thief, ADDRESS, CONFIRM).await;
    assert_redirect(&thief.post("/account/email", &[("email", "b@thief.example")]).await, "/account?notice=link-sent");
    let mail = receive(&thief, "b@thief.example", CONFIRM).await;
    server.auth.update_key_password(("username", "ada"), Some("battery staple")).await.unwrap();
    assert_eq!(thief.get(mail.path(&server.url)).await.status(), StatusCode::BAD_REQUEST);
    let refused = thief.post("/verify-email", &[("token", mail.token())]).await;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    assert!(refused.text().await.unwrap().contains("no longer valid"));
    assert_redirect(&Visitor::of(&server).sign_in(ADDRESS, "battery staple").await, "/account");
    assert_eq!(server.stored_tokens().await, 1, "the link was not deleted");
}

/// A new password ends the session while the link is issued, which is then for the new password.
#[tokio::test]
async fn a_link_that_changes_the_address_is_not_mailed_once_the_session_has_ended() {
    let sessions = Arc::new(Sessions::new());
    let server = Server::start_with_sessions(Arc::clone(&sessions)).await;
    let thief = Visitor::of(&server);
    thief.sign_up("ada").await;
    let earlier = receive(&thief, ADDRESS, CONFIRM).await;
    let user_id = server.auth.get_key(("username", "ada")).await.unwrap().user_id;
    let signed_in = thief.sign_in("ada", PASSWORD).await;
    let cookie = cookie(&signed_in, "auth_session").unwrap().split(';').next().unwrap();
    let request = ::http::Request::post(format!("{}/account/email", server.url))
        .header("origin", &server.url)
        .header("cookie", cookie)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from("email=b@thief.example"))
        .unwrap();
    let answer = server.router.clone().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    // On one thread, and without a wait: before the task that issues the link has started.
    sessions.take_reads();
    server.auth.invalidate_all_user_sessions(&user_id).await.unwrap();
    let read = async {
        while sessions.take_reads() == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), read).await.expect("the session is read again");
    let earlier = thief.get(earlier.path(&server.url)).await;
    assert_eq!(earlier.status(), StatusCode::BAD_REQUEST, "the link was issued and voided earlier ones");
    assert!(mails(&Visitor::of(&server)).await.iter().all(|mail| mail.to == ADDRESS));
}

#[tokio::test]
async fn asking_again_at_once_sends_no_second_mail() {
    let server = Server::start().await;
    let ada = Visitor::of(&server);
    ada.sign_up("ada").await;
    let first = receive(&ada, ADDRESS, CONFIRM).await;
    for _ in 0..5 {
        assert_redirect(&ada.post("/account/email/verify", &[]).await, "/account?notice=link-too-early");
    }
    server.clock.advance(INTERVAL);
    assert_redirect(&ada.post("/account/email/verify", &[]).await, "/account?notice=link-sent");
    let second = receive_after(&first, &ada).await;
    server.links.tasks().completed().await;
    assert_eq!(mails(&ada).await.len(), 2);
    assert_redirect(&ada.post("/verify-email", &[("token", second.token())]).await, "/account?notice=verified");
}

/// A change of the address, which is not followed, voids the link of the sign-up.
#[tokio::test]
async fn the_answer_says_whether_another_link_is_sent() {
    let server = Server::start().await;
    let ada = Visitor::of(&server);
    ada.sign_up("ada").await;
    let first = receive(&ada, ADDRESS, CONFIRM).await;
    ada.post("/account/email", &[("email", "ada@new.example")]).await;
    receive(&ada, "ada@new.example", CONFIRM).await;
    assert_eq!(ada.get(first.path(&server.url)).await.status(), StatusCode::BAD_REQUEST);
    assert_redirect(&ada.post("/account/email/verify", &[]).await, "/account?notice=link-too-early");
    let page = ada.get("/account?notice=link-too-early").await.text().await.unwrap();
    assert!(page.contains("You can ask for another one in two minutes."), "{page}");
    server.clock.advance(INTERVAL);
    assert_redirect(&ada.post("/account/email/verify", &[]).await, "/account?notice=link-sent");
    let second = receive_after(&first, &ada).await;
    assert_redirect(&ada.post("/verify-email", &[("token", second.token())]).await, "/account?notice=verified");
}

#[tokio::test]
async fn no_link_is_sent_to_a_confirmed_address() {
    let server = Server::start().await;
    let ada = Visitor::of(&server);
    ada.sign_up("ada").await;
    let mail = receive(&ada, ADDRESS, CONFIRM).await;
    ada.post("/verify-email", &[("token", mail.token())]).await;
    server.clock.advance(INTERVAL);
    assert_redirect(&ada.post("/account/email/verify", &[]).await, "/account?notice=verified");
    server.links.tasks().completed().await;
    assert_eq!((mails(&ada).await.len(), server.stored_tokens().await), (1, 0));
}

/// Otherwise strangers could have messages of their own sent to any address.
#[tokio::test]
async fn mails_contain_nothing_that_a_user_chose() {
    let server = Server::start().await;
    let eve = Visitor::of(&server);
    let signed_up = eve.try_sign_up("visit-evil.example", "victim@example.com", PASSWORD).await;
    assert_redirect(&signed_up, "/account");
    receive(&eve, "victim@example.com", CONFIRM).await;
    eve.post("/forgot-password", &[("email", "victim@example.com")]).await;
    receive(&eve, "victim@example.com", "Choose a new password").await;
    let change = [("current_password", PASSWORD), ("new_password", "battery staple")];
    eve.post("/account/password", &change).await;
    receive(&eve, "victim@example.com", "Your password was changed").await;
    eve.post("/account/email", &[("email", "pills@evil.example")]).await;
    receive(&eve, "victim@example.com", "Your e-mail address changes").await;
    receive(&eve, "pills@evil.example", CONFIRM).await;
    let mails = mails(&eve).await;
    assert_eq!(mails.len(), 5);
    for mail in mails {
        let text = mail.text.replace(&format!("To {}", mail.to), "");
        assert!(!text.contains("evil") && !text.contains(&mail.to), "{text}");
    }
}
