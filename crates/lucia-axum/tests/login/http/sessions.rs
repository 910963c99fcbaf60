use std::{sync::Arc, time::Duration};

use reqwest::StatusCode;

use crate::{
    server::Server,
    sessions::Sessions,
    visitor::{PASSWORD, Visitor, assert_redirect, cookie, handles},
};

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn sessions_are_revoked_singly_and_together() {
    let server = Server::start().await;
    let (here, there, elsewhere) = (Visitor::of(&server), Visitor::of(&server), Visitor::of(&server));
    here.sign_up("ada").await;
    there.sign_in("ada", PASSWORD).await;
    let page = here.get("/account").await.text().await.unwrap();
    let handles = handles(&page);
    assert_eq!(handles.len(), 1, "only the other session is offered");
    for unknown in ["unknown", "", "0123456789abcdef"] {
        let response = here.post("/account/sessions/revoke", &[("session", unknown)]).await;
        assert_redirect(&response, "/account?notice=not-revoked");
    }
    let page = here.get("/account?notice=not-revoked").await.text().await.unwrap();
    assert!(page.contains("That session has ended already."), "{page}");
    assert!(there.is_signed_in().await);
    assert_redirect(
        &here.post("/account/sessions/revoke", &[("session", &handles[0])]).await,
        "/account?notice=revoked",
    );
    assert!(!there.is_signed_in().await);
    assert!(here.is_signed_in().await);
    let again = here.post("/account/sessions/revoke", &[("session", &handles[0])]).await;
    assert_redirect(&again, "/account?notice=not-revoked");

    there.sign_in("ada", PASSWORD).await;
    elsewhere.sign_in("ada", PASSWORD).await;
    assert_redirect(&here.post("/account/sessions/revoke-others", &[]).await, "/account?notice=revoked-others");
    assert!(!there.is_signed_in().await && !elsewhere.is_signed_in().await);
    assert!(here.is_signed_in().await);
}

#[tokio::test]
async fn users_can_neither_see_nor_revoke_sessions_of_others() {
    let server = Server::start().await;
    let (ada, ada_too, eve) = (Visitor::of(&server), Visitor::of(&server), Visitor::of(&server));
    ada.sign_up("ada").await;
    let signed_in = ada_too.sign_in("ada", PASSWORD).await;
    let cookie = cookie(&signed_in, "auth_session").unwrap();
    let token = cookie.split_once('=').unwrap().1.split_once(';').unwrap().0;
    let page = ada.get("/account").await.text().await.unwrap();
    assert!(!page.contains(token), "the page reveals the token of another session");
    eve.sign_up("eve").await;
    let foreign = eve.post("/account/sessions/revoke", &[("session", &handles(&page)[0])]).await;
    assert_redirect(&foreign, "/account?notice=not-revoked");
    assert!(ada_too.is_signed_in().await);
}

#[tokio::test]
async fn an_expired_session_redirects_to_the_sign_in_page() {
    let server = Server::start().await;
    let ada = Visitor::of(&server);
    ada.sign_up("ada").await;
    server.clock.advance(2 * DAY);
    let renewed = ada.get("/account").await;
    assert_eq!(renewed.status(), StatusCode::OK);
    assert!(renewed.headers().contains_key("set-cookie"));
    server.clock.advance(16 * DAY);
    let expired = ada.get("/account").await;
    assert_redirect(&expired, "/sign-in");
    assert!(!expired.headers().contains_key("set-cookie"), "a late response must not delete a newer cookie");
    assert_redirect(&ada.sign_in("ada", PASSWORD).await, "/account");
    assert!(ada.is_signed_in().await);
}

#[tokio::test]
async fn an_outage_is_a_503_and_keeps_the_cookie() {
    let sessions = Arc::new(Sessions::new());
    let server = Server::start_with_sessions(Arc::clone(&sessions)).await;
    let ada = Visitor::of(&server);
    ada.sign_up("ada").await;
    sessions.set_down(true);
    for path in ["/", "/account"] {
        let response = ada.get(path).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert!(response.headers().get("set-cookie").is_none());
        assert!(response.text().await.unwrap().contains("Nobody was signed out"));
    }
    assert_eq!(ada.post("/sign-out", &[]).await.status(), StatusCode::SERVICE_UNAVAILABLE);
    sessions.set_down(false);
    assert!(ada.is_signed_in().await);
    assert!(sessions.take_reads() > 0);
}

#[tokio::test]
async fn device_names_consist_of_known_words_only() {
    let server = Server::start().await;
    for (agent, device) in [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari on iPhone"),
        ("<script>alert(1)</script>", "Unknown device"),
    ] {
        let visitor = Visitor::of(&server);
        let name = format!("user{}", agent.len());
        let address = format!("{name}@example.com");
        let fields = [("username", name.as_str()), ("email", &address), ("password", PASSWORD)];
        visitor.request("/sign-up").header("user-agent", agent).form(&fields).send().await.unwrap();
        let page = visitor.get("/account").await.text().await.unwrap();
        assert!(page.contains(device) && !page.contains("<script>"), "{agent}");
    }
}

#[tokio::test]
async fn devices_show_when_they_were_last_used() {
    let server = Server::start().await;
    let (here, there) = (Visitor::of(&server), Visitor::of(&server));
    here.sign_up("ada").await;
    there.sign_in("ada", PASSWORD).await;
    let last_used = || async {
        let page = here.get("/account").await.text().await.unwrap();
        let rows: Vec<_> = page.split("<dt>Last used</dt> <dd>").skip(1).collect();
        let values: Vec<_> = rows.iter().map(|row| row.split_once('<').unwrap().0.to_owned()).collect();
        assert_eq!((values.len(), values[0].as_str()), (2, "now"), "{page}");
        values[1].clone()
    };
    let at_first = last_used().await;
    server.clock.advance(DAY);
    assert_eq!(last_used().await, at_first, "only this device was used");
    assert!(there.is_signed_in().await);
    let a_day_later = last_used().await;
    assert_ne!(a_day_later, at_first);
    server.clock.advance(Duration::from_secs(30 * 60));
    assert!(there.is_signed_in().await);
    assert_eq!(last_used().await, a_day_later, "a write for each request is too much");
}
