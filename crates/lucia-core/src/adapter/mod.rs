//! The storage traits. Their methods keep the names of Lucia's (`get_`, `set_`, `update_`, `delete_`), so that its
//! documentation applies.
//!
//! Each bullet under "Contract" starts with the name of the case in `adapter-tests` that checks it.

mod user;
mod session;
mod token;
mod scan;
mod split;
mod forward;

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
};

use async_trait::async_trait;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

pub use self::{
    scan::{SessionPage, SessionScan},
    session::SessionAdapter,
    split::SplitAdapter,
    token::TokenAdapter,
    user::UserAdapter,
};
use crate::{AdapterErrorKind, AdapterResult, SessionId, SessionSchema, UserSchema};

/// The number of users that are read side by side: those of a request with four cookies, each of which may have two ids.
const READS_AT_ONCE: usize = 8;

/// Stores users, keys and sessions. `lucia-auth` runs on any implementation.
///
/// The default methods are correct on the required ones. Override them if the store needs fewer steps.
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
    note = "an adapter that stores all of them also needs `impl Adapter for {Self} {{}}`",
    note = "`SplitAdapter::new(users, sessions)` joins an adapter for users and keys with one for sessions",
    note = "an `Arc`, a `Box` or a `&'static` reference to an adapter is an adapter"
)]
#[async_trait]
pub trait Adapter: UserAdapter + SessionAdapter {
    /// Returns a session and its user.
    ///
    /// Defaults to two reads, and deletes a session whose user does not exist: a store without foreign keys may contain
    /// such orphans, and a new user with the same id must not revive one.
    ///
    /// # Contract
    /// - `get_session_and_user_returns_what_the_separate_calls_return`: every field of both.
    /// - `get_session_and_user_of_an_unknown_id_is_none`: it is not an error.
    /// - `get_session_and_user_of_an_orphan_is_none`: and the orphan is deleted.
    /// - `get_session_and_user_does_not_mix_columns`: with the same name in both tables.
    /// - `get_session_and_user_works_on_the_default`: in a [`SplitAdapter`](crate::SplitAdapter) the default
    ///   joins the two.
    async fn get_session_and_user(&self, session_id: &SessionId) -> AdapterResult<Option<(SessionSchema, UserSchema)>> {
        let session = self.get_session(session_id).await?;
        join_user(self, session).await
    }

    /// Returns the first of these sessions that exists, in the order of the ids, with its user. The ids are those under
    /// which one session may be stored; it may move from a later id to an earlier one meanwhile, and is found then.
    ///
    /// Defaults to [`get_first_session`](SessionAdapter::get_first_session), then its user, and deletes an orphan like
    /// [`get_session_and_user`](Self::get_session_and_user).
    ///
    /// # Contract
    /// - `get_first_session_and_user_returns_the_first_that_exists`: with its user; none is not an error.
    /// - `get_first_session_and_user_of_an_orphan_is_none`: and the orphan is deleted.
    async fn get_first_session_and_user(
        &self,
        session_ids: &[SessionId],
    ) -> AdapterResult<Option<(SessionSchema, UserSchema)>> {
        let session = self.get_first_session(session_ids).await?;
        join_user(self, session).await
    }

    /// Returns several sessions with their users, in no particular order. A client may send several cookies with one
    /// name.
    ///
    /// Defaults to reading the sessions together, then their users side by side and each once, and deletes orphans like
    /// [`get_session_and_user`](Self::get_session_and_user).
    ///
    /// # Contract
    /// - `get_sessions_and_users_returns_what_the_separate_calls_return`: without duplicates; unknown ids are omitted.
    /// - `get_sessions_and_users_leaves_out_orphans`: and deletes them.
    async fn get_sessions_and_users(
        &self,
        session_ids: &[SessionId],
    ) -> AdapterResult<Vec<(SessionSchema, UserSchema)>> {
        let sessions = self.get_sessions(session_ids).await?;
        let user_ids: BTreeSet<_> = sessions.iter().map(|session| session.user_id.clone()).collect();
        let reads: Vec<_> = user_ids.iter().map(|user_id| self.get_user(user_id)).collect();
        let users: Vec<_> = stream::iter(reads).buffered(READS_AT_ONCE).try_collect().await?;
        let users: BTreeMap<_, _> = user_ids.into_iter().zip(users).collect();
        let mut found = Vec::with_capacity(sessions.len());
        for session in sessions {
            match users.get(&session.user_id) {
                Some(Some(user)) => found.push((session, user.clone())),
                _ => self.delete_session(&session.id).await?,
            }
        }
        Ok(found)
    }

    /// Inserts a session and returns its user.
    ///
    /// Defaults to inserting it, then reading the user, and deleting the session again if there is none. Whoever deletes
    /// the user deletes the sessions that were stored before, so a user deleted meanwhile leaves no session behind.
    /// If the store does not [free ids](SessionAdapter::frees_ids), the user is also read before, so that the id of a
    /// refused session can be set again. With foreign keys one statement is enough.
    ///
    /// # Contract
    /// - `set_session_and_get_user_inserts_the_session`: and returns the stored user.
    /// - `set_session_and_get_user_of_an_unknown_user_is_invalid`: nothing is stored, with or without foreign keys, and
    ///   once the user exists, the session can be set.
    /// - `set_session_and_get_user_with_a_duplicate_id_changes_nothing`: like `set_session`.
    ///
    /// # Errors
    /// [`InvalidUserId`](AdapterErrorKind::InvalidUserId), and those of [`SessionAdapter::set_session`] and
    /// [`UserAdapter::get_user`]. If the session cannot be deleted again, it may be stored: the error is that of the
    /// deletion if there is no user, and that of the read if the user could not be read.
    async fn set_session_and_get_user(&self, session: &SessionSchema) -> AdapterResult<UserSchema> {
        if !self.frees_ids() && self.get_user(&session.user_id).await?.is_none() {
            return Err(AdapterErrorKind::InvalidUserId.into());
        }
        self.set_session(session).await?;
        match self.get_user(&session.user_id).await {
            Ok(Some(user)) => Ok(user),
            Ok(None) => {
                self.delete_session(&session.id).await?;
                Err(AdapterErrorKind::InvalidUserId.into())
            }
            Err(error) => {
                if let Err(deletion) = self.delete_session(&session.id).await {
                    let error: &(dyn Error + 'static) = &deletion;
                    tracing::warn!(error, "session not deleted, whose user could not be read");
                }
                Err(error)
            }
        }
    }
}

/// Reads the user of a session. A session without one is deleted.
async fn join_user<A: Adapter + ?Sized>(
    adapter: &A,
    session: Option<SessionSchema>,
) -> AdapterResult<Option<(SessionSchema, UserSchema)>> {
    let Some(session) = session else { return Ok(None) };
    match adapter.get_user(&session.user_id).await? {
        Some(user) => Ok(Some((session, user))),
        None => {
            adapter.delete_session(&session.id).await?;
            Ok(None)
        }
    }
}
