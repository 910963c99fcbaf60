//! A revocation of all sessions while one of them is rotated repeatedly.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::SeqCst},
};

use adapter_kv_http::UnstorageStore;
use lucia_core::{
    AdapterErrorKind as Kind, SessionAdapter as _, SessionId, SessionSchema, SessionUpdate,
    kv::{KvEntry, KvSessionAdapter, KvStore},
};
use tokio::task::spawn_blocking;

use crate::support::{
    in_seconds,
    unstorage::{Driver, NEWEST, Unstorage},
};

/// Keys of other users, which make a listing take long: `SCAN` and `readdir` are not snapshots.
const CROWD: usize = 4_000;
const SESSIONS: usize = 10;
const ROUNDS: usize = 12;

/// Rotates a session until this fails, which must be because of its revocation. Returns its last id.
async fn rotate_for_ever<S: KvStore>(adapter: KvSessionAdapter<S>, round: usize, stop: Arc<AtomicBool>) -> SessionId {
    let mut id = SessionId::new(format!("moving{round}x0"));
    for number in 1.. {
        let next = SessionId::new(format!("moving{round}x{number}"));
        match adapter.rotate_session(&id, &next, &SessionUpdate::default()).await {
            Ok(()) => id = next,
            Err(error) => {
                assert!(matches!(error.kind(), Kind::InvalidSessionId | Kind::Conflict), "{error:?}");
                break;
            }
        }
        if stop.load(SeqCst) {
            break;
        }
    }
    id
}

async fn nobody_stays<S: KvStore + Clone>(adapter: &KvSessionAdapter<S>) {
    let crowd: Vec<_> = (0..CROWD)
        .map(|n| KvEntry { key: format!("user_session:crowd{n}:s{n}"), value: b"1".to_vec(), expires: in_seconds(600) })
        .collect();
    adapter.store().put_many(&crowd).await.unwrap();
    for round in 0..ROUNDS {
        let session = |id: String| SessionSchema::new(id, "ada", in_seconds(3_600), in_seconds(7_200));
        for n in 0..SESSIONS {
            adapter.set_session(&session(format!("still{round}x{n}"))).await.unwrap();
        }
        adapter.set_session(&session(format!("moving{round}x0"))).await.unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let rotation = tokio::spawn(rotate_for_ever(adapter.clone(), round, Arc::clone(&stop)));
        tokio::task::yield_now().await;
        let revoked = adapter.delete_sessions_by_user_id(&"ada".into()).await;
        stop.store(true, SeqCst);
        let last = rotation.await.unwrap();
        revoked.unwrap();
        assert_eq!(adapter.get_sessions_by_user_id(&"ada".into()).await.unwrap(), [], "round {round}");
        assert_eq!(adapter.get_session(&last).await.unwrap(), None, "round {round}");
        // A later sign-in is valid and can be rotated.
        adapter.set_session(&session(format!("after{round}"))).await.unwrap();
        let [after, again] = ["after", "again"].map(|name| SessionId::new(format!("{name}{round}")));
        adapter.rotate_session(&after, &again, &SessionUpdate::default()).await.unwrap();
        adapter.delete_session(&again).await.unwrap();
    }
}

async fn behind(driver: Driver) {
    let unstorage = spawn_blocking(move || Unstorage::start(NEWEST, driver)).await.unwrap();
    nobody_stays(&KvSessionAdapter::new(UnstorageStore::new(&unstorage.url()).unwrap())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_rotating_session_survives_a_revocation_of_all_with_redis() {
    behind(Driver::Redis).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_rotating_session_survives_a_revocation_of_all_with_fs() {
    behind(Driver::Fs).await;
}
