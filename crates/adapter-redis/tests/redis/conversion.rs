//! The conversion of a store with the session ids of Lucia JS.

use adapter_redis::RedisSessionAdapter;
use lucia_auth::{Auth, SplitAdapter, memory::MemoryAdapter};
use lucia_core::{SessionAdapter as _, SessionScan as _, SessionToken, UserAdapter as _, UserSchema};

use crate::place::{Place, session};

#[tokio::test]
async fn plain_session_ids_are_hashed_beside_running_requests() {
    let place = Place::new().await;
    let adapter = RedisSessionAdapter::with_config(place.connections(), place.config()).await.unwrap();
    let users = MemoryAdapter::new();
    users.set_user(&UserSchema::new("u"), None).await.unwrap();
    let auth = Auth::builder(SplitAdapter::new(users, adapter.clone())).build().unwrap();
    let tokens: Vec<_> = (0..40).map(|index| SessionToken::new(format!("Plain{index}"))).collect();
    for token in &tokens {
        adapter.set_session(&session(token.as_str(), "u")).await.unwrap();
    }
    let revoked: Vec<_> = tokens.iter().take(10).cloned().collect();
    let revoking = tokio::spawn({
        let auth = auth.clone();
        async move {
            for token in &revoked {
                auth.invalidate_session_token(token).await.unwrap();
            }
        }
    });
    for _ in 0..2 {
        let mut conversion = auth.hash_plain_sessions(&adapter).unwrap();
        while let Some(progress) = conversion.next_batch().await.unwrap() {
            assert_eq!(progress.left, 0);
        }
    }
    revoking.await.unwrap();
    let page = adapter.scan_sessions(None, 10_000).await.unwrap();
    assert!(page.session_ids.iter().all(|id| id.is_hash()));
    for (index, token) in tokens.iter().enumerate() {
        assert_eq!(auth.get_session(token).await.is_err(), index < 10, "{index}");
    }
}
