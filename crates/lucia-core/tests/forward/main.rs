//! Smart pointers and [`SplitAdapter`] forward every method, those with a default too.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod tokens;

use std::{
    collections::BTreeSet,
    ops::Deref,
    sync::{Arc, Mutex},
};

use lucia_core::{
    Adapter, AdapterResult, KeyId, KeySchema, KeyUpdate, SessionAdapter, SessionId, SessionSchema, SessionUpdate,
    SplitAdapter, UnixMillis, UserAdapter, UserId, UserSchema, UserUpdate, async_trait, memory::MemoryAdapter,
};

type Calls = Arc<Mutex<BTreeSet<&'static str>>>;

/// Records which methods are called. It derefs to an adapter, to show that a wrapper calls the recorder and not what it
/// derefs to.
#[derive(Debug, Default)]
struct Recorder {
    calls: Calls,
    inner: MemoryAdapter,
}

impl Deref for Recorder {
    type Target = MemoryAdapter;

    fn deref(&self) -> &MemoryAdapter {
        &self.inner
    }
}

impl Recorder {
    fn new() -> (Self, Calls) {
        let recorder = Self::default();
        let calls = Arc::clone(&recorder.calls);
        (recorder, calls)
    }

    fn record<T>(&self, method: &'static str, result: T) -> AdapterResult<T> {
        self.calls.lock().unwrap().insert(method);
        Ok(result)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods, reason = "a method that is not recorded is not tested")]
impl Adapter for Recorder {
    async fn get_session_and_user(&self, _: &SessionId) -> AdapterResult<Option<(SessionSchema, UserSchema)>> {
        self.record("get_session_and_user", None)
    }
    async fn get_first_session_and_user(&self, _: &[SessionId]) -> AdapterResult<Option<(SessionSchema, UserSchema)>> {
        self.record("get_first_session_and_user", None)
    }
    async fn get_sessions_and_users(&self, _: &[SessionId]) -> AdapterResult<Vec<(SessionSchema, UserSchema)>> {
        self.record("get_sessions_and_users", Vec::new())
    }
    async fn set_session_and_get_user(&self, session: &SessionSchema) -> AdapterResult<UserSchema> {
        self.record("set_session_and_get_user", UserSchema::new(session.user_id.clone()))
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods, reason = "a method that is not recorded is not tested")]
impl UserAdapter for Recorder {
    async fn get_user(&self, user_id: &UserId) -> AdapterResult<Option<UserSchema>> {
        self.record("get_user", Some(UserSchema::new(user_id.clone())))
    }
    async fn set_user(&self, _: &UserSchema, _: Option<&KeySchema>) -> AdapterResult<()> {
        self.record("set_user", ())
    }
    async fn update_user(&self, _: &UserId, _: &UserUpdate) -> AdapterResult<()> {
        self.record("update_user", ())
    }
    async fn delete_user(&self, _: &UserId) -> AdapterResult<()> {
        self.record("delete_user", ())
    }
    async fn get_key(&self, _: &KeyId) -> AdapterResult<Option<KeySchema>> {
        self.record("get_key", None)
    }
    async fn get_keys_by_user_id(&self, _: &UserId) -> AdapterResult<Vec<KeySchema>> {
        self.record("get_keys_by_user_id", Vec::new())
    }
    async fn set_key(&self, _: &KeySchema) -> AdapterResult<()> {
        self.record("set_key", ())
    }
    async fn update_key(&self, _: &KeyId, _: &KeyUpdate) -> AdapterResult<()> {
        self.record("update_key", ())
    }
    async fn delete_key(&self, _: &KeyId) -> AdapterResult<()> {
        self.record("delete_key", ())
    }
    async fn delete_keys_by_user_id(&self, _: &UserId) -> AdapterResult<()> {
        self.record("delete_keys_by_user_id", ())
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods, reason = "a method that is not recorded is not tested")]
impl SessionAdapter for Recorder {
    async fn get_session(&self, _: &SessionId) -> AdapterResult<Option<SessionSchema>> {
        self.record("get_session", None)
    }
    async fn get_sessions(&self, _: &[SessionId]) -> AdapterResult<Vec<SessionSchema>> {
        self.record("get_sessions", Vec::new())
    }
    async fn get_first_session(&self, _: &[SessionId]) -> AdapterResult<Option<SessionSchema>> {
        self.record("get_first_session", None)
    }
    async fn get_sessions_by_user_id(&self, _: &UserId) -> AdapterResult<Vec<SessionSchema>> {
        self.record("get_sessions_by_user_id", Vec::new())
    }
    async fn set_session(&self, _: &SessionSchema) -> AdapterResult<()> {
        self.record("set_session", ())
    }
    async fn update_session(&self, _: &SessionId, _: &SessionUpdate) -> AdapterResult<()> {
        self.record("update_session", ())
    }
    async fn delete_session(&self, _: &SessionId) -> AdapterResult<()> {
        self.record("delete_session", ())
    }
    fn frees_ids(&self) -> bool {
        self.record("frees_ids", true).unwrap()
    }
    async fn delete_sessions_by_user_id(&self, _: &UserId) -> AdapterResult<()> {
        self.record("delete_sessions_by_user_id", ())
    }
    async fn delete_expired_sessions(&self, _: UnixMillis, _: usize) -> AdapterResult<usize> {
        self.record("delete_expired_sessions", 0)
    }
    async fn delete_other_sessions(&self, _: &UserId, _: &SessionId) -> AdapterResult<()> {
        self.record("delete_other_sessions", ())
    }
    async fn delete_oldest_sessions(&self, _: &UserId, _: &SessionId, _: &str, _: usize) -> AdapterResult<()> {
        self.record("delete_oldest_sessions", ())
    }
    async fn rotate_session(&self, _: &SessionId, _: &SessionId, _: &SessionUpdate) -> AdapterResult<()> {
        self.record("rotate_session", ())
    }
}

/// Returns the methods of a trait, from its source: the tests fail for a new one that [`call_all`] does not call.
fn methods(source: &'static str) -> impl Iterator<Item = &'static str> {
    let (_, methods) = source.split_once("pub trait ").unwrap();
    let lines = methods.lines().filter_map(|line| line.strip_prefix("    "));
    let signatures = lines.filter_map(|line| line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn "));
    signatures.map(|signature| signature.split_once('(').unwrap().0)
}

const USER: &str = include_str!("../../src/adapter/user.rs");
const SESSION: &str = include_str!("../../src/adapter/session.rs");
const JOINED: &str = include_str!("../../src/adapter/mod.rs");

fn all_methods() -> BTreeSet<&'static str> {
    [USER, SESSION, JOINED].into_iter().flat_map(methods).collect()
}

/// Calls every method.
async fn call_all(adapter: &impl Adapter) {
    let (user_id, session_id, key_id) = (UserId::from("u1"), SessionId::from("s1"), KeyId::new("p", "k1").unwrap());
    let user = UserSchema::new(user_id.clone());
    let key = KeySchema::new(key_id.clone(), user_id.clone());
    let session = SessionSchema::new(session_id.clone(), user_id.clone(), UnixMillis::MAX, UnixMillis::MAX);
    adapter.get_session_and_user(&session_id).await.unwrap();
    adapter.get_first_session_and_user(std::slice::from_ref(&session_id)).await.unwrap();
    adapter.get_first_session(std::slice::from_ref(&session_id)).await.unwrap();
    adapter.get_sessions_and_users(std::slice::from_ref(&session_id)).await.unwrap();
    adapter.get_sessions(std::slice::from_ref(&session_id)).await.unwrap();
    adapter.set_session_and_get_user(&session).await.unwrap();
    adapter.get_user(&user_id).await.unwrap();
    adapter.set_user(&user, Some(&key)).await.unwrap();
    adapter.update_user(&user_id, &UserUpdate::default()).await.unwrap();
    adapter.delete_user(&user_id).await.unwrap();
    adapter.get_key(&key_id).await.unwrap();
    adapter.get_keys_by_user_id(&user_id).await.unwrap();
    adapter.set_key(&key).await.unwrap();
    adapter.update_key(&key_id, &KeyUpdate::default()).await.unwrap();
    adapter.delete_key(&key_id).await.unwrap();
    adapter.delete_keys_by_user_id(&user_id).await.unwrap();
    adapter.get_session(&session_id).await.unwrap();
    adapter.get_sessions_by_user_id(&user_id).await.unwrap();
    adapter.set_session(&session).await.unwrap();
    adapter.update_session(&session_id, &SessionUpdate::default()).await.unwrap();
    adapter.delete_session(&session_id).await.unwrap();
    assert!(adapter.frees_ids());
    adapter.delete_sessions_by_user_id(&user_id).await.unwrap();
    adapter.delete_expired_sessions(UnixMillis::MAX, 1).await.unwrap();
    adapter.delete_other_sessions(&user_id, &session_id).await.unwrap();
    adapter.delete_oldest_sessions(&user_id, &session_id, "created_at", 1).await.unwrap();
    adapter.rotate_session(&session_id, &"s2".into(), &SessionUpdate::default()).await.unwrap();
}

async fn assert_forwards_all<A: Adapter>(wrap: impl FnOnce(Recorder) -> A) {
    let (recorder, calls) = Recorder::new();
    call_all(&wrap(recorder)).await;
    assert_eq!(*calls.lock().unwrap(), all_methods(), "{}", std::any::type_name::<A>());
}

#[tokio::test]
async fn wrappers_forward_every_method() {
    assert_forwards_all(|recorder| recorder).await;
    assert_forwards_all(Arc::new).await;
    assert_forwards_all(Box::new).await;
    assert_forwards_all(|recorder| -> &'static Recorder { Box::leak(Box::new(recorder)) }).await;
    assert_forwards_all(|recorder| -> Arc<dyn Adapter> { Arc::new(recorder) }).await;
    assert_forwards_all(|recorder| -> Box<dyn Adapter> { Box::new(recorder) }).await;
}

#[tokio::test]
async fn split_adapter_forwards_every_method_except_the_joined_ones() {
    let ((users, user_calls), (sessions, session_calls)) = (Recorder::new(), Recorder::new());
    call_all(&SplitAdapter::new(users, sessions)).await;
    assert_eq!(*user_calls.lock().unwrap(), methods(USER).collect());
    assert_eq!(*session_calls.lock().unwrap(), methods(SESSION).collect());
}
