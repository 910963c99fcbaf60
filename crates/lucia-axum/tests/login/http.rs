use std::{sync::Arc, time::Duration};

use reqwest::StatusCode;
use tower::ServiceExt as _;

use crate::{
    server::Server,
    sessions::Sessions,
    visitor::{PASSWORD, Visitor, alert, assert_redirect, handles},
};

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn a_visitor_signs_up_out_and_in() {
    let server = Server::start().await;
    let ada = Visitor::of(&server);
    assert!(!ada.is_signed_in().await);
    for path in ["/", "/sign-up", "/sign-in", "/style.css"] {
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
    for (username, password) in [("ada", "wrong password"), ("nobody", PASSWORD), ("ada", ""), ("", ""), ("a:b", "x")] {
        let visitor = Visitor::of(&server);
        let response = visitor.sign_in(username, password).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert!(response.headers().get("set-cookie").is_none());
        answers.push(alert(response).await);
        assert!(!visitor.is_signed_in().await);
    }
    answers.dedup();
    assert_eq!(answers, ["The user name or the password is wrong."]);
}

#[tokio::test]
async fn signing_up_with_a_taken_name_is_rejected() {
    let server = Server::start().await;
    Visitor::of(&server).sign_up("Ada").await;
    for name in ["Ada", "ada", "ADA", " ada "] {
        let other = Visitor::of(&server);
        let response = other.post("/sign-up", &[("username", name), ("password", "another password")]).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert_eq!(alert(response).await, "That user name is taken.");
        assert!(!other.is_signed_in().await);
    }
    assert_redirect(&Visitor::of(&server).sign_in("ada", PASSWORD).await, "/account");
}

#[tokio::test]
async fn an_invalid_sign_up_is_rejected_and_not_stored() {
    let server = Server::start().await;
    let long = "a".repeat(2_000);
    // A character of three bytes, which normalization expands to 18 characters.
    let expanding = "\u{fdfa}".repeat(300);
    let visitor = Visitor::of(&server);
    for (username, password) in [
        ("", PASSWORD),
        ("ab", PASSWORD),
        (long.as_str(), PASSWORD),
        ("a b", PASSWORD),
        ("a:b", PASSWORD),
        ("<script>", PASSWORD),
        ("a\u{0}bc", PASSWORD),
        ("éva", PASSWORD),
        ("valid", ""),
        ("valid", "short"),
        ("valid-name", "Valid Name"),
        ("valid", long.as_str()),
        ("valid", expanding.as_str()),
    ] {
        let response = visitor.post("/sign-up", &[("username", username), ("password", password)]).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{username:?}");
        assert!(!response.text().await.unwrap().contains("<script>"));
        assert_eq!(visitor.sign_in(username, password).await.status(), StatusCode::BAD_REQUEST);
    }
    let form = "application/x-www-form-urlencoded";
    for (kind, body) in
        [(form, b"username=%ff%fe&password=\xff".to_vec()), ("text/plain", b"x".to_vec()), (form, vec![b'a'; 20_000])]
    {
        for path in ["/sign-up", "/sign-in"] {
            let response = visitor.request(path).header("content-type", kind).body(body.clone()).send().await.unwrap();
            assert!(response.status().is_client_error(), "{path} {kind}: {}", response.status());
        }
    }
    let nothing = visitor.request("/sign-in").header("content-type", form).send().await.unwrap();
    assert_eq!(nothing.status(), StatusCode::BAD_REQUEST);
}

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
async fn sessions_are_revoked_singly_and_together() {
    let server = Server::start().await;
    let (here, there, elsewhere) = (Visitor::of(&server), Visitor::of(&server), Visitor::of(&server));
    here.sign_up("ada").await;
    there.sign_in("ada", PASSWORD).await;
    let page = here.get("/account").await.text().await.unwrap();
    let handles = handles(&page);
    assert_eq!(handles.len(), 1, "only the other session is offered");
    assert_redirect(&here.post("/account/sessions/revoke", &[("session", "unknown")]).await, "/account?notice=revoked");
    assert!(there.is_signed_in().await);
    assert_redirect(
        &here.post("/account/sessions/revoke", &[("session", &handles[0])]).await,
        "/account?notice=revoked",
    );
    assert!(!there.is_signed_in().await);
    assert!(here.is_signed_in().await);

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
    let cookie = signed_in.headers()["set-cookie"].to_str().unwrap().to_owned();
    let id = cookie.split_once('=').unwrap().1.split_once(';').unwrap().0;
    let page = ada.get("/account").await.text().await.unwrap();
    assert!(!page.contains(id), "the page reveals the id of another session");
    eve.sign_up("eve").await;
    eve.post("/account/sessions/revoke", &[("session", &handles(&page)[0])]).await;
    assert!(ada_too.is_signed_in().await);
}

#[tokio::test]
async fn a_changed_password_revokes_all_other_sessions() {
    let server = Server::start().await;
    let (here, there) = (Visitor::of(&server), Visitor::of(&server));
    here.sign_up("ada").await;
    there.sign_in("ada", PASSWORD).await;
    let wrong =
        here.post("/account/password", &[("current_password", "wrong"), ("new_password", "battery staple")]).await;
    assert_eq!(wrong.status(), StatusCode::BAD_REQUEST);
    assert_eq!(alert(wrong).await, "The current password is wrong.");
    let short = here.post("/account/password", &[("current_password", PASSWORD), ("new_password", "short")]).await;
    assert_eq!(short.status(), StatusCode::BAD_REQUEST);
    assert_eq!(alert(short).await, "The password must have at least 8 characters.");
    let expanding = "\u{fdfa}".repeat(300);
    let long = here.post("/account/password", &[("current_password", PASSWORD), ("new_password", &expanding)]).await;
    assert_eq!(long.status(), StatusCode::BAD_REQUEST);
    assert_eq!(alert(long).await, "That password is too long.");
    assert!(there.is_signed_in().await);

    let changed =
        here.post("/account/password", &[("current_password", PASSWORD), ("new_password", "battery staple")]).await;
    assert_redirect(&changed, "/account?notice=password");
    assert!(changed.headers().contains_key("set-cookie"), "the session has a new id");
    assert!(here.is_signed_in().await);
    assert!(!there.is_signed_in().await);
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
    assert_redirect(&thief.sign_in("ada", "battery staple").await, "/account");
}

#[tokio::test]
async fn deleting_an_account_signs_out_everywhere() {
    let server = Server::start().await;
    let (here, there) = (Visitor::of(&server), Visitor::of(&server));
    here.sign_up("ada").await;
    there.sign_in("ada", PASSWORD).await;
    assert_eq!(here.post("/account/delete", &[("password", "wrong")]).await.status(), StatusCode::BAD_REQUEST);
    assert!(here.is_signed_in().await);
    assert_redirect(&here.post("/account/delete", &[("password", PASSWORD)]).await, "/");
    assert!(!here.is_signed_in().await && !there.is_signed_in().await);
    assert_eq!(here.sign_in("ada", PASSWORD).await.status(), StatusCode::BAD_REQUEST);
    here.sign_up("ada").await;
}

#[tokio::test]
async fn requests_from_a_foreign_origin_change_nothing() {
    let server = Server::start().await;
    let ada = Visitor::of(&server);
    ada.sign_up("ada").await;
    for origin in ["https://evil.example", "null", "", "http://127.0.0.1:1"] {
        let sent = ada.sent_from(origin);
        for (path, fields) in [
            ("/sign-up", vec![("username", "mallory"), ("password", PASSWORD)]),
            ("/sign-in", vec![("username", "ada"), ("password", PASSWORD)]),
            ("/sign-out", vec![]),
            ("/account/sessions/revoke-others", vec![]),
            ("/account/password", vec![("current_password", PASSWORD), ("new_password", "battery staple")]),
            ("/account/delete", vec![("password", PASSWORD)]),
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
async fn pages_have_security_headers_even_if_not_found() {
    let server = Server::start().await;
    let visitor = Visitor::of(&server);
    let page = visitor.get("/nowhere").await;
    assert_eq!(page.status(), StatusCode::NOT_FOUND);
    let header = |name: &str| page.headers()[name].to_str().unwrap().to_owned();
    assert!(header("content-security-policy").contains("frame-ancestors 'none'"));
    assert_eq!((header("cache-control"), header("x-content-type-options")), ("no-store".into(), "nosniff".into()));
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
        let fields = [("username", name.as_str()), ("password", PASSWORD)];
        visitor.request("/sign-up").header("user-agent", agent).form(&fields).send().await.unwrap();
        let page = visitor.get("/account").await.text().await.unwrap();
        assert!(page.contains(device) && !page.contains("<script>"), "{agent}");
    }
}
