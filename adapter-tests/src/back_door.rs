use async_trait::async_trait;
use lucia_core::{SessionId, TokenId, UnixMillis, UserId};

use crate::BoxError;

/// A way to make a stored session unreadable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Corruption {
    /// A truncated or malformed value.
    Garbage,
    /// A value of another kind: a list instead of a string, or a session without its times.
    OtherKind,
}

/// Direct access to the data of a store, bypassing the adapter.
///
/// Implement the methods for the operations that the [`Profile`](crate::Profile) declares. The others are never called;
/// by default they fail.
#[async_trait]
pub trait BackDoor: Send + Sync + 'static {
    /// Returns the stored JSON of a session. Needs [`RawSessions`](crate::Access::RawSessions), as does the next
    /// method.
    async fn raw_session(&self, session_id: &SessionId) -> Result<Option<Vec<u8>>, BoxError> {
        let _ = session_id;
        Err("the back door has no raw_session".into())
    }

    /// Replaces the stored JSON of a session. The index and the recorded expiry stay unchanged.
    async fn put_raw_session(&self, session_id: &SessionId, json: &[u8]) -> Result<(), BoxError> {
        let _ = (session_id, json);
        Err("the back door has no put_raw_session".into())
    }

    /// Makes a stored session unreadable. Needs [`Corruption`](crate::Access::Corruption).
    async fn corrupt_session(&self, session_id: &SessionId, how: Corruption) -> Result<(), BoxError> {
        let _ = (session_id, how);
        Err("the back door has no corrupt_session".into())
    }

    /// Returns the sessions in the index of a user. Needs [`Index`](crate::Access::Index), as do the next two methods.
    async fn index(&self, user_id: &UserId) -> Result<Vec<SessionId>, BoxError> {
        let _ = user_id;
        Err("the back door has no index".into())
    }

    /// Adds an entry to the index of a user. If the profile does not promise
    /// [`AtomicIndex`](crate::Promise::AtomicIndex), the entry must be old enough not to belong to a session that is
    /// being written.
    async fn put_index_entry(&self, user_id: &UserId, session_id: &SessionId) -> Result<(), BoxError> {
        let _ = (user_id, session_id);
        Err("the back door has no put_index_entry".into())
    }

    /// Drops a session without its index entry, as the store does when the session expires.
    async fn expire_session(&self, session_id: &SessionId) -> Result<(), BoxError> {
        let _ = session_id;
        Err("the back door has no expire_session".into())
    }

    /// Returns when the store will drop a session, or `None` for never. Needs
    /// [`RecordedExpiry`](crate::Access::RecordedExpiry), as do the next three methods.
    async fn recorded_expiry(&self, session_id: &SessionId) -> Result<Option<UnixMillis>, BoxError> {
        let _ = session_id;
        Err("the back door has no recorded_expiry".into())
    }

    /// Returns when the store will drop the index entry of a session, or the whole index of its user, or `None` for
    /// never.
    async fn recorded_index_expiry(
        &self,
        user_id: &UserId,
        session_id: &SessionId,
    ) -> Result<Option<UnixMillis>, BoxError> {
        let _ = (user_id, session_id);
        Err("the back door has no recorded_index_expiry".into())
    }

    /// Returns when the store will drop a token, or `None` for never.
    async fn recorded_token_expiry(&self, token_id: &TokenId) -> Result<Option<UnixMillis>, BoxError> {
        let _ = token_id;
        Err("the back door has no recorded_token_expiry".into())
    }

    /// Returns when the store will drop a counter, or `None` for never.
    async fn recorded_counter_expiry(&self, key: &str) -> Result<Option<UnixMillis>, BoxError> {
        let _ = key;
        Err("the back door has no recorded_counter_expiry".into())
    }

    /// Makes the `nth` next write fail, once; 1 is the next write. Needs
    /// [`FailingWrites`](crate::Access::FailingWrites).
    async fn fail_write(&self, nth: usize) -> Result<(), BoxError> {
        let _ = nth;
        Err("the back door has no fail_write".into())
    }

    /// Returns everything that the store holds, such as a dump of its tables or all its keys and values, in any format
    /// that shows text as it is. Needs [`StoredBytes`](crate::Access::StoredBytes).
    async fn stored_bytes(&self) -> Result<Vec<u8>, BoxError> {
        Err("the back door has no stored_bytes".into())
    }
}
