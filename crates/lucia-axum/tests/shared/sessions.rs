use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use lucia_auth::{
    AdapterErrorKind, SessionAdapter, SessionId, UnixMillis, UserId,
    lucia_core::{AdapterResult, SessionSchema, SessionUpdate, async_trait},
    memory::MemoryAdapter,
};
use tokio::sync::{Mutex, MutexGuard};

/// A session adapter in memory that counts reads, and can be made unavailable or delay listings.
#[derive(Debug)]
pub(crate) struct Sessions {
    memory: MemoryAdapter,
    reads: AtomicUsize,
    down: AtomicBool,
    lists: Mutex<()>,
    waiting: AtomicUsize,
}

impl Sessions {
    pub(crate) fn new() -> Self {
        Self {
            memory: MemoryAdapter::without_foreign_keys(),
            reads: AtomicUsize::new(0),
            down: AtomicBool::new(false),
            lists: Mutex::new(()),
            waiting: AtomicUsize::new(0),
        }
    }

    /// Delays listings until the guard is dropped.
    #[allow(dead_code, reason = "not every test binary uses it")]
    pub(crate) async fn hold_lists(&self) -> MutexGuard<'_, ()> {
        self.lists.lock().await
    }

    /// Waits until a listing is delayed.
    #[allow(dead_code, reason = "not every test binary uses it")]
    pub(crate) async fn until_listed(&self) {
        while self.waiting.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
    }

    pub(crate) fn take_reads(&self) -> usize {
        self.reads.swap(0, Ordering::SeqCst)
    }

    pub(crate) fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
    }

    fn check_available(&self) -> AdapterResult<()> {
        if self.down.load(Ordering::SeqCst) {
            return Err(AdapterErrorKind::Unavailable.into());
        }
        Ok(())
    }
}

#[async_trait]
impl SessionAdapter for Sessions {
    async fn get_session(&self, session_id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.check_available()?;
        self.memory.get_session(session_id).await
    }
    async fn get_first_session(&self, session_ids: &[SessionId]) -> AdapterResult<Option<SessionSchema>> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.check_available()?;
        self.memory.get_first_session(session_ids).await
    }
    async fn get_sessions(&self, session_ids: &[SessionId]) -> AdapterResult<Vec<SessionSchema>> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.check_available()?;
        self.memory.get_sessions(session_ids).await
    }
    async fn get_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>> {
        self.check_available()?;
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let _turn = self.lists.lock().await;
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        self.memory.get_sessions_by_user_id(user_id).await
    }
    async fn set_session(&self, session: &SessionSchema) -> AdapterResult<()> {
        self.check_available()?;
        self.memory.set_session(session).await
    }
    async fn update_session(&self, session_id: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        self.check_available()?;
        self.memory.update_session(session_id, update).await
    }
    async fn delete_session(&self, session_id: &SessionId) -> AdapterResult<()> {
        self.check_available()?;
        self.memory.delete_session(session_id).await
    }
    async fn delete_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        self.check_available()?;
        self.memory.delete_sessions_by_user_id(user_id).await
    }
    async fn delete_expired_sessions(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        self.check_available()?;
        self.memory.delete_expired_sessions(now, limit).await
    }
}
