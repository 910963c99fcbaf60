use async_trait::async_trait;
use lucia_core::{SessionId, UnixMillis, UserId};

use crate::BoxError;

/// How a stored session is made unreadable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Corruption {
    /// It is cut off, or otherwise no value of the right form.
    Garbage,
    /// It is a value of another kind: a list in the place of a string, a session without its times.
    OtherKind,
}

/// A way past the adapter to what its store holds.
///
/// Implement what the [`Profile`](crate::Profile) says that it can; the rest fails by default and is never called.
#[async_trait]
pub trait BackDoor: Send + Sync + 'static {
    /// The stored JSON of a session. Needs [`RawSessions`](crate::Access::RawSessions), as the next method does.
    async fn raw_session(&self, session_id: &SessionId) -> Result<Option<Vec<u8>>, BoxError> {
        let _ = session_id;
        Err("the back door has no raw_session".into())
    }

    /// Replaces the stored JSON of a session. The index and the recorded expiry stay.
    async fn put_raw_session(&self, session_id: &SessionId, json: &[u8]) -> Result<(), BoxError> {
        let _ = (session_id, json);
        Err("the back door has no put_raw_session".into())
    }

    /// Makes a stored session unreadable. Needs [`Corruption`](crate::Access::Corruption).
    async fn corrupt_session(&self, session_id: &SessionId, how: Corruption) -> Result<(), BoxError> {
        let _ = (session_id, how);
        Err("the back door has no corrupt_session".into())
    }

    /// The sessions that the index of a user names. Needs [`Index`](crate::Access::Index), as the next two methods do.
    async fn index(&self, user_id: &UserId) -> Result<Vec<SessionId>, BoxError> {
        let _ = user_id;
        Err("the back door has no index".into())
    }

    /// Adds an entry to the index of a user. Where the profile does not promise
    /// [`AtomicIndex`](crate::Promise::AtomicIndex), it is one so old that it belongs to nothing that is being written.
    async fn put_index_entry(&self, user_id: &UserId, session_id: &SessionId) -> Result<(), BoxError> {
        let _ = (user_id, session_id);
        Err("the back door has no put_index_entry".into())
    }

    /// Drops a session, and not its index entry, as the store does when the session has expired.
    async fn expire_session(&self, session_id: &SessionId) -> Result<(), BoxError> {
        let _ = session_id;
        Err("the back door has no expire_session".into())
    }

    /// When the store will drop a session; `None` for never. Needs [`RecordedExpiry`](crate::Access::RecordedExpiry), as the
    /// next method does.
    async fn recorded_expiry(&self, session_id: &SessionId) -> Result<Option<UnixMillis>, BoxError> {
        let _ = session_id;
        Err("the back door has no recorded_expiry".into())
    }

    /// When the store will drop the index entry of a session, or the whole index of its user; `None` for never.
    async fn recorded_index_expiry(
        &self,
        user_id: &UserId,
        session_id: &SessionId,
    ) -> Result<Option<UnixMillis>, BoxError> {
        let _ = (user_id, session_id);
        Err("the back door has no recorded_index_expiry".into())
    }

    /// Makes the `nth` write from now on fail, once; the next one is the first. Needs
    /// [`FailingWrites`](crate::Access::FailingWrites).
    async fn fail_write(&self, nth: usize) -> Result<(), BoxError> {
        let _ = nth;
        Err("the back door has no fail_write".into())
    }
}
