//! Tests of the default methods for sessions and users together, and of the calls that they take on each half of a
//! `SplitAdapter`.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod half;

use lucia_core::{
    Adapter, AdapterErrorKind as Kind, SessionAdapter, SessionId, SessionSchema, SplitAdapter, SystemClock, UnixMillis,
    UserAdapter, UserSchema,
    kv::{KvSessionAdapter, KvStore, MemoryKvStore},
    memory::MemoryAdapter,
};

use self::half::Half;

fn session(id: &str, user_id: &str) -> SessionSchema {
    SessionSchema::new(id, user_id, UnixMillis::MAX, UnixMillis::MAX)
}

/// Creates halves with some users, each of whom has two sessions.
async fn halves(users: usize) -> (Half, Half, Vec<SessionId>) {
    let (user_half, mut ids) = (Half::new(), Vec::new());
    let session_half = user_half.other();
    for number in 0..users {
        let user_id = format!("u{number:02}");
        user_half.memory.set_user(&UserSchema::new(user_id.as_str()), None).await.unwrap();
        for id in [format!("{user_id}-one"), format!("{user_id}-two")] {
            session_half.memory.set_session(&session(&id, &user_id)).await.unwrap();
            ids.push(SessionId::new(id));
        }
    }
    (user_half, session_half, ids)
}

#[tokio::test]
async fn a_session_and_its_user_take_one_read_of_each_half() {
    let (users, sessions, ids) = halves(1).await;
    let adapter = SplitAdapter::new(users.clone(), sessions);
    assert!(adapter.get_session_and_user(&ids[0]).await.unwrap().is_some());
    assert_eq!(users.take_calls(), ["get_session", "get_user"]);
    assert!(adapter.get_first_session_and_user(&ids).await.unwrap().is_some());
    assert_eq!(users.take_calls(), ["get_first_session", "get_user"]);
}

#[tokio::test]
async fn a_new_session_takes_one_write_and_one_read_if_ids_are_freed() {
    for (frees_ids, expected) in
        [(true, vec!["set_session", "get_user"]), (false, vec!["get_user", "set_session", "get_user"])]
    {
        let (users, mut sessions, _) = halves(1).await;
        sessions.frees_ids = frees_ids;
        let adapter = SplitAdapter::new(users.clone(), sessions);
        adapter.set_session_and_get_user(&session("new", "u00")).await.unwrap();
        assert_eq!(users.take_calls(), expected);
        assert!(adapter.get_session(&"new".into()).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_new_session_of_an_unknown_user_is_deleted_or_not_written() {
    for (frees_ids, expected) in [(true, vec!["set_session", "get_user", "delete_session"]), (false, vec!["get_user"])]
    {
        let (users, mut sessions, _) = halves(1).await;
        sessions.frees_ids = frees_ids;
        let adapter = SplitAdapter::new(users.clone(), sessions.clone());
        let error = adapter.set_session_and_get_user(&session("new", "nobody")).await.unwrap_err();
        assert_eq!((error.kind(), users.take_calls()), (Kind::InvalidUserId, expected));
        assert_eq!(sessions.memory.get_session(&"new".into()).await.unwrap(), None);
    }
}

/// A taken id is not the session of this call.
#[tokio::test]
async fn a_session_that_is_not_inserted_is_not_deleted() {
    let (users, sessions, ids) = halves(1).await;
    let adapter = SplitAdapter::new(users.clone(), sessions);
    let error = adapter.set_session_and_get_user(&session(ids[0].as_str(), "nobody")).await.unwrap_err();
    assert_eq!((error.kind(), users.take_calls()), (Kind::DuplicateSessionId, vec!["set_session"]));
    assert_eq!(adapter.get_session(&ids[0]).await.unwrap().unwrap().user_id.as_str(), "u00");
}

#[tokio::test]
async fn a_new_session_whose_user_cannot_be_read_is_deleted() {
    let (mut users, sessions, _) = halves(1).await;
    users.unreadable.push("u00".into());
    let adapter = SplitAdapter::new(users, sessions.clone());
    let error = adapter.set_session_and_get_user(&session("new", "u00")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Decode);
    assert_eq!(sessions.memory.get_session(&"new".into()).await.unwrap(), None);
}

/// The error says why the session is not known to be valid, and the log that it may be stored.
#[tokio::test]
async fn an_outage_of_both_halves_is_the_error_of_the_user() {
    let (mut users, mut sessions, _) = halves(1).await;
    users.unreadable.push("u00".into());
    sessions.deletes = false;
    let adapter = SplitAdapter::new(users, sessions);
    let error = adapter.set_session_and_get_user(&session("new", "u00")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Decode);
    let error = adapter.set_session_and_get_user(&session("other", "nobody")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
}

/// A key-value store remembers the ids of revoked sessions, and refuses them.
#[tokio::test]
async fn a_refused_session_leaves_nothing_in_a_key_value_store() {
    let (users, store) = (MemoryAdapter::new(), MemoryKvStore::new(SystemClock));
    let adapter = SplitAdapter::new(users, KvSessionAdapter::new(store.clone()));
    let refused = adapter.set_session_and_get_user(&session("new", "u1")).await;
    assert_eq!(refused.unwrap_err().kind(), Kind::InvalidUserId);
    assert_eq!(store.list("", None).await.unwrap().keys, Vec::<String>::new());
    adapter.set_user(&UserSchema::new("u1"), None).await.unwrap();
    adapter.set_session_and_get_user(&session("new", "u1")).await.unwrap();
}

#[tokio::test]
async fn the_users_of_several_sessions_are_read_side_by_side_and_each_once() {
    for (count, at_once) in [(1, 1), (3, 3), (20, 8)] {
        let (users, sessions, ids) = halves(count).await;
        let adapter = SplitAdapter::new(users.clone(), sessions);
        let found = adapter.get_sessions_and_users(&ids).await.unwrap();
        assert_eq!(found.len(), 2 * count);
        assert!(found.iter().all(|(session, user)| session.user_id == user.id));
        assert_eq!(users.take_calls(), [vec!["get_sessions"], vec!["get_user"; count]].concat());
        assert_eq!(users.most_at_once(), at_once);
    }
}

#[tokio::test]
async fn several_sessions_without_their_user_are_deleted_and_the_others_returned() {
    let (users, sessions, ids) = halves(3).await;
    users.memory.delete_user(&"u01".into()).await.unwrap();
    let adapter = SplitAdapter::new(users.clone(), sessions.clone());
    let found = adapter.get_sessions_and_users(&ids).await.unwrap();
    assert!(found.iter().map(|(session, _)| session.user_id.as_str()).eq(["u00", "u00", "u02", "u02"]));
    assert_eq!(sessions.memory.get_sessions_by_user_id(&"u01".into()).await.unwrap(), []);
}

#[tokio::test]
async fn a_user_that_cannot_be_read_ends_no_session() {
    let (mut users, sessions, ids) = halves(3).await;
    users.unreadable.push("u01".into());
    let adapter = SplitAdapter::new(users, sessions.clone());
    assert_eq!(adapter.get_sessions_and_users(&ids).await.unwrap_err().kind(), Kind::Decode);
    assert_eq!(sessions.memory.get_sessions(&ids).await.unwrap().len(), 6);
}

/// A database may compare ids without regard to case: the row's id is not that of the session then.
#[tokio::test]
async fn a_user_whose_id_is_spelled_differently_is_found() {
    let (mut users, sessions, ids) = halves(1).await;
    users.ignores_case = true;
    sessions.memory.set_session(&session("upper", "U00")).await.unwrap();
    let adapter = SplitAdapter::new(users, sessions);
    let wanted = [SessionId::new("upper"), ids[0].clone()];
    assert_eq!(adapter.get_sessions_and_users(&wanted).await.unwrap().len(), 2);
    assert!(adapter.get_session_and_user(&wanted[0]).await.unwrap().is_some());
}
