//! A task rotates a session repeatedly while all sessions of its user are revoked.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use lucia_core::{
    AdapterErrorKind as Kind, Clock as _, SessionAdapter, SessionId, SessionSchema, SessionUpdate, SystemClock, UserId,
};

const ROUNDS: usize = 100;
/// The number of other sessions, which make the revocation take longer.
const SESSIONS: usize = 20;
/// The time limit for a rotation that should have ended, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) async fn run(adapter: Arc<dyn SessionAdapter>) {
    for round in 0..ROUNDS {
        let user = UserId::new(format!("user{round}"));
        for number in 0..SESSIONS {
            adapter.set_session(&session(&user, number)).await.unwrap();
        }
        let kept = (round % 2 == 0).then(|| session(&user, 1).id);
        let rotations = Arc::new(AtomicUsize::new(0));
        let rotating = tokio::spawn(rotate(Arc::clone(&adapter), user.clone(), Arc::clone(&rotations)));
        // The first rotation precedes the revocation; the others run at any step of it.
        while rotations.load(Ordering::Relaxed) < 1 + round % 4 {
            tokio::task::yield_now().await;
        }
        match &kept {
            Some(kept) => adapter.delete_other_sessions(&user, kept).await.unwrap(),
            None => adapter.delete_sessions_by_user_id(&user).await.unwrap(),
        }
        let ids = tokio::time::timeout(PATIENCE, rotating).await.expect("a revoked session still rotates").unwrap();
        for id in &ids {
            assert_eq!(adapter.get_session(id).await.unwrap(), None, "round {round}, after {} rotations", ids.len());
        }
        let left = adapter.get_sessions_by_user_id(&user).await.unwrap();
        let left: Vec<_> = left.into_iter().map(|session| session.id).collect();
        assert_eq!(left, kept.into_iter().collect::<Vec<_>>(), "round {round}");
    }
}

fn session(user: &UserId, number: usize) -> SessionSchema {
    let expiry = SystemClock.now().saturating_add(super::DAY);
    SessionSchema::new(format!("{user}-{number}"), user.clone(), expiry, expiry)
}

/// Rotates the first session until it no longer exists. Returns all of its ids.
async fn rotate(adapter: Arc<dyn SessionAdapter>, user: UserId, rotations: Arc<AtomicUsize>) -> Vec<SessionId> {
    let mut ids = vec![session(&user, 0).id];
    loop {
        let new = SessionId::new(format!("{user}-rotated-{}", ids.len()));
        let last = ids.last().unwrap().clone();
        // The session may have been stored nonetheless.
        ids.push(new.clone());
        match adapter.rotate_session(&last, &new, &SessionUpdate::default()).await {
            Ok(()) => rotations.fetch_add(1, Ordering::Relaxed),
            Err(error) if error.kind() == Kind::InvalidSessionId => return ids,
            Err(error) => panic!("{error:?}"),
        };
    }
}
