use http::Request;
use lucia_auth::{AdapterErrorKind, AttributesError, Error, NewSession, lucia_core::SessionSchema};

use super::{a_session, handle};
use crate::support::{DAY, World};

/// After a change of the cookie's path or domain, browsers send the old and the new cookie, in any order.
#[tokio::test]
async fn the_valid_one_of_several_cookies_is_used() {
    let world = World::new();
    let auth = world.auth();
    let session = a_session(&auth).await;
    let id = session.token.as_str();
    for cookies in [
        vec![format!("auth_session=unknown; auth_session={id}")],
        vec![format!("auth_session={id}; auth_session=unknown")],
        vec![format!("auth_session=; auth_session=%; auth_session=a; auth_session=b; auth_session={id}")],
        vec!["auth_session=unknown".to_owned(), format!("auth_session={id}")],
    ] {
        let mut builder = Request::get("/");
        for line in &cookies {
            builder = builder.header("cookie", line);
        }
        let request = handle(&auth, builder);
        world.adapter.take_calls();
        assert_eq!(request.validate().await.unwrap().as_deref(), Some(&session), "{cookies:?}");
        assert_eq!(world.adapter.take_calls(), ["get_sessions_and_users"], "in one round trip");
        assert_eq!(request.session_token().as_ref(), Some(&session.token));
        assert!(request.pending_cookie().is_none());
    }
    let unclear = handle(&auth, Request::get("/").header("cookie", format!("auth_session=unknown; auth_session={id}")));
    unclear.set_session(Some(&session));
    assert!(unclear.pending_cookie().is_some(), "it is not known yet which cookie the client keeps");
    // The first of two live sessions is used.
    let other = auth.create_session(NewSession::new(session.user.id.clone())).await.unwrap();
    let both = Request::get("/").header("cookie", format!("auth_session={}; auth_session={id}", other.token.as_str()));
    let both = handle(&auth, both);
    assert_eq!(both.validate().await.unwrap().unwrap().id, other.id);
    both.sign_out().await.unwrap();
    assert!(auth.get_all_user_sessions(&session.user.id).await.unwrap().is_empty(), "both sessions are revoked");
}

#[tokio::test]
async fn the_valid_one_of_several_cookies_is_renewed() {
    let world = World::new();
    let auth = world.auth();
    let session = a_session(&auth).await;
    world.clock.advance(2 * DAY);
    let cookies = format!("auth_session=unknown; auth_session={}", session.token.as_str());
    let request = handle(&auth, Request::get("/").header("cookie", cookies));
    assert!(request.validate().await.unwrap().unwrap().fresh);
    assert_eq!(request.pending_cookie().unwrap().value(), session.token.as_str());
}

#[tokio::test]
async fn an_expired_session_does_not_hide_another() {
    let world = World::new();
    let auth = world.auth();
    let expired = a_session(&auth).await;
    world.clock.advance(16 * DAY);
    let session = a_session(&auth).await;
    let cookies = format!("auth_session={}; auth_session={}", expired.token.as_str(), session.token.as_str());
    let request = handle(&auth, Request::get("/").header("cookie", cookies));
    assert_eq!(request.validate().await.unwrap().unwrap().id, session.id);
}

#[tokio::test]
async fn a_session_that_ends_during_its_renewal_does_not_hide_another() {
    let world = World::new();
    let auth = world.auth();
    let ending = a_session(&auth).await;
    world.clock.advance(2 * DAY);
    let session = a_session(&auth).await;
    world.adapter.fail_as("update_session", AdapterErrorKind::InvalidSessionId);
    let cookies = format!("auth_session={}; auth_session={}", ending.token.as_str(), session.token.as_str());
    let request = handle(&auth, Request::get("/").header("cookie", cookies));
    assert_eq!(request.validate().await.unwrap().unwrap().id, session.id);
}

/// The cookie of an old path, whose session no longer fits the type, precedes the one of a new sign-in.
#[tokio::test]
async fn an_unreadable_session_does_not_hide_another() {
    let world = World::new();
    let good = a_session(&world.auth()).await;
    let bad = a_session(&world.auth()).await;
    let bad_id = bad.id.clone();
    let reject = move |session: &SessionSchema| match session.id == bad_id {
        true => Err(AttributesError::Reserved { name: "x".into() }),
        false => Ok(()),
    };
    let cookies = format!("auth_session={}; auth_session={}", bad.token.as_str(), good.token.as_str());
    let request = || Request::get("/").header("cookie", &cookies).body(()).unwrap();
    let auth = world.builder().session_attributes_with(reject.clone()).build().unwrap();
    let found = auth.handle_request(&request()).validate().await.unwrap().unwrap();
    assert_eq!(found.id, good.id);
    world.clock.advance(2 * DAY);
    let alone = Request::get("/").header("cookie", format!("auth_session={}", bad.token.as_str())).body(()).unwrap();
    world.adapter.take_calls();
    assert!(matches!(auth.handle_request(&alone).validate().await, Err(Error::Attributes(_))));
    assert_eq!(world.adapter.take_calls(), ["get_first_session_and_user"], "the unreadable session is not renewed");
    // Nor does a corrupt value in the store.
    world.adapter.fail_as("get_sessions_and_users", AdapterErrorKind::Decode);
    let found = auth.handle_request(&request()).validate().await.unwrap().unwrap();
    assert_eq!(found.id, good.id);
}

/// With one cookie and with several.
#[tokio::test]
async fn an_unreadable_session_is_an_error_unless_it_counts_as_signed_out() {
    let world = World::new();
    let session = a_session(&world.auth()).await;
    for method in ["get_session_and_user", "get_first_session_and_user", "get_sessions_and_users"] {
        world.adapter.fail_as(method, AdapterErrorKind::Decode);
    }
    let id = session.token.as_str();
    for cookies in [format!("auth_session={id}"), format!("auth_session={id}; auth_session=unknown")] {
        for sign_out in [false, true] {
            let auth = world.builder().sign_out_unreadable_sessions(sign_out).build().unwrap();
            let found = handle(&auth, Request::get("/").header("cookie", &cookies)).validate().await;
            match found {
                Ok(None) => assert!(sign_out, "{cookies}"),
                found => assert!(!sign_out && matches!(found, Err(Error::Adapter(_))), "{cookies}"),
            }
        }
    }
}
