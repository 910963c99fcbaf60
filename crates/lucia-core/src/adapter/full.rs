use async_trait::async_trait;

use super::{SessionAdapter, UserAdapter};
use crate::{AdapterErrorKind, AdapterResult, SessionId, SessionSchema, UserSchema};

/// Stores users, keys and sessions: what `lucia-auth` runs on.
///
/// The default methods are correct on the primitives. An adapter overrides them where its store does the same in one step.
///
/// ```
/// use lucia_core::{Adapter, SessionAdapter, SessionSchema, UnixMillis, UserAdapter, UserSchema, memory::MemoryAdapter};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let adapter = MemoryAdapter::new();
/// let (user, session) = (UserSchema::new("u1"), SessionSchema::new("s1", "u1", UnixMillis::MAX, UnixMillis::MAX));
/// adapter.set_user(&user, None).await?;
/// adapter.set_session(&session).await?;
/// assert_eq!(adapter.get_session_and_user(&session.id).await?, Some((session, user)));
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not store users, keys and sessions",
    label = "not an `Adapter`",
    note = "`SplitAdapter::new(users, sessions)` joins an adapter for users and keys with one for sessions",
    note = "an `Arc`, a `Box` or a `&'static` reference to an adapter is an adapter"
)]
#[async_trait]
pub trait Adapter: UserAdapter + SessionAdapter {
    /// Reads a session and its user.
    ///
    /// The default reads one after the other, and deletes a session whose user is gone: a store without foreign keys may
    /// hold such orphans, and one must not come alive again with a new user of the same id.
    ///
    /// # Contract
    /// - `get_session_and_user_returns_what_the_separate_calls_return`: every field of both.
    /// - `get_session_and_user_of_an_unknown_id_is_none`: and not an error.
    /// - `get_session_and_user_of_an_orphan_is_none`: and the orphan is deleted (bug C16).
    /// - `get_session_and_user_does_not_mix_columns`: of one name in both tables.
    /// - `get_session_and_user_works_without_the_adapters_own`: in a [`SplitAdapter`](crate::SplitAdapter) the halves are joined anew.
    async fn get_session_and_user(&self, session_id: &SessionId) -> AdapterResult<Option<(SessionSchema, UserSchema)>> {
        let Some(session) = self.get_session(session_id).await? else {
            return Ok(None);
        };
        match self.get_user(&session.user_id).await? {
            Some(user) => Ok(Some((session, user))),
            None => {
                self.delete_session(session_id).await?;
                Ok(None)
            }
        }
    }

    /// Reads several sessions, each with its user, in no particular order: a client may send several cookies of one name.
    ///
    /// The default reads the sessions together and then their users, and deletes orphans, as
    /// [`get_session_and_user`](Self::get_session_and_user) does.
    ///
    /// # Contract
    /// - `get_sessions_and_users_returns_what_the_separate_calls_return`: each session once; an unknown id is left out.
    /// - `get_sessions_and_users_leaves_out_orphans`: and deletes them.
    async fn get_sessions_and_users(
        &self,
        session_ids: &[SessionId],
    ) -> AdapterResult<Vec<(SessionSchema, UserSchema)>> {
        let mut found = Vec::with_capacity(session_ids.len());
        for session in self.get_sessions(session_ids).await? {
            match self.get_user(&session.user_id).await? {
                Some(user) => found.push((session, user)),
                None => self.delete_session(&session.id).await?,
            }
        }
        Ok(found)
    }

    /// Inserts a session and returns its user.
    ///
    /// The default reads the user before and after: a user deleted in between leaves no session behind (bugs C3, C17). With
    /// foreign keys one look is enough.
    ///
    /// # Contract
    /// - `set_session_and_get_user_inserts_the_session`: and returns the user as stored.
    /// - `set_session_and_get_user_of_an_unknown_user_is_invalid`: nothing is stored, with foreign keys or without (bug C3).
    /// - `set_session_and_get_user_with_a_duplicate_id_changes_nothing`: as `set_session` does.
    ///
    /// # Errors
    /// [`InvalidUserId`](AdapterErrorKind::InvalidUserId), and those of [`SessionAdapter::set_session`].
    async fn set_session_and_get_user(&self, session: &SessionSchema) -> AdapterResult<UserSchema> {
        if self.get_user(&session.user_id).await?.is_none() {
            return Err(AdapterErrorKind::InvalidUserId.into());
        }
        self.set_session(session).await?;
        match self.get_user(&session.user_id).await? {
            Some(user) => Ok(user),
            None => {
                self.delete_session(&session.id).await?;
                Err(AdapterErrorKind::InvalidUserId.into())
            }
        }
    }
}
