use std::sync::{Arc, OnceLock};

use http::Request;
use lucia_auth::{AttributesError, AuthRequest, Error, NewSession, NoAttributes, lucia_core::SessionSchema};

use super::{a_session, get, handle, is_blank, post};
use crate::support::{DAY, World};

/// The request is signed out while its validation reads a session that it renews.
#[tokio::test]
async fn signing_out_during_a_validation_prevails() {
    let world = World::new();
    let session = a_session(&world.auth()).await;
    world.clock.advance(2 * DAY);
    let validating = Arc::new(OnceLock::<AuthRequest<NoAttributes, ()>>::new());
    let shared = Arc::clone(&validating);
    let read = move |_: &SessionSchema| {
        if let Some(request) = shared.get() {
            request.set_session(None);
        }
        Ok(())
    };
    let auth = world.builder().session_attributes_with(read).build().unwrap();
    let request = validating.get_or_init(|| auth.handle_request(&get(&session).body(()).unwrap()));
    assert!(request.validate().await.unwrap().is_some_and(|session| session.fresh));
    assert!(is_blank(request.pending_cookie().as_ref()));
    assert_eq!(request.session_token(), None);
}

#[tokio::test]
async fn an_unreadable_session_can_be_signed_out() {
    let world = World::new();
    let session = a_session(&world.auth()).await;
    let reject = |_: &SessionSchema| Err(AttributesError::Reserved { name: "x".into() });
    let auth = world.builder().session_attributes_with::<()>(reject).build().unwrap();
    let request = auth.handle_request(&get(&session).body(()).unwrap());
    assert!(matches!(request.validate().await, Err(Error::Attributes(_))));
    request.sign_out().await.unwrap();
    assert!(is_blank(request.pending_cookie().as_ref()));
    assert!(world.adapter.store().get_session(&session.id).await.unwrap().is_none());
}

#[tokio::test]
async fn signing_out_revokes_exactly_the_sessions_of_the_client() {
    let world = World::new();
    let auth = world.auth();
    let session = a_session(&auth).await;
    let foreign = handle(&auth, post(&session, "https://evil.example"));
    foreign.sign_out().await.unwrap();
    assert!(foreign.pending_cookie().is_none());
    handle(&auth, Request::get("/")).sign_out().await.unwrap();
    assert!(auth.get_session(&session.token).await.is_ok());

    // One request signs in and out.
    let request = handle(&auth, get(&session));
    let new = auth.create_session(NewSession::new(session.user.id.clone())).await.unwrap();
    request.set_session(Some(&new));
    world.adapter.fail(Some("delete_session"));
    assert!(request.sign_out().await.unwrap_err().is_unavailable());
    assert!(!is_blank(request.pending_cookie().as_ref()), "the cookie is kept while the session may be live");
    world.adapter.fail(None);
    request.sign_out().await.unwrap();
    assert!(auth.get_all_user_sessions(&session.user.id).await.unwrap().is_empty());
    assert!(is_blank(request.pending_cookie().as_ref()));

    // One of two sessions cannot be deleted.
    let (one, two) = (a_session(&auth).await, a_session(&auth).await);
    let cookies = format!("auth_session={}; auth_session={}", one.token.as_str(), two.token.as_str());
    let request = handle(&auth, Request::get("/").header("cookie", cookies));
    world.adapter.fail_once("delete_session");
    assert!(request.sign_out().await.unwrap_err().is_unavailable());
    assert!(auth.get_session(&one.token).await.is_ok() && auth.get_session(&two.token).await.is_err());

    let malformed = handle(&auth, Request::get("/").header("cookie", "auth_session=%"));
    malformed.sign_out().await.unwrap();
    assert!(is_blank(malformed.pending_cookie().as_ref()), "a malformed cookie is deleted, too");
}
