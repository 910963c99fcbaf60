//! Tests of the default methods of the traits.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::sync::atomic::{AtomicUsize, Ordering};

use lucia_core::{
    AdapterError, AdapterErrorKind as Kind, AdapterResult, SessionAdapter, SessionId, SessionSchema, SessionUpdate,
    UnixMillis, UserId, async_trait, memory::MemoryAdapter,
};

/// Implements the required methods only, and cannot delete some sessions.
#[derive(Debug)]
struct Failing(MemoryAdapter);

#[async_trait]
impl SessionAdapter for Failing {
    async fn get_session(&self, session_id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
        self.0.get_session(session_id).await
    }

    async fn get_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>> {
        let mut sessions = self.0.get_sessions_by_user_id(user_id).await?;
        sessions.sort_unstable_by(|one, other| one.id.as_str().cmp(other.id.as_str()));
        Ok(sessions)
    }

    async fn set_session(&self, session: &SessionSchema) -> AdapterResult<()> {
        self.0.set_session(session).await
    }

    async fn update_session(&self, session_id: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        self.0.update_session(session_id, update).await
    }

    async fn delete_session(&self, session_id: &SessionId) -> AdapterResult<()> {
        match session_id.as_str() {
            "bad1" => Err(AdapterError::new(Kind::Decode)),
            "bad2" => Err(AdapterError::new(Kind::Backend)),
            _ => self.0.delete_session(session_id).await,
        }
    }

    async fn delete_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        self.0.delete_sessions_by_user_id(user_id).await
    }

    async fn delete_expired_sessions(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        self.0.delete_expired_sessions(now, limit).await
    }
}

#[tokio::test]
async fn an_undeletable_session_does_not_stop_the_deletion_of_others() {
    let adapter = Failing(MemoryAdapter::without_foreign_keys());
    for id in ["bad1", "bad2", "kept", "s1", "s2"] {
        adapter.set_session(&SessionSchema::new(id, "u1", UnixMillis::MAX, UnixMillis::MAX)).await.unwrap();
    }
    let error = adapter.delete_other_sessions(&"u1".into(), &"kept".into()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Decode, "the first error is returned");
    assert_eq!(left(&adapter).await, ["bad1", "bad2", "kept"]);
    for id in ["s3", "s4"] {
        adapter.set_session(&SessionSchema::new(id, "u1", UnixMillis::MAX, UnixMillis::MAX)).await.unwrap();
    }
    let error = adapter.delete_oldest_sessions(&"u1".into(), &"s3".into(), "created_at", 1).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Backend, "the first error is returned");
    assert_eq!(left(&adapter).await, ["bad1", "bad2", "s3"]);
}

async fn left(adapter: &Failing) -> Vec<String> {
    let sessions = adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap();
    sessions.into_iter().map(|session| session.id.into_string()).collect()
}

/// Counts reads, and moves a session from `plain` to `hash` after one of them.
#[derive(Debug)]
struct Moving {
    memory: MemoryAdapter,
    reads: AtomicUsize,
    moves_after: usize,
}

#[async_trait]
impl SessionAdapter for Moving {
    async fn get_session(&self, session_id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
        let session = self.memory.get_session(session_id).await;
        if self.reads.fetch_add(1, Ordering::SeqCst) + 1 == self.moves_after {
            self.memory.rotate_session(&"plain".into(), &"hash".into(), &SessionUpdate::default()).await?;
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
    for (stored, moves_after, reads) in
        [("hash", 0, 1), ("plain", 0, 2), ("plain", 1, 3), ("plain", 2, 2), ("another", 0, 3)]
    {
        let memory = MemoryAdapter::without_foreign_keys();
        memory.set_session(&SessionSchema::new(stored, "u1", UnixMillis::MAX, UnixMillis::MAX)).await.unwrap();
        let adapter = Moving { memory, reads: AtomicUsize::new(0), moves_after };
        let found = adapter.get_first_session(&["hash".into(), "plain".into()]).await.unwrap();
        assert_eq!(found.is_some(), stored != "another", "{stored}, moved after {moves_after} reads");
        assert_eq!(adapter.reads.into_inner(), reads, "{stored}, moved after {moves_after} reads");
    }
}
