//! Many sessions of one user, and many parallel sign-ins.

use adapter_kv_http::UnstorageStore;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use lucia_auth::{Auth, NewSession};
use lucia_core::{
    SessionAdapter as _, SessionId, SessionSchema, SplitAdapter, UserAdapter as _, UserSchema,
    kv::{KvSessionAdapter, KvStore},
    memory::MemoryAdapter,
};
use tokio::task::{JoinSet, spawn_blocking};

use crate::support::{
    in_seconds,
    unstorage::{Driver, NEWEST, OLDER, Unstorage},
};

/// Lists and revokes 1,100 sessions of one user. Those of another are kept.
pub(super) async fn a_thousand_sessions(adapter: &KvSessionAdapter<impl KvStore>) {
    let sessions: Vec<_> =
        (0..1_100).map(|n| SessionSchema::new(format!("s{n:04}"), "u", in_seconds(3_600), in_seconds(7_200))).collect();
    let other = SessionSchema::new("of-another", "u1", in_seconds(3_600), in_seconds(7_200));
    let insertions: Vec<_> = sessions.iter().chain([&other]).map(|session| adapter.set_session(session)).collect();
    stream::iter(insertions).buffer_unordered(32).try_collect::<()>().await.unwrap();

    let mut listed = adapter.get_sessions_by_user_id(&"u".into()).await.unwrap();
    listed.sort_by(|a, b| a.id.cmp(&b.id));
    assert!(listed == sessions, "{} of 1,100 sessions are listed", listed.len());

    adapter.delete_sessions_by_user_id(&"u".into()).await.unwrap();
    assert_eq!(adapter.get_sessions_by_user_id(&"u".into()).await.unwrap(), []);
    let keys: Vec<_> = sessions.iter().map(|session| adapter.layout().session_key(&session.id)).collect();
    let keys: Vec<_> = keys.iter().map(String::as_str).collect();
    assert!(adapter.store().get_many(&keys).await.unwrap().iter().all(Option::is_none));
    assert_eq!(adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap(), [other]);
}

/// Signs in 20 times in parallel, and revokes all sessions.
pub(super) async fn twenty_sign_ins<S: KvStore + Clone>(adapter: &KvSessionAdapter<S>) {
    let users = MemoryAdapter::without_foreign_keys();
    users.set_user(&UserSchema::new("ada"), None).await.unwrap();
    let auth: Auth = Auth::builder(SplitAdapter::new(users, adapter.clone())).build().unwrap();
    let mut sign_ins = JoinSet::new();
    for _ in 0..20 {
        let auth = auth.clone();
        sign_ins.spawn(async move { auth.create_session(NewSession::new("ada")).await.unwrap().id });
    }
    let ids: Vec<SessionId> = sign_ins.join_all().await;
    assert_eq!(auth.get_all_user_sessions(&"ada".into()).await.unwrap().len(), 20);
    auth.invalidate_all_user_sessions(&"ada".into()).await.unwrap();
    for id in ids {
        assert_eq!(adapter.get_session(&id).await.unwrap(), None);
    }
}

async fn unstorage(version: &'static str, driver: Driver) -> Unstorage {
    spawn_blocking(move || Unstorage::start(version, driver)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn u3_a_thousand_sessions_are_listed_and_revoked() {
    for (version, driver) in [(NEWEST, Driver::Memory), (NEWEST, Driver::Fs), (OLDER, Driver::Redis)] {
        let unstorage = unstorage(version, driver).await;
        a_thousand_sessions(&KvSessionAdapter::new(UnstorageStore::new(&unstorage.url()).unwrap())).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn u1_no_parallel_sign_in_survives_a_revocation_of_all() {
    for driver in [Driver::Memory, Driver::Fs, Driver::Redis] {
        let unstorage = unstorage(NEWEST, driver).await;
        twenty_sign_ins(&KvSessionAdapter::new(UnstorageStore::new(&unstorage.url()).unwrap())).await;
    }
}
