//! Tests of the conversion of plain session ids.

use lucia_auth::{
    Auth, Error, NewSession, SessionAdapter as _, SessionIds, SessionToken, UserAdapter as _, UserId,
    lucia_core::{SessionScan as _, SessionSchema, UserSchema},
    memory::MemoryAdapter,
};

use crate::support::{DAY, NOW, World};

/// Stores sessions with plain ids, as Lucia JS does, and returns their tokens.
async fn plain(adapter: &MemoryAdapter, count: usize) -> Vec<SessionToken> {
    let user = UserId::new("ada");
    adapter.set_user(&UserSchema::new(user.clone()), None).await.unwrap();
    let later = NOW.saturating_add(DAY);
    let tokens: Vec<_> = (0..count).map(|index| SessionToken::new(format!("plain{index:05}"))).collect();
    for token in &tokens {
        adapter.set_session(&SessionSchema::new(token.as_str(), user.clone(), NOW, later)).await.unwrap();
    }
    tokens
}

fn auth(world: &World, adapter: &MemoryAdapter) -> Auth {
    Auth::builder(adapter.clone()).clock(world.clock.clone()).build().unwrap()
}

/// Converts everything, and returns what was scanned, hashed and left.
async fn convert(auth: &Auth, adapter: &MemoryAdapter) -> (usize, usize, usize) {
    let mut conversion = auth.hash_plain_sessions(adapter).unwrap();
    let mut last = None;
    while let Some(progress) = conversion.next_batch().await.unwrap() {
        last = Some((progress.scanned, progress.hashed, progress.left));
    }
    assert!(conversion.next_batch().await.unwrap().is_none());
    last.unwrap()
}

#[tokio::test]
async fn every_plain_session_moves_and_keeps_its_token() {
    let (world, adapter) = (World::new(), MemoryAdapter::new());
    let auth = auth(&world, &adapter);
    let tokens = plain(&adapter, 1_100).await;
    let hashed = auth.create_session(NewSession::new("ada")).await.unwrap();
    // A value that looks like a hash is not a token, and no client can present the other.
    for id in ["0".repeat(64), "a b".to_owned()] {
        adapter.set_session(&SessionSchema::new(id, "ada", NOW, NOW)).await.unwrap();
    }
    let mut conversion = auth.hash_plain_sessions(&adapter).unwrap();
    let first = conversion.next_batch().await.unwrap().unwrap();
    assert!(first.scanned < 1_100 && first.hashed > 0, "in batches: {first:?}");
    assert!(!format!("{conversion:?}").contains("plain0"), "{conversion:?}");
    // It is stopped, and repeated.
    let (_, rest, left) = convert(&auth, &adapter).await;
    assert_eq!((first.hashed + rest, left), (1_100, 0));
    assert_eq!(convert(&auth, &adapter).await, (1_103, 0, 0));

    let found = adapter.get_sessions_by_user_id(&"ada".into()).await.unwrap();
    assert_eq!(found.len(), 1_103);
    for token in tokens.iter().chain([&hashed.token]) {
        let session = auth.get_session(token).await.unwrap();
        assert_eq!(session.id, token.hashed_id());
    }
    assert_eq!(auth.get_session(&tokens[0]).await.unwrap().idle_period_expires_at, NOW.saturating_add(DAY));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sessions_may_be_renewed_and_revoked_meanwhile() {
    for _ in 0..20 {
        let (world, adapter) = (World::new(), MemoryAdapter::new());
        let auth = auth(&world, &adapter);
        let tokens = plain(&adapter, 200).await;
        world.clock.advance(DAY / 2);
        let requests = tokens.iter().cloned().enumerate().map(|(index, token)| {
            let auth = auth.clone();
            tokio::spawn(async move {
                match index % 2 {
                    0 => drop(auth.validate_session(&token).await.unwrap()),
                    _ => auth.invalidate_session_token(&token).await.unwrap(),
                }
            })
        });
        let requests: Vec<_> = requests.collect();
        let (.., left) = convert(&auth, &adapter).await;
        for request in requests {
            request.await.unwrap();
        }
        assert_eq!(left, 0);
        convert(&auth, &adapter).await;
        assert!(adapter.scan_sessions(None, 1_000).await.unwrap().session_ids.iter().all(|id| id.is_hash()));
        for (index, token) in tokens.iter().enumerate() {
            let is_live = auth.get_session(token).await.is_ok();
            assert_eq!(is_live, index % 2 == 0, "{index}");
        }
    }
}

/// An interrupted move left both. The hash counts.
#[tokio::test]
async fn a_session_that_is_stored_twice_is_left() {
    let (world, adapter) = (World::new(), MemoryAdapter::new());
    let auth = auth(&world, &adapter);
    let token = plain(&adapter, 1).await.remove(0);
    let moved = SessionSchema::new(token.hashed_id(), "ada", NOW, NOW.saturating_add(2 * DAY));
    adapter.set_session(&moved).await.unwrap();
    assert_eq!(convert(&auth, &adapter).await, (2, 0, 1));
    assert_eq!(auth.get_session(&token).await.unwrap().idle_period_expires_at, moved.idle_expires);
}

#[tokio::test]
async fn only_a_store_whose_plain_sessions_are_live_is_converted() {
    let (world, adapter) = (World::new(), MemoryAdapter::new());
    for ids in [SessionIds::Plain, SessionIds::Hashed] {
        let auth = world.builder().session_ids(ids).build().unwrap();
        assert!(matches!(auth.hash_plain_sessions(&adapter), Err(Error::NotHashedAndPlain)));
    }
}
