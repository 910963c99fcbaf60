//! How tokens are stored, and sessions that move from plain ids to hashes.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use http::Request;
use lucia_auth::{
    AdapterErrorKind, Auth, AuthBuilder, Error, ManualClock, NewKey, NewSession, NewUser, SessionAdapter, SessionId,
    SessionIds, SessionSchema, SessionToken, SplitAdapter, UnixMillis, UserAdapter as _, UserId, UserSchema,
    lucia_core::{AdapterResult, SessionUpdate, async_trait},
    memory::MemoryAdapter,
};
use serde_json::json;

use crate::support::{DAY, NOW, World, a_user};

/// `encodeHexLowerCase(sha256(new TextEncoder().encode("abc")))`, the recipe of Lucia's guide.
const HASH_OF_ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

/// An id as Lucia v2 generates them.
const PLAIN: &str = "5l3v3z6wz3tbqc0jmyzv1q4j0rq2f4hmglf9hmzt";

fn auth(world: &World, session_ids: SessionIds) -> Auth {
    world.builder().session_ids(session_ids).build().unwrap()
}

/// Stores a session as an earlier application did.
async fn a_row(world: &World, id: &str) -> (SessionSchema, UserId) {
    let user = a_user(&world.auth()).await;
    let row = SessionSchema::new(id, user.clone(), NOW.saturating_add(DAY), NOW.saturating_add(15 * DAY));
    world.adapter.store().set_session(&row).await.unwrap();
    world.adapter.take_calls();
    (row, user)
}

async fn ids_of(world: &World, user: &UserId) -> Vec<String> {
    let sessions = world.adapter.store().get_sessions_by_user_id(user).await.unwrap();
    sessions.into_iter().map(|session| session.id.into_string()).collect()
}

#[tokio::test]
async fn tokens_are_hashed_at_rest() {
    for (session_ids, stored) in
        [(SessionIds::Hashed, HASH_OF_ABC), (SessionIds::HashedAndPlain, HASH_OF_ABC), (SessionIds::Plain, "abc")]
    {
        let world = World::new();
        let auth = auth(&world, session_ids);
        let user = a_user(&auth).await;
        let session = auth.create_session(NewSession::new(user.clone()).token("abc")).await.unwrap();
        assert_eq!(ids_of(&world, &user).await, [stored], "{session_ids:?}");
        assert_eq!((session.token.as_str(), session.id.as_str()), ("abc", stored));
        assert_eq!(auth.validate_session(&session.token).await.unwrap().id, session.id);
        assert_eq!(auth.session_ids_of_token(&session.token)[0], session.id);
    }
}

#[tokio::test]
async fn hashed_sessions_of_another_application_are_accepted() {
    for session_ids in [SessionIds::Hashed, SessionIds::HashedAndPlain] {
        let world = World::new();
        let (row, _) = a_row(&world, HASH_OF_ABC).await;
        let session = auth(&world, session_ids).validate_session(&"abc".into()).await.unwrap();
        assert_eq!(session.id, row.id);
    }
}

/// Whoever reads the store has the ids of sessions. No way of presenting one may sign them in.
#[tokio::test]
async fn a_stolen_hash_signs_nobody_in() {
    for session_ids in [SessionIds::Hashed, SessionIds::HashedAndPlain, SessionIds::Plain] {
        let world = World::new();
        let auth = auth(&world, session_ids);
        let (_, user) = a_row(&world, HASH_OF_ABC).await;
        let mixed = format!("{}{}", &HASH_OF_ABC[..32], HASH_OF_ABC[32..].to_uppercase());
        for stolen in [HASH_OF_ABC, &HASH_OF_ABC.to_uppercase(), &mixed] {
            let token = SessionToken::new(stolen);
            for result in [auth.validate_session(&token).await, auth.get_session(&token).await] {
                assert!(matches!(result, Err(Error::InvalidSessionId { .. })), "{session_ids:?}: {stolen}");
            }
            for cookie in [format!("auth_session={stolen}"), format!("auth_session=x; auth_session={stolen}")] {
                let request = Request::get("/").header("cookie", cookie).body(()).unwrap();
                let request = auth.handle_request(&request);
                assert!(request.validate().await.unwrap().is_none(), "{session_ids:?}: {stolen}");
                request.sign_out().await.unwrap();
            }
            let request = Request::get("/").header("authorization", format!("Bearer {stolen}")).body(()).unwrap();
            let found = auth.handle_request(&request).validate_bearer_token().await.unwrap();
            assert!(found.is_none(), "{session_ids:?}: {stolen}");
            auth.invalidate_session_token(&token).await.unwrap();
            let chosen = auth.create_session(NewSession::new(user.clone()).token(stolen)).await;
            assert!(matches!(chosen, Err(Error::MalformedSessionToken)), "{session_ids:?}: {stolen}");
        }
        assert_eq!(ids_of(&world, &user).await, [HASH_OF_ABC], "nor does it sign the owner out");
    }
}

#[tokio::test]
async fn a_plain_session_moves_at_its_renewal() {
    let world = World::new();
    let auth = world.auth();
    let (row, user) = a_row(&world, PLAIN).await;
    let token = SessionToken::new(PLAIN);
    let hashed = token.hashed_id();

    let session = auth.validate_session(&token).await.unwrap();
    assert_eq!(world.adapter.take_calls(), ["get_first_session_and_user"], "one read for both ids");
    assert_eq!((&session.id, session.fresh), (&row.id, false));

    world.clock.advance(2 * DAY);
    let request = Request::get("/").header("cookie", format!("auth_session={PLAIN}")).body(()).unwrap();
    let request = auth.handle_request(&request);
    let renewed = request.validate().await.unwrap().unwrap();
    assert_eq!((&renewed.id, renewed.fresh), (&hashed, true));
    assert_eq!(renewed.idle_period_expires_at, NOW.saturating_add(17 * DAY));
    assert_eq!(request.pending_cookie().unwrap().value(), PLAIN, "the client keeps its token");
    assert_eq!(ids_of(&world, &user).await, [hashed.as_str()]);
    assert_eq!(renewed.handle(), session.handle(), "the handle is stable");
    assert!(auth.validate_session(&token).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn parallel_renewals_move_a_plain_session_once() {
    for world in [World::new(), World::split()] {
        let auth = world.auth();
        let (_, user) = a_row(&world, PLAIN).await;
        world.clock.advance(2 * DAY);
        let requests: Vec<_> = (0..50)
            .map(|_| {
                let auth = auth.clone();
                tokio::spawn(async move { auth.validate_session(&PLAIN.into()).await })
            })
            .collect();
        for request in requests {
            request.await.unwrap().expect("signed in");
        }
        assert_eq!(ids_of(&world, &user).await, [SessionToken::new(PLAIN).hashed_id().as_str()]);
    }
}

/// A handler holds the session as it was before a parallel request moved it.
#[tokio::test]
async fn a_plain_id_still_names_a_session_that_has_moved() {
    let world = World::new();
    let auth = world.builder().session_attributes::<serde_json::Value>().build().unwrap();
    let token = SessionToken::new(PLAIN);
    let (row, user) = a_row(&world, PLAIN).await;
    let other = auth.create_session(NewSession::new(user.clone())).await.unwrap();
    world.clock.advance(2 * DAY);
    auth.validate_session(&token).await.unwrap();

    let updated = auth.update_session_attributes(&row.id, &json!({"device": "phone"})).await.unwrap();
    assert_eq!((updated.id, updated.attributes), (token.hashed_id(), json!({"device": "phone"})));
    auth.invalidate_other_user_sessions(&user, &row.id).await.unwrap();
    assert!(auth.validate_session(&token).await.is_ok(), "it is the one that is kept");
    assert!(auth.validate_session(&other.token).await.is_err());
    auth.invalidate_session(&row.id).await.unwrap();
    assert!(ids_of(&world, &user).await.is_empty());
}

#[tokio::test]
async fn a_plain_session_is_revoked_by_its_token_id_and_handle() {
    let world = World::new();
    let auth = world.auth();
    let token = SessionToken::new(PLAIN);
    for how in ["token", "id", "handle", "others", "rotation", "cookie"] {
        let (row, user) = a_row(&world, PLAIN).await;
        match how {
            "token" => auth.invalidate_session_token(&token).await.unwrap(),
            "id" => auth.invalidate_session(&row.id).await.unwrap(),
            "handle" => assert!(auth.invalidate_session_by_handle(&user, &row.id.handle()).await.unwrap()),
            "others" => {
                let this = auth.create_session(NewSession::new(user.clone())).await.unwrap();
                auth.invalidate_other_user_sessions(&user, &this.id).await.unwrap();
                auth.invalidate_session(&this.id).await.unwrap();
            }
            "rotation" => {
                let new = auth.rotate_session(&row.id).await.unwrap();
                assert_eq!(ids_of(&world, &user).await, [new.token.hashed_id().as_str()]);
                auth.invalidate_session(&new.id).await.unwrap();
            }
            _ => {
                let request = Request::get("/").header("cookie", format!("auth_session={PLAIN}")).body(()).unwrap();
                auth.handle_request(&request).sign_out().await.unwrap();
            }
        }
        assert!(matches!(auth.validate_session(&token).await, Err(Error::InvalidSessionId { .. })), "{how}");
        assert!(ids_of(&world, &user).await.is_empty(), "{how}");
    }
}

#[tokio::test]
async fn a_session_that_is_revoked_while_it_moves_stays_revoked() {
    let world = World::new();
    let auth = world.auth();
    let (row, user) = a_row(&world, PLAIN).await;
    world.clock.advance(2 * DAY);
    for kind in [AdapterErrorKind::InvalidSessionId, AdapterErrorKind::Conflict, AdapterErrorKind::DuplicateSessionId] {
        world.adapter.fail_as("rotate_session", kind);
        let seen = auth.validate_session(&PLAIN.into()).await.unwrap();
        assert_eq!(seen.id, row.id, "another request was first: the stored session counts");
        world.adapter.fail(None);
    }
    world.adapter.fail(Some("rotate_session"));
    assert!(auth.validate_session(&PLAIN.into()).await.unwrap_err().is_unavailable());
    world.adapter.fail(None);
    auth.invalidate_all_user_sessions(&user).await.unwrap();
    assert!(matches!(auth.validate_session(&PLAIN.into()).await, Err(Error::InvalidSessionId { .. })));
}

#[tokio::test]
async fn plain_sessions_end_when_only_hashes_are_accepted() {
    let world = World::new();
    a_row(&world, PLAIN).await;
    let result = auth(&world, SessionIds::Hashed).validate_session(&PLAIN.into()).await;
    assert!(matches!(result, Err(Error::InvalidSessionId { .. })));
    assert_eq!(world.adapter.take_calls(), ["get_session_and_user"]);
}

#[tokio::test]
async fn an_unreadable_session_is_an_error() {
    let world = World::new();
    let auth = world.auth();
    a_row(&world, PLAIN).await;
    world.adapter.fail_as("get_first_session_and_user", AdapterErrorKind::Decode);
    let result = auth.validate_session(&PLAIN.into()).await;
    assert!(matches!(result, Err(Error::Adapter(error)) if error.kind() == AdapterErrorKind::Decode));
}

#[tokio::test]
async fn a_handle_ends_only_a_session_of_its_user() {
    let world = World::new();
    let auth = world.auth();
    let (user, stranger) = (a_user(&auth).await, a_user(&auth).await);
    let session = auth.create_session(NewSession::new(user.clone())).await.unwrap();
    auth.create_session(NewSession::new(stranger.clone())).await.unwrap();
    let handle = auth.get_all_user_sessions(&user).await.unwrap()[0].handle();
    assert_eq!(handle, session.handle());
    assert!(!handle.to_string().contains(&session.id.as_str()[..8]), "it is not a part of the id");
    assert!(!auth.invalidate_session_by_handle(&stranger, &handle).await.unwrap());
    assert!(auth.validate_session(&session.token).await.is_ok());
    assert!(auth.invalidate_session_by_handle(&user, &handle).await.unwrap());
    assert!(auth.validate_session(&session.token).await.is_err());
    assert!(!auth.invalidate_session_by_handle(&user, &handle).await.unwrap(), "twice");
}

#[tokio::test]
async fn rows_are_converted_only_for_their_token_and_user() {
    let world = World::new();
    let auth = world.auth();
    let session = auth.create_session(NewSession::new(a_user(&auth).await)).await.unwrap();
    let store = world.adapter.store();
    let row = store.get_session(&session.id).await.unwrap().unwrap();
    let user = store.get_user(&session.user.id).await.unwrap().unwrap();
    let other = store.get_user(&a_user(&auth).await).await.unwrap().unwrap();
    assert_eq!(auth.transform_database_session(&session.token, &row, &user, false).unwrap(), session);
    for (token, user) in [(SessionToken::new(row.id.as_str()), &user), ("x".into(), &user), (session.token, &other)] {
        let result = auth.transform_database_session(&token, &row, user, false);
        assert!(matches!(result, Err(Error::InvalidSessionId { .. })));
    }
}

#[tokio::test]
async fn the_oldest_sessions_of_a_user_end_beyond_the_limit() {
    for world in [World::new(), World::split()] {
        let auth = world.builder().session_created_at("created_at").max_sessions_per_user(3).build().unwrap();
        let (user, stranger) = (a_user(&auth).await, a_user(&auth).await);
        let strangers = auth.create_session(NewSession::new(stranger)).await.unwrap();
        let unknown_age = world.auth().create_session(NewSession::new(user.clone())).await.unwrap();
        let mut sessions = Vec::new();
        for _ in 0..5 {
            world.clock.advance(DAY / 24);
            sessions.push(auth.create_session(NewSession::new(user.clone())).await.unwrap());
        }
        let live = |session: &lucia_auth::Session| {
            let (auth, token) = (auth.clone(), session.token.clone());
            async move { auth.validate_session(&token).await.is_ok() }
        };
        assert!(!live(&unknown_age).await);
        assert!(!live(&sessions[0]).await && !live(&sessions[1]).await);
        assert!(live(&sessions[2]).await && live(&sessions[3]).await && live(&sessions[4]).await);
        assert!(live(&strangers).await);
        assert_eq!(sessions[4].created_at, Some(NOW.saturating_add(DAY / 24 * 5)));

        world.adapter.fail(Some("delete_oldest_sessions"));
        assert!(auth.create_session(NewSession::new(user.clone())).await.unwrap_err().is_unavailable());
        world.adapter.fail(None);
        assert_eq!(ids_of(&world, &user).await.len(), 3, "a sign-in that fails leaves no session");
    }
}

#[tokio::test]
async fn a_new_session_is_kept_whatever_the_clocks_of_other_processes_say() {
    for world in [World::new(), World::split()] {
        let limited = |clock| {
            world.builder().clock(clock).session_created_at("created_at").max_sessions_per_user(1).build().unwrap()
        };
        let ahead = limited(Arc::new(ManualClock::new(NOW.saturating_add(DAY / 24))));
        let behind = limited(world.clock.clone());
        let user = a_user(&behind).await;
        let mut last = ahead.create_session(NewSession::new(user.clone())).await.unwrap();
        // The sessions of one process are equally old.
        for auth in [&behind, &behind, &behind, &behind, &ahead, &ahead, &behind] {
            let session = auth.create_session(NewSession::new(user.clone())).await.unwrap();
            assert!(behind.validate_session(&session.token).await.is_ok(), "signed out at once");
            assert!(behind.validate_session(&last.token).await.is_err(), "one session too many");
            last = session;
        }
    }
}

#[tokio::test]
async fn beside_lucia_js_stores_what_lucia_js_reads() {
    let world = World::new();
    let builder: AuthBuilder = Auth::builder(Arc::clone(&world.adapter)).clock(world.clock.clone());
    let auth = builder.beside_lucia_js().build().unwrap();
    let key = NewKey::with_password(("username", "ada"), "correct horse");
    let user = auth.create_user(NewUser::new().key(key)).await.unwrap();
    let session = auth.create_session(NewSession::new(user.id.clone())).await.unwrap();
    assert_eq!(ids_of(&world, &user.id).await, [session.token.as_str()]);
    let key = world.adapter.store().get_key(&lucia_auth::KeyId::new("username", "ada").unwrap()).await.unwrap();
    assert!(key.unwrap().hashed_password.unwrap().as_str().starts_with("s2:"));
}

/// Sessions that are read one after the other. A parallel request moves the plain one after the first read.
#[derive(Debug)]
struct MovedBetweenReads {
    memory: MemoryAdapter,
    reads: AtomicUsize,
}

#[async_trait]
impl SessionAdapter for MovedBetweenReads {
    async fn get_session(&self, session_id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
        let session = self.memory.get_session(session_id).await;
        if self.reads.fetch_add(1, Ordering::SeqCst) == 0 {
            let hashed = SessionToken::new(PLAIN).hashed_id();
            self.memory.rotate_session(&PLAIN.into(), &hashed, &SessionUpdate::default()).await?;
        }
        session
    }
    async fn get_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>> {
        self.memory.get_sessions_by_user_id(user_id).await
    }
    async fn set_session(&self, session: &SessionSchema) -> AdapterResult<()> {
        self.memory.set_session(session).await
    }
    async fn update_session(&self, session_id: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        self.memory.update_session(session_id, update).await
    }
    async fn delete_session(&self, session_id: &SessionId) -> AdapterResult<()> {
        self.memory.delete_session(session_id).await
    }
    async fn delete_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        self.memory.delete_sessions_by_user_id(user_id).await
    }
    async fn delete_expired_sessions(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        self.memory.delete_expired_sessions(now, limit).await
    }
}

#[tokio::test]
async fn a_session_that_moves_between_two_reads_is_found() {
    for cookies in [format!("auth_session={PLAIN}"), format!("auth_session=x; auth_session={PLAIN}")] {
        let memory = MemoryAdapter::without_foreign_keys();
        memory.set_session(&SessionSchema::new(PLAIN, "u1", UnixMillis::MAX, UnixMillis::MAX)).await.unwrap();
        let reads = AtomicUsize::new(0);
        let users = MemoryAdapter::new();
        users.set_user(&UserSchema::new("u1"), None).await.unwrap();
        let auth: Auth = Auth::builder(SplitAdapter::new(users, MovedBetweenReads { memory, reads })).build().unwrap();
        let request = Request::get("/").header("cookie", cookies).body(()).unwrap();
        assert!(auth.handle_request(&request).validate().await.unwrap().is_some());
    }
}
