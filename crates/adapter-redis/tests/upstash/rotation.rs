//! A task rotates a session repeatedly while all sessions of its user are revoked.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use lucia_core::{AdapterErrorKind as Kind, SessionAdapter, SessionId, SessionUpdate};

use super::{Adapter, session, set_up};

#[tokio::test(flavor = "multi_thread")]
async fn no_rotating_session_survives_a_revocation_of_all() {
    let (_database, _front, adapter) = set_up().await;
    for round in 0..30 {
        let user = format!("u{round}");
        let sessions: Vec<_> = (0..20).map(|number| session(&format!("{user}-{number}"), &user)).collect();
        for session in &sessions {
            adapter.set_session(session).await.unwrap();
        }
        let kept = (round % 2 == 0).then(|| sessions[1].clone());
        let rotations = Arc::new(AtomicUsize::new(0));
        let rotating = tokio::spawn(rotate(adapter.clone(), sessions[0].id.clone(), Arc::clone(&rotations)));
        while rotations.load(Relaxed) < 1 + round % 4 {
            tokio::task::yield_now().await;
        }
        match &kept {
            Some(kept) => adapter.delete_other_sessions(&user.as_str().into(), &kept.id).await.unwrap(),
            None => adapter.delete_sessions_by_user_id(&user.as_str().into()).await.unwrap(),
        }
        let ids = tokio::time::timeout(Duration::from_secs(30), rotating).await;
        for id in ids.expect("a revoked session still rotates").unwrap() {
            assert_eq!(adapter.get_session(&id).await.unwrap(), None, "round {round}");
        }
        let left = adapter.get_sessions_by_user_id(&user.as_str().into()).await.unwrap();
        assert_eq!(left, kept.into_iter().collect::<Vec<_>>(), "round {round}");
    }
}

/// Rotates a session until it no longer exists. Returns all of its ids.
async fn rotate(adapter: Adapter, first: SessionId, rotations: Arc<AtomicUsize>) -> Vec<SessionId> {
    let mut ids = vec![first.clone()];
    loop {
        let new = SessionId::new(format!("{}-{}", first.as_str(), ids.len()));
        let last = ids.last().unwrap().clone();
        // The session may have been stored nonetheless.
        ids.push(new.clone());
        match adapter.rotate_session(&last, &new, &SessionUpdate::default()).await {
            Ok(()) => rotations.fetch_add(1, Relaxed),
            Err(error) if error.kind() == Kind::InvalidSessionId => return ids,
            Err(error) => panic!("{error:?}"),
        };
    }
}
