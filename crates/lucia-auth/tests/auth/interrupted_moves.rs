//! Moves of sessions from plain ids to hashes that are interrupted, or meet others.

use std::sync::Arc;

use lucia_auth::{
    AdapterErrorKind as Kind, Auth, Error, NewSession, SessionSchema, SessionToken, SplitAdapter, SystemClock,
    UnixMillis, UserAdapter as _, UserId, UserSchema,
    lucia_core::{
        SessionAdapter as _,
        kv::{KvSessionAdapter, MemoryKvStore},
    },
    memory::MemoryAdapter,
};

use crate::support::{DAY, NOW, Probe, World, a_user};

/// An id as Lucia v2 generates them.
const PLAIN: &str = "5l3v3z6wz3tbqc0jmyzv1q4j0rq2f4hmglf9hmzt";

async fn a_plain_row(world: &World) -> SessionSchema {
    let user = a_user(&world.auth()).await;
    let row = SessionSchema::new(PLAIN, user, NOW.saturating_add(DAY), NOW.saturating_add(15 * DAY));
    world.adapter.store().set_session(&row).await.unwrap();
    row
}

/// Stores a session as a move leaves it that was interrupted after it stored the hash.
async fn an_interrupted_move(world: &World) -> (SessionSchema, SessionSchema) {
    let row = a_plain_row(world).await;
    let later = NOW.saturating_add(3 * DAY);
    let moved = SessionSchema::new(SessionToken::new(PLAIN).hashed_id(), row.user_id.clone(), later, later);
    world.adapter.store().set_session(&moved).await.unwrap();
    (row, moved)
}

async fn ids_of(world: &World, user: &UserId) -> Vec<String> {
    let sessions = world.adapter.store().get_sessions_by_user_id(user).await.unwrap();
    sessions.into_iter().map(|session| session.id.into_string()).collect()
}

#[tokio::test]
async fn a_session_that_is_stored_twice_is_one_session() {
    let token = SessionToken::new(PLAIN);
    for how in
        ["token", "plain id", "hashed id", "handle", "rotation", "rotation of the hash", "others", "others, plain"]
    {
        let world = World::new();
        let auth = world.auth();
        let (row, moved) = an_interrupted_move(&world).await;
        let user = &row.user_id;
        let session = auth.validate_session(&token).await.unwrap();
        assert_eq!((&session.id, session.idle_period_expires_at), (&moved.id, moved.idle_expires));
        let listed = auth.get_all_user_sessions(user).await.unwrap();
        assert_eq!(listed.iter().map(|session| &session.id).collect::<Vec<_>>(), [&moved.id]);
        let mut left = Vec::new();
        match how {
            "token" => auth.invalidate_session_token(&token).await.unwrap(),
            "plain id" => auth.invalidate_session(&row.id).await.unwrap(),
            "hashed id" => auth.invalidate_session(&moved.id).await.unwrap(),
            "handle" => assert!(auth.invalidate_session_by_handle(user, &session.handle()).await.unwrap()),
            "rotation" => left.push(auth.rotate_session(&row.id).await.unwrap().id),
            "rotation of the hash" => left.push(auth.rotate_session(&moved.id).await.unwrap().id),
            _ => {
                let keep = if how == "others" { &moved.id } else { &row.id };
                auth.invalidate_other_user_sessions(user, keep).await.unwrap();
                left.push(moved.id);
            }
        }
        assert_eq!(ids_of(&world, user).await, left.iter().map(|id| id.as_str()).collect::<Vec<_>>(), "{how}");
        assert_eq!(auth.validate_session(&token).await.is_ok(), how.starts_with("others"), "{how}");
    }
}

/// A revocation does not depend on the users.
#[tokio::test]
async fn a_session_that_is_stored_twice_is_revoked_although_its_user_cannot_be_read() {
    let (users, sessions) = (Arc::new(Probe::new(MemoryAdapter::new())), MemoryAdapter::without_foreign_keys());
    let auth: Auth = Auth::builder(SplitAdapter::new(Arc::clone(&users), sessions.clone())).build().unwrap();
    let hashed = SessionToken::new(PLAIN).hashed_id();
    for id in [hashed.as_str(), PLAIN] {
        sessions.set_session(&SessionSchema::new(id, "u1", UnixMillis::MAX, UnixMillis::MAX)).await.unwrap();
    }
    users.fail_as("get_user", Kind::Decode);
    auth.invalidate_session(&hashed).await.unwrap();
    assert_eq!(sessions.get_sessions_by_user_id(&"u1".into()).await.unwrap(), []);
    assert_eq!(users.take_calls(), Vec::<&str>::new());
}

/// Others move the session, or change it, at the same time.
#[tokio::test]
async fn a_move_that_meets_another_loses_no_session() {
    for kind in [Kind::Conflict, Kind::DuplicateSessionId] {
        let world = World::new();
        let (auth, row) = (world.auth(), a_plain_row(&world).await);
        world.adapter.fail_as("rotate_session", kind);
        for result in [
            auth.invalidate_other_user_sessions(&row.user_id, &row.id).await,
            auth.rotate_session(&row.id).await.map(drop),
        ] {
            assert!(
                matches!(result, Err(Error::Adapter(_) | Error::DuplicateSessionId { .. })),
                "{kind:?}: {result:?}"
            );
        }
        assert_eq!(ids_of(&world, &row.user_id).await, [PLAIN], "{kind:?}");
        world.adapter.fail(None);

        world.adapter.fail_next("rotate_session", kind, 2);
        let other = auth.create_session(NewSession::new(row.user_id.clone())).await.unwrap();
        auth.invalidate_other_user_sessions(&row.user_id, &row.id).await.unwrap();
        assert!(auth.validate_session(&PLAIN.into()).await.is_ok(), "{kind:?}: it is the one that is kept");
        assert!(auth.validate_session(&other.token).await.is_err(), "{kind:?}");
    }
}

/// The outage comes before anything is changed.
#[tokio::test]
async fn a_rotation_that_fails_keeps_the_session() {
    for method in ["get_sessions_by_user_id", "rotate_session"] {
        let world = World::new();
        let auth = world.auth();
        let session = auth.create_session(NewSession::new(a_user(&auth).await)).await.unwrap();
        world.adapter.fail(Some(method));
        assert!(auth.rotate_session(&session.id).await.unwrap_err().is_unavailable(), "{method}");
        world.adapter.fail(None);
        assert!(auth.validate_session(&session.token).await.is_ok(), "{method}");
    }
}

/// A plain key-value store, in which nothing is atomic, and one with conditional writes.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn parallel_renewals_on_a_key_value_store_lose_no_session() {
    renew_in_parallel(MemoryKvStore::new(SystemClock)).await;
    renew_in_parallel(MemoryKvStore::new(SystemClock).with_conditional_writes()).await;
}

async fn renew_in_parallel(store: MemoryKvStore) {
    let users = MemoryAdapter::new();
    users.set_user(&UserSchema::new("u1"), None).await.unwrap();
    let sessions = KvSessionAdapter::new(store);
    let auth: Auth = Auth::builder(SplitAdapter::new(users, sessions.clone())).build().unwrap();
    for number in 0..100 {
        let token = SessionToken::new(format!("{PLAIN}{number}"));
        let row = SessionSchema::new(token.as_str(), "u1", UnixMillis::EPOCH, UnixMillis::MAX);
        sessions.set_session(&row).await.unwrap();
        let requests: Vec<_> = (0..8)
            .map(|_| {
                let (auth, token) = (auth.clone(), token.clone());
                tokio::spawn(async move { auth.validate_session(&token).await })
            })
            .collect();
        for request in requests {
            request.await.unwrap().expect("signed in");
        }
        assert!(sessions.get_session(&token.hashed_id()).await.unwrap().is_some());
    }
}
