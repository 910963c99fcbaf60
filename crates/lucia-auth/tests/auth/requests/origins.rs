use lucia_auth::Csrf;

use super::{ORIGIN, a_session, handle, post};
use crate::support::World;

#[tokio::test]
async fn c6_a_malformed_origin_is_rejected_without_a_panic() {
    let world = World::new();
    let auth = world.auth();
    let session = a_session(&auth).await;
    world.adapter.take_calls();
    for origin in ["null", "", "garbage", "https://", "://", "https://evil.example", "file://"] {
        let request = handle(&auth, post(&session, origin));
        assert!(!request.has_trusted_origin(), "{origin}");
        assert!(request.validate().await.unwrap().is_none(), "{origin}");
        assert!(request.pending_cookie().is_none(), "another site must not sign users out: {origin}");
    }
    assert!(world.adapter.take_calls().is_empty());
    assert!(handle(&auth, post(&session, ORIGIN)).validate().await.unwrap().is_some());
}

#[tokio::test]
async fn c7_only_requests_from_the_same_origin_are_valid() {
    let world = World::new();
    let auth = world.auth();
    let session = a_session(&auth).await;
    let request = |origin| post(&session, origin).body(()).unwrap();
    auth.validate_request_origin(&request(ORIGIN)).unwrap();
    let error = auth.validate_request_origin(&request("https://evil.example")).unwrap_err();
    assert_eq!(error.code(), "AUTH_INVALID_REQUEST");
    let off = world.builder().csrf_protection(Csrf::off()).build().unwrap();
    off.validate_request_origin(&request("https://evil.example")).unwrap();
    let (parts, ()) = request(ORIGIN).into_parts();
    auth.validate_request_origin(&parts).unwrap();
}
