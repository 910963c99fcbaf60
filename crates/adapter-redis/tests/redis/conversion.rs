//! The conversion of a store with the session ids of Lucia JS.

use std::collections::BTreeSet;

use adapter_redis::{Connections, RedisSessionAdapter};
use lucia_auth::{Auth, SplitAdapter, memory::MemoryAdapter};
use lucia_core::{SessionAdapter as _, SessionId, SessionScan, SessionToken, UserAdapter as _, UserSchema};

use crate::place::{Place, ids, session, user};

/// Converts a store twice while some of its sessions are revoked.
async fn converts_beside_running_requests<C: Connections>(adapter: RedisSessionAdapter<C>) {
    const TOKENS: usize = 40;
    let users = MemoryAdapter::new();
    users.set_user(&UserSchema::new("u"), None).await.unwrap();
    let auth = Auth::builder(SplitAdapter::new(users, adapter.clone())).build().unwrap();
    let tokens: Vec<_> = (0..TOKENS).map(|index| SessionToken::new(format!("Plain{index}"))).collect();
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
    let mut moved = [0; 2];
    for moved in &mut moved {
        let mut conversion = auth.hash_plain_sessions(&adapter).unwrap();
        while let Some(progress) = conversion.next_batch().await.unwrap() {
            assert_eq!(progress.left, 0);
            *moved = progress.hashed;
        }
    }
    revoking.await.unwrap();
    assert!((TOKENS - 10..=TOKENS).contains(&moved[0]), "{moved:?}");
    assert_eq!(moved[1], 0, "the second conversion finds nothing to do");
    let kept: BTreeSet<_> = tokens[10..].iter().map(SessionToken::hashed_id).collect();
    assert_eq!(scan(&adapter).await, kept);
    let listed = adapter.get_sessions_by_user_id(&user("u")).await.unwrap();
    assert_eq!(ids(&listed), kept.iter().map(SessionId::as_str).collect::<Vec<_>>());
    for (index, token) in tokens.iter().enumerate() {
        assert_eq!(auth.get_session(token).await.is_err(), index < 10, "{index}");
    }
}

/// Returns the ids on all pages.
async fn scan(adapter: &impl SessionScan) -> BTreeSet<SessionId> {
    let (mut found, mut cursor) = (BTreeSet::new(), None);
    loop {
        let page = adapter.scan_sessions(cursor.as_deref(), 100).await.unwrap();
        found.extend(page.session_ids);
        cursor = match page.next {
            Some(next) => Some(next),
            None => return found,
        };
    }
}

#[tokio::test]
async fn plain_session_ids_are_hashed_beside_running_requests() {
    converts_beside_running_requests(Place::new().await.adapter().await).await;
}

/// A session and its hash are on different servers.
#[cfg(feature = "cluster")]
#[tokio::test]
async fn plain_session_ids_of_a_cluster_are_hashed_beside_running_requests() {
    let (connection, config) = crate::cluster::connect("conversion").await;
    converts_beside_running_requests(RedisSessionAdapter::with_config(connection, config).await.unwrap()).await;
}
