use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use lucia_core::{
    AdapterErrorKind as Kind, AdapterResult, KeyId, KeySchema, KeyUpdate, SessionAdapter, SessionId, SessionSchema,
    SessionUpdate, UnixMillis, UserAdapter, UserId, UserSchema, UserUpdate, async_trait, memory::MemoryAdapter,
};

/// One half of a `SplitAdapter`, which records its calls in the order in which they start.
#[derive(Clone, Debug)]
pub(crate) struct Half {
    pub(crate) memory: MemoryAdapter,
    pub(crate) frees_ids: bool,
    /// Whether users are found by ids in another case, as by a collation that ignores it.
    pub(crate) ignores_case: bool,
    /// The users that cannot be read.
    pub(crate) unreadable: Vec<UserId>,
    /// Whether sessions can be deleted.
    pub(crate) deletes: bool,
    calls: Arc<Mutex<Vec<&'static str>>>,
    running: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Half {
    pub(crate) fn new() -> Self {
        Self {
            memory: MemoryAdapter::without_foreign_keys(),
            frees_ids: true,
            ignores_case: false,
            unreadable: Vec::new(),
            deletes: true,
            calls: Arc::default(),
            running: Arc::default(),
            most: Arc::default(),
        }
    }

    /// Returns the other half, which records its calls in the same list.
    pub(crate) fn other(&self) -> Self {
        Self { memory: MemoryAdapter::without_foreign_keys(), ..self.clone() }
    }

    pub(crate) fn take_calls(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.calls.lock().unwrap())
    }

    /// Returns how many users were read at the same time, at most.
    pub(crate) fn most_at_once(&self) -> usize {
        self.most.load(SeqCst)
    }

    fn record(&self, method: &'static str) -> &MemoryAdapter {
        self.calls.lock().unwrap().push(method);
        &self.memory
    }
}

#[async_trait]
impl UserAdapter for Half {
    async fn get_user(&self, user_id: &UserId) -> AdapterResult<Option<UserSchema>> {
        let lower_case = UserId::new(user_id.as_str().to_lowercase());
        let found = if self.ignores_case { &lower_case } else { user_id };
        let user = self.record("get_user").get_user(found).await;
        self.most.fetch_max(self.running.fetch_add(1, SeqCst) + 1, SeqCst);
        tokio::task::yield_now().await;
        self.running.fetch_sub(1, SeqCst);
        if self.unreadable.contains(user_id) { Err(Kind::Decode.into()) } else { user }
    }
    async fn set_user(&self, user: &UserSchema, key: Option<&KeySchema>) -> AdapterResult<()> {
        self.record("set_user").set_user(user, key).await
    }
    async fn update_user(&self, user_id: &UserId, update: &UserUpdate) -> AdapterResult<()> {
        self.record("update_user").update_user(user_id, update).await
    }
    async fn delete_user(&self, user_id: &UserId) -> AdapterResult<()> {
        self.record("delete_user").delete_user(user_id).await
    }
    async fn get_key(&self, key_id: &KeyId) -> AdapterResult<Option<KeySchema>> {
        self.record("get_key").get_key(key_id).await
    }
    async fn get_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<KeySchema>> {
        self.record("get_keys_by_user_id").get_keys_by_user_id(user_id).await
    }
    async fn set_key(&self, key: &KeySchema) -> AdapterResult<()> {
        self.record("set_key").set_key(key).await
    }
    async fn update_key(&self, key_id: &KeyId, update: &KeyUpdate) -> AdapterResult<()> {
        self.record("update_key").update_key(key_id, update).await
    }
    async fn delete_key(&self, key_id: &KeyId) -> AdapterResult<()> {
        self.record("delete_key").delete_key(key_id).await
    }
    async fn delete_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        self.record("delete_keys_by_user_id").delete_keys_by_user_id(user_id).await
    }
}

#[async_trait]
impl SessionAdapter for Half {
    async fn get_session(&self, session_id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
        self.record("get_session").get_session(session_id).await
    }
    async fn get_sessions(&self, session_ids: &[SessionId]) -> AdapterResult<Vec<SessionSchema>> {
        self.record("get_sessions").get_sessions(session_ids).await
    }
    async fn get_first_session(&self, session_ids: &[SessionId]) -> AdapterResult<Option<SessionSchema>> {
        self.record("get_first_session").get_first_session(session_ids).await
    }
    async fn get_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>> {
        self.record("get_sessions_by_user_id").get_sessions_by_user_id(user_id).await
    }
    async fn set_session(&self, session: &SessionSchema) -> AdapterResult<()> {
        self.record("set_session").set_session(session).await
    }
    async fn update_session(&self, session_id: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        self.record("update_session").update_session(session_id, update).await
    }
    async fn delete_session(&self, session_id: &SessionId) -> AdapterResult<()> {
        let memory = self.record("delete_session");
        if self.deletes { memory.delete_session(session_id).await } else { Err(Kind::Unavailable.into()) }
    }
    fn frees_ids(&self) -> bool {
        self.frees_ids
    }
    async fn delete_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        self.record("delete_sessions_by_user_id").delete_sessions_by_user_id(user_id).await
    }
    async fn delete_expired_sessions(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        self.record("delete_expired_sessions").delete_expired_sessions(now, limit).await
    }
}
