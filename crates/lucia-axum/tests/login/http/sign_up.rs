use std::sync::Arc;

use reqwest::StatusCode;

use crate::{
    mailbox::receive,
    server::Server,
    sessions::Sessions,
    visitor::{PASSWORD, Visitor, alert, assert_redirect, cookie, problems},
};

#[tokio::test]
async fn signing_up_with_a_taken_name_is_rejected() {
    let server = Server::start().await;
    Visitor::of(&server).sign_up("Ada").await;
    for name in ["Ada", "ada", "ADA", " ada "] {
        let other = Visitor::of(&server);
        let response = other.try_sign_up(name, "other@example.com", "another password").await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        let page = response.text().await.unwrap();
        assert_eq!(alert(&page), "That user name is taken.");
        assert_eq!(problems(&page), [("username", "That user name is taken.")]);
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
        let response = visitor.try_sign_up(username, "valid@example.com", password).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{username:?}");
        assert!(!response.text().await.unwrap().contains("<script>"));
        // Attempts are counted for each name.
        let signed_in = visitor.sign_in(username, password).await.status();
        assert!(matches!(signed_in, StatusCode::BAD_REQUEST | StatusCode::TOO_MANY_REQUESTS), "{username:?}");
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
async fn a_sign_up_need_not_be_remembered() {
    let server = Server::start().await;
    let visitor = Visitor::of(&server);
    assert!(visitor.get("/sign-up").await.text().await.unwrap().contains(r#"name="remember""#));
    let fields = [("email", "ada@example.com"), ("password", PASSWORD), ("remember_offered", "yes")];
    let refused = visitor.post("/sign-up", &[&[("username", "?")][..], &fields].concat()).await;
    assert!(!refused.text().await.unwrap().contains(" checked"), "the choice is kept");
    let response = visitor.post("/sign-up", &[&[("username", "ada")][..], &fields].concat()).await;
    assert_redirect(&response, "/account");
    let cookie = cookie(&response, "auth_session").unwrap();
    assert!(!cookie.contains("Max-Age") && !cookie.contains("Expires"), "{cookie}");
}

#[tokio::test]
async fn an_address_belongs_to_one_user() {
    let server = Server::start().await;
    Visitor::of(&server).sign_up("ada").await;
    for address in ["ada@example.com", "Ada@Example.COM", " ada@example.com "] {
        let eve = Visitor::of(&server);
        let response = eve.try_sign_up("eve", address, PASSWORD).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        let page = response.text().await.unwrap();
        assert_eq!(problems(&page), [("email", "That e-mail address is taken.")]);
        assert!(!eve.is_signed_in().await);
    }
    Visitor::of(&server).sign_up("eve").await;
}

#[tokio::test]
async fn every_problem_is_beside_its_field() {
    let server = Server::start().await;
    let visitor = Visitor::of(&server);
    let name = "A user name has 3 to 31 letters (a to z), digits, dots, hyphens or underscores.";
    let address = "An e-mail address looks like name@example.com.";
    let page = visitor.try_sign_up("a b", "nowhere", PASSWORD).await.text().await.unwrap();
    assert_eq!(problems(&page), [("username", name), ("email", address)]);
    assert_eq!(alert(&page), format!("{name} {address}"));
    assert!(page.contains(r#"value="a b""#) && page.contains(r#"value="nowhere""#), "what was typed stays: {page}");
    assert!(!page.contains(PASSWORD));

    for address in [
        "",
        "@",
        "ada",
        "ada@",
        "@example.com",
        "a b@example.com",
        "ada@example.com, eve@example.com",
        "Ada <ada@example.com>",
        "\"ada\"@example.com",
        "ada@example.com\r\nBcc: eve@example.com",
        "ada@exámple.com",
        "ada@[127.0.0.1]",
        &format!("{}@example.com", "a".repeat(250)),
    ] {
        let response = visitor.try_sign_up("ada", address, PASSWORD).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{address}");
        let page = response.text().await.unwrap();
        assert_eq!(problems(&page).len(), 1, "{address}: {page}");
    }
    let page = visitor.try_sign_up("ada", "ada@example.com", "ADA@Example.com").await.text().await.unwrap();
    assert_eq!(problems(&page)[0].0, "password", "the password is the address: {page}");
    visitor.sign_up("ada").await;
}

/// Somebody else may have used their address.
#[tokio::test]
async fn the_owner_of_the_address_is_told_even_if_the_session_cannot_be_created() {
    let sessions = Arc::new(Sessions::new());
    let server = Server::start_with_sessions(Arc::clone(&sessions)).await;
    sessions.set_down(true);
    let visitor = Visitor::of(&server);
    let response = visitor.try_sign_up("ada", "ada@example.com", PASSWORD).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    receive(&visitor, "ada@example.com", "Confirm your e-mail address").await;
}
