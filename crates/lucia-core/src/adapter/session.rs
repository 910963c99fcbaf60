use std::fmt::Debug;

use async_trait::async_trait;

use crate::{AdapterErrorKind, AdapterResult, SessionId, SessionSchema, SessionUpdate, UnixMillis, UserId};

/// Stores sessions.
///
/// Every method may also fail with [`Unavailable`](AdapterErrorKind::Unavailable), [`Decode`](AdapterErrorKind::Decode) and
/// [`Backend`](AdapterErrorKind::Backend); "Errors" lists the rest.
///
/// ```
/// use lucia_core::{SessionAdapter, SessionSchema, UnixMillis, UserAdapter, UserSchema, memory::MemoryAdapter};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let adapter = MemoryAdapter::new();
/// adapter.set_user(&UserSchema::new("u1"), None).await?;
/// let session = SessionSchema::new("s1", "u1", UnixMillis::MAX, UnixMillis::MAX);
/// adapter.set_session(&session).await?;
/// assert_eq!(adapter.get_sessions_by_user_id(&"u1".into()).await?, [session]);
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not store sessions",
    label = "not a `SessionAdapter`",
    note = "`KvSessionAdapter::new(store, layout, clock)` stores sessions in a `KvStore`",
    note = "an `Arc`, a `Box` or a `&'static` reference to an adapter is an adapter"
)]
#[async_trait]
pub trait SessionAdapter: Debug + Send + Sync + 'static {
    /// Reads a session. A dead one may be returned or not; `lucia-auth` looks at the times itself.
    ///
    /// # Contract
    /// - `get_session_returns_the_stored_row`: every attribute as it was set, integers exact.
    /// - `get_session_of_an_unknown_id_is_none`: the empty id included.
    /// - `session_ids_never_alias`: whatever characters an id has, it round-trips or is refused, and reads no other's row.
    /// - `session_ids_are_compared_exactly`: case, accents and trailing spaces count.
    /// - `sessions_of_two_stores_are_isolated`: two adapters on one server, under different names, share nothing (bug R11).
    /// - `get_session_shows_a_session_until_its_last_millisecond`: no rounding shortens it (bug R8).
    /// - `get_session_of_a_corrupt_value_fails_alone`: a typed error or `None` for that id, and no other is affected.
    /// - `get_session_reads_what_lucia_js_wrote`: where sessions are stored as its JSON, of every release.
    /// - `debug_output_holds_no_session_id`: neither the adapter's nor an error's.
    async fn get_session(&self, session_id: &SessionId) -> AdapterResult<Option<SessionSchema>>;

    /// Reads several sessions, in no particular order, in one round trip where the store can.
    ///
    /// The default reads one after the other.
    ///
    /// # Contract
    /// - `get_sessions_returns_those_that_exist`: every field as `get_session` returns it; an unknown id is left out.
    async fn get_sessions(&self, session_ids: &[SessionId]) -> AdapterResult<Vec<SessionSchema>> {
        let mut sessions = Vec::with_capacity(session_ids.len());
        for session_id in session_ids {
            sessions.extend(self.get_session(session_id).await?);
        }
        Ok(sessions)
    }

    /// Reads all sessions of a user, in no particular order. Dead ones may be among them.
    ///
    /// # Contract
    /// - `get_sessions_by_user_id_returns_all_of_the_user`: as this adapter set them, each once (bug U1).
    /// - `get_sessions_by_user_id_returns_more_than_a_page`: 1,100 of them (bug K9).
    /// - `get_sessions_by_user_id_returns_none_of_another_user`: whatever characters the user ids have (bugs R5, U6).
    /// - `get_sessions_by_user_id_ignores_a_foreign_index_entry`: an index that names another user's session does not list it (bug R5).
    /// - `get_sessions_by_user_id_skips_what_is_gone`: an index entry without a session is not an error, and is removed.
    /// - `get_sessions_by_user_id_of_an_unknown_user_is_empty`: and not an error.
    /// - `get_sessions_by_user_id_survives_a_corrupt_value`: the other sessions are returned (bug R9).
    async fn get_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>>;

    /// Inserts a session.
    ///
    /// # Contract
    /// - `set_session_inserts_the_session`: it is read and listed from then on.
    /// - `set_session_with_a_duplicate_id_changes_nothing`: neither the session nor anybody's list (bugs C18, R5).
    /// - `parallel_set_session_with_one_id_has_one_winner`: the others get the duplicate error.
    /// - `set_session_of_an_unknown_user_is_invalid`: where the store has foreign keys; nothing is stored.
    /// - `set_session_with_a_past_expiry_leaves_nothing_alive`: whether it succeeds or fails (bug R6).
    /// - `set_session_records_the_expiry`: where the store expires records by itself (bugs R7, U4, K1).
    /// - `set_session_stores_large_and_nested_attributes`: a megabyte, objects, arrays, null, unicode.
    /// - `set_session_reads_back_nested_attributes_or_refuses_them`: as deep as attributes may be.
    /// - `set_session_never_rounds_integers`: above 2^53 they are exact, or refused.
    /// - `set_session_refuses_hostile_attribute_names`: a name that is no column is an error, never SQL (bug S2).
    /// - `set_session_with_a_dangling_reference_blames_no_user`: an attribute that is a foreign key is not the user (bug P3).
    /// - `set_session_that_fails_half_way_leaves_nothing`: neither a value nor an index entry (bug R6).
    ///
    /// # Errors
    /// [`DuplicateSessionId`](AdapterErrorKind::DuplicateSessionId),
    /// [`InvalidUserId`](AdapterErrorKind::InvalidUserId),
    /// [`DuplicateAttribute`](AdapterErrorKind::DuplicateAttribute),
    /// [`InvalidAttribute`](AdapterErrorKind::InvalidAttribute),
    /// [`UnsupportedId`](AdapterErrorKind::UnsupportedId).
    async fn set_session(&self, session: &SessionSchema) -> AdapterResult<()>;

    /// Changes some fields of a session.
    ///
    /// # Contract
    /// - `update_session_keeps_other_fields`: only those named change.
    /// - `update_session_stores_null`: the attribute is there, and null.
    /// - `update_session_with_nothing_changes_nothing`: and succeeds; a recorded expiry stays (bugs S1, U5).
    /// - `update_session_refuses_hostile_attribute_names`: as `set_session` does (bug S2).
    /// - `update_session_of_an_unknown_id_is_invalid`: even if the update is empty; nothing is created.
    /// - `update_session_moves_the_recorded_expiry`: both ways, where the store has one.
    /// - `update_session_never_resurrects`: a session deleted at the same time stays deleted (bug R1).
    /// - `parallel_update_session_loses_nothing`: updates of different fields are all there afterwards (bug R2).
    /// - `update_session_with_another_expiry_than_expected_conflicts`: and changes nothing.
    /// - `parallel_update_session_with_one_expectation_has_one_winner`: the others get the conflict.
    /// - `update_session_to_a_past_expiry_ends_it`: it is neither alive nor listed as alive afterwards.
    /// - `update_session_to_a_past_expiry_frees_its_id`: as `delete_session` does.
    ///
    /// # Errors
    /// [`InvalidSessionId`](AdapterErrorKind::InvalidSessionId),
    /// [`Conflict`](AdapterErrorKind::Conflict),
    /// [`DuplicateAttribute`](AdapterErrorKind::DuplicateAttribute),
    /// [`InvalidAttribute`](AdapterErrorKind::InvalidAttribute).
    async fn update_session(&self, session_id: &SessionId, update: &SessionUpdate) -> AdapterResult<()>;

    /// Deletes a session.
    ///
    /// # Contract
    /// - `delete_session_removes_it_and_its_index_entry`: the user's other sessions stay (bug U2).
    /// - `delete_session_twice_succeeds`: deleting an unknown id is not an error.
    /// - `delete_session_deletes_only_that_session`: not one whose id begins with it, nor what a pattern would match.
    /// - `delete_session_frees_its_id`: if it is set again for another user, the first one neither sees nor ends that session.
    async fn delete_session(&self, session_id: &SessionId) -> AdapterResult<()>;

    /// Deletes all sessions of a user.
    ///
    /// # Contract
    /// - `delete_sessions_by_user_id_deletes_all_of_the_user`: as this adapter set them (bugs U1, U3).
    /// - `delete_sessions_by_user_id_deletes_none_of_another_user`: whatever characters the user ids have.
    /// - `delete_sessions_by_user_id_spares_a_foreign_index_entry`: an index that names another user's session does not end it.
    /// - `delete_sessions_by_user_id_deletes_what_was_set_in_parallel`: 20 sessions at once (bug K3).
    /// - `delete_sessions_by_user_id_misses_none_set_in_parallel`: afterwards a session is gone, or alive and listed (bugs R3, K3).
    /// - `delete_sessions_by_user_id_deletes_more_than_a_page`: 2,000 of them.
    /// - `delete_sessions_by_user_id_frees_their_ids`: as `delete_session` does.
    /// - `delete_sessions_by_user_id_of_an_unknown_user_succeeds`: it is not an error.
    async fn delete_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<()>;

    /// Deletes sessions of any user whose `idle_expires` lies before `now`: at most `limit` of them, so that no lock lasts.
    ///
    /// Returns how many it deleted; fewer than `limit` means that none is left. A store that expires records by itself
    /// deletes none and returns 0. It has no default, because no other method finds the sessions of all users.
    ///
    /// # Contract
    /// - `delete_expired_sessions_deletes_only_dead_ones`: of every user; one that expires at `now` stays.
    /// - `delete_expired_sessions_stops_at_the_limit`: and says how many it deleted.
    /// - `delete_expired_sessions_leaves_it_to_the_store`: where the store expires records by itself.
    /// - `delete_expired_sessions_frees_their_ids`: as `delete_session` does, or the store where it expires records by itself.
    async fn delete_expired_sessions(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize>;

    /// Deletes all sessions of a user but one.
    ///
    /// The default lists the sessions and deletes one after the other. One that cannot be deleted keeps none of the others
    /// from it, and is the error at the end.
    ///
    /// # Contract
    /// - `delete_other_sessions_keeps_one`: and deletes all the others of that user.
    /// - `delete_other_sessions_never_keeps_another_users_session`: an id that is not the user's keeps nothing of theirs.
    /// - `delete_other_sessions_frees_their_ids`: as `delete_session` does.
    async fn delete_other_sessions(&self, user_id: &UserId, keep: &SessionId) -> AdapterResult<()> {
        let mut outcome = Ok(());
        for session in self.get_sessions_by_user_id(user_id).await? {
            if session.id != *keep {
                let deleted = self.delete_session(&session.id).await;
                outcome = outcome.and(deleted);
            }
        }
        outcome
    }

    /// Gives a session a new id, and changes some fields at the same time. The new one exists before the old one goes.
    ///
    /// The default stores the session under its new id, makes sure that nobody revoked or changed the old one in the
    /// meantime, and deletes the old one. It leaves a moment in which a revocation of the old one alone is missed; an adapter
    /// that can do it in one step should.
    ///
    /// # Contract
    /// - `rotate_session_gives_a_session_a_new_id`: the old id is unknown afterwards; the list has the new one only.
    /// - `rotate_session_frees_the_old_id`: as `delete_session` does.
    /// - `rotate_session_keeps_other_fields`: those that the update does not name, as they are stored at that moment.
    /// - `rotate_session_of_an_unknown_id_is_invalid`: and the new one is not there.
    /// - `rotate_session_to_a_taken_id_changes_nothing`: neither session.
    /// - `rotate_session_with_another_expiry_than_expected_conflicts`: and changes nothing.
    /// - `rotate_session_survives_no_revocation`: after a parallel revocation of all, neither is alive.
    /// - `parallel_rotate_session_has_one_winner`: the others find no session, or the conflict.
    ///
    /// # Errors
    /// [`InvalidSessionId`](AdapterErrorKind::InvalidSessionId) if there is no session `old`,
    /// [`DuplicateSessionId`](AdapterErrorKind::DuplicateSessionId) if there is a session `new`,
    /// [`Conflict`](AdapterErrorKind::Conflict) if the old one changed at the same time, and those of
    /// [`update_session`](Self::update_session).
    async fn rotate_session(&self, old: &SessionId, new: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        let stored = self.get_session(old).await?.ok_or(AdapterErrorKind::InvalidSessionId)?;
        let rotated = stored.rotated(new, update).ok_or(AdapterErrorKind::Conflict)?;
        self.set_session(&rotated).await?;
        let replaced = match self.get_session(old).await {
            Ok(Some(unchanged)) if unchanged == stored => self.delete_session(old).await,
            Ok(Some(_)) => Err(AdapterErrorKind::Conflict.into()),
            Ok(None) => Err(AdapterErrorKind::InvalidSessionId.into()),
            Err(error) => Err(error),
        };
        if replaced.is_err() {
            self.delete_session(new).await?;
        }
        replaced
    }
}
