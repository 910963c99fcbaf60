use std::fmt::Debug;

use async_trait::async_trait;

use crate::{AdapterErrorKind, AdapterResult, SessionId, SessionSchema, SessionUpdate, UnixMillis, UserId};

/// Stores sessions.
///
/// Every method may also return [`Unavailable`](AdapterErrorKind::Unavailable), [`Decode`](AdapterErrorKind::Decode)
/// and [`Backend`](AdapterErrorKind::Backend) errors; "Errors" lists the others.
///
/// The methods keep the names of Lucia's `SessionAdapter`.
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
    note = "`KvSessionAdapter::new(store)` stores sessions in a `KvStore`",
    note = "an `Arc`, a `Box` or a `&'static` reference to an adapter is an adapter"
)]
#[async_trait]
pub trait SessionAdapter: Debug + Send + Sync + 'static {
    /// Returns a session. An expired one may be returned or not; `lucia-auth` compares the times.
    ///
    /// # Contract
    /// - `get_session_returns_the_stored_row`: every attribute as it was set, with exact integers.
    /// - `get_session_of_an_unknown_id_is_none`: also for the empty id.
    /// - `session_ids_never_alias`: an id of any characters round-trips or is rejected, and never reads another row.
    /// - `session_ids_are_compared_exactly`: case, accents and trailing spaces are significant.
    /// - `sessions_of_two_stores_are_isolated`: two adapters with different names on one server share no data.
    /// - `get_session_shows_a_session_until_its_last_millisecond`: rounding does not shorten it.
    /// - `get_session_of_a_corrupt_value_fails_alone`: a typed error or `None` for that id; other sessions are not
    ///   affected.
    /// - `get_session_reads_what_lucia_js_wrote`: of every release, if sessions are stored as JSON.
    /// - `debug_output_holds_no_session_id`: applies to the adapter and to its errors.
    async fn get_session(&self, session_id: &SessionId) -> AdapterResult<Option<SessionSchema>>;

    /// Returns several sessions, in no particular order.
    ///
    /// Defaults to one read per session. Override it if the store can read several at once.
    ///
    /// # Contract
    /// - `get_sessions_returns_those_that_exist`: every field as `get_session` returns it; unknown ids are omitted.
    async fn get_sessions(&self, session_ids: &[SessionId]) -> AdapterResult<Vec<SessionSchema>> {
        let mut sessions = Vec::with_capacity(session_ids.len());
        for session_id in session_ids {
            sessions.extend(self.get_session(session_id).await?);
        }
        Ok(sessions)
    }

    /// Returns the first of these sessions that exists, in the order of the ids. The ids are those under which one session
    /// may be stored; it may move from a later id to an earlier one meanwhile, and is found then.
    ///
    /// Defaults to one read per id up to the session, and another read of the earlier ones if there is none. Override it
    /// if the store can read all of them at once.
    ///
    /// # Contract
    /// - `get_first_session_returns_the_first_that_exists`: every field as `get_session` returns it; none is not an
    ///   error.
    async fn get_first_session(&self, session_ids: &[SessionId]) -> AdapterResult<Option<SessionSchema>> {
        // A session that moved after its new id was read has it now.
        let earlier = session_ids.split_last().map_or(&[][..], |(_, earlier)| earlier);
        for session_id in session_ids.iter().chain(earlier) {
            if let Some(session) = self.get_session(session_id).await? {
                return Ok(Some(session));
            }
        }
        Ok(None)
    }

    /// Returns all sessions of a user, in no particular order. Expired ones may be included. If a session is rotated
    /// meanwhile, a [key-value store](crate::kv#guarantees) may return it under both ids or neither.
    ///
    /// # Contract
    /// - `get_sessions_by_user_id_returns_all_of_the_user`: as this adapter set them, without duplicates.
    /// - `get_sessions_by_user_id_returns_more_than_a_page`: 1,100 sessions.
    /// - `get_sessions_by_user_id_returns_none_of_another_user`: whatever characters the user ids have.
    /// - `get_sessions_by_user_id_ignores_a_foreign_index_entry`: an entry that names another user's session is
    ///   ignored.
    /// - `get_sessions_by_user_id_skips_missing_sessions`: an index entry without a session is removed, and is not an
    ///   error.
    /// - `get_sessions_by_user_id_of_an_unknown_user_is_empty`: it is not an error.
    /// - `get_sessions_by_user_id_survives_a_corrupt_value`: the other sessions are returned.
    async fn get_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>>;

    /// Inserts a session.
    ///
    /// # Contract
    /// - `set_session_inserts_the_session`: reads and lists include it from then on.
    /// - `set_session_with_a_duplicate_id_changes_nothing`: neither the session nor any user's list.
    /// - `parallel_set_session_with_one_id_has_one_winner`: the others get the duplicate error.
    /// - `set_session_of_an_unknown_user_is_invalid`: if the store has foreign keys; nothing is stored.
    /// - `set_session_with_a_past_expiry_leaves_nothing_alive`: whether it succeeds or fails.
    /// - `set_session_records_the_expiry`: if the store expires records itself.
    /// - `set_session_stores_large_and_nested_attributes`: a megabyte, objects, arrays, null, Unicode.
    /// - `set_session_reads_back_nested_attributes_or_refuses_them`: up to the depth limit of attributes.
    /// - `set_session_never_rounds_integers`: integers above 2^53 are exact or rejected.
    /// - `set_session_refuses_hostile_attribute_names`: a name without a column is an error, never SQL.
    /// - `set_session_with_a_dangling_reference_blames_no_user`: a violated foreign key of an attribute is not
    ///   `InvalidUserId`.
    /// - `set_session_that_fails_half_way_leaves_nothing`: neither a value nor an index entry.
    ///
    /// # Errors
    /// [`DuplicateSessionId`](AdapterErrorKind::DuplicateSessionId),
    /// [`InvalidUserId`](AdapterErrorKind::InvalidUserId),
    /// [`DuplicateAttribute`](AdapterErrorKind::DuplicateAttribute),
    /// [`InvalidAttribute`](AdapterErrorKind::InvalidAttribute),
    /// [`UnsupportedId`](AdapterErrorKind::UnsupportedId).
    async fn set_session(&self, session: &SessionSchema) -> AdapterResult<()>;

    /// Updates some fields of a session.
    ///
    /// # Contract
    /// - `update_session_keeps_other_fields`: only the given fields change.
    /// - `update_session_stores_null`: the attribute exists with the value null.
    /// - `update_session_with_nothing_changes_nothing`: and succeeds; a recorded expiry is kept.
    /// - `update_session_refuses_hostile_attribute_names`: like `set_session`.
    /// - `update_session_of_an_unknown_id_is_invalid`: even if the update is empty; nothing is created.
    /// - `update_session_moves_the_recorded_expiry`: to an earlier or later time, if the store records one.
    /// - `update_session_never_resurrects`: a session that is deleted in parallel stays deleted.
    /// - `parallel_update_session_loses_nothing`: parallel updates of different fields all take effect.
    /// - `update_session_with_another_expiry_than_expected_conflicts`: and changes nothing.
    /// - `parallel_update_session_with_one_expectation_has_one_winner`: the others get the conflict error.
    /// - `update_session_to_a_past_expiry_ends_it`: afterwards it is not live, nor listed as live.
    /// - `update_session_to_a_past_expiry_frees_its_id`: like `delete_session`.
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
    /// - `delete_session_removes_it_and_its_index_entry`: the user's other sessions remain.
    /// - `delete_session_twice_succeeds`: deleting an unknown id is not an error.
    /// - `delete_session_deletes_only_that_session`: not those whose id starts with it or matches it as a pattern.
    /// - `delete_session_frees_its_id`: if the id is set again for another user, the first user neither lists nor ends
    ///   that session. The id may be refused, unless [`frees_ids`](Self::frees_ids) returns `true`.
    async fn delete_session(&self, session_id: &SessionId) -> AdapterResult<()>;

    /// Returns `true` if a deleted session leaves nothing behind: its id can be set again at once.
    ///
    /// Defaults to `false`. A store that remembers revoked ids keeps it, and
    /// [`set_session_and_get_user`](crate::Adapter::set_session_and_get_user) then takes another read, before it inserts.
    fn frees_ids(&self) -> bool {
        false
    }

    /// Deletes all sessions of a user.
    ///
    /// # Contract
    /// - `delete_sessions_by_user_id_deletes_all_of_the_user`: as this adapter set them.
    /// - `delete_sessions_by_user_id_deletes_none_of_another_user`: whatever characters the user ids have.
    /// - `delete_sessions_by_user_id_spares_a_foreign_index_entry`: an entry that names another user's session does not
    ///   end it.
    /// - `delete_sessions_by_user_id_deletes_what_was_set_in_parallel`: 20 sessions that were set in parallel.
    /// - `delete_sessions_by_user_id_misses_none_set_in_parallel`: afterwards a session is deleted, or live and listed.
    /// - `delete_sessions_by_user_id_deletes_more_than_a_page`: 2,000 sessions.
    /// - `delete_sessions_by_user_id_frees_their_ids`: like `delete_session`.
    /// - `delete_sessions_by_user_id_of_an_unknown_user_succeeds`: it is not an error.
    async fn delete_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<()>;

    /// Deletes sessions of all users whose `idle_expires` is before `now`: at most `limit`, which keeps locks short.
    ///
    /// Pass a time some minutes in the past, because the clocks of processes differ.
    ///
    /// Returns the number of deleted sessions; fewer than `limit` means that none remain. A store that expires records
    /// itself deletes nothing and returns 0. There is no default, because no other method finds the sessions of all
    /// users.
    ///
    /// # Contract
    /// - `delete_expired_sessions_deletes_only_expired_ones`: of all users; a session that expires at `now` remains.
    /// - `delete_expired_sessions_stops_at_the_limit`: and returns the number of deleted sessions.
    /// - `delete_expired_sessions_leaves_it_to_the_store`: if the store expires records itself.
    /// - `delete_expired_sessions_frees_their_ids`: like `delete_session`, also if the store expires records itself.
    async fn delete_expired_sessions(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize>;

    /// Deletes all sessions of a user except one.
    ///
    /// Defaults to listing the sessions and deleting each. If one cannot be deleted, the others still are, and its
    /// error is returned.
    ///
    /// # Contract
    /// - `delete_other_sessions_keeps_one`: and deletes all the user's others.
    /// - `delete_other_sessions_never_keeps_another_users_session`: if the id is another user's, all of the user's
    ///   sessions go.
    /// - `delete_other_sessions_frees_their_ids`: like `delete_session`.
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

    /// Deletes the oldest sessions of a user except `keep`, and keeps at most `max` with it.
    ///
    /// The younger of two sessions has the greater value of the attribute `created_at`, an integer; a session without
    /// it is the oldest. If both are equal, the session that expires later is the younger one, then the one with the
    /// greater id. The session `keep` counts as the youngest: it was just created, possibly by a process whose clock is
    /// behind. If the user has no session of this id, the others are kept by their age alone.
    ///
    /// A session that is created in parallel may be kept in addition, until its own call. After the last of parallel calls
    /// at most `max` sessions remain, but fewer may: of two calls that keep different sessions, each may delete the other's.
    ///
    /// Defaults to listing the sessions and deleting each. If one cannot be deleted, the others still are, and its
    /// error is returned.
    ///
    /// # Contract
    /// - `delete_oldest_sessions_keeps_the_youngest`: none of them if `max` is 0, and all if the user has fewer.
    /// - `delete_oldest_sessions_keeps_the_given_session`: as one of the `max`, whatever its age is; an unknown id takes no
    ///   place, and neither does another user's session.
    /// - `delete_oldest_sessions_takes_a_session_without_the_attribute_first`: whether it is null or missing.
    /// - `delete_oldest_sessions_compares_expiries_of_the_same_age`: the session that expires first goes.
    /// - `delete_oldest_sessions_deletes_none_of_another_user`: whatever the ages are.
    /// - `delete_oldest_sessions_refuses_hostile_attribute_names`: a name without a column is an error, never SQL.
    /// - `parallel_delete_oldest_sessions_keeps_as_many`: of equal sessions all calls that keep the same one delete the
    ///   same ones; calls that keep different ones leave at most `max`.
    /// - `delete_oldest_sessions_frees_their_ids`: like `delete_session`.
    ///
    /// # Errors
    /// [`InvalidAttribute`](AdapterErrorKind::InvalidAttribute) if attributes are columns and none of this name has integers.
    async fn delete_oldest_sessions(
        &self,
        user_id: &UserId,
        keep: &SessionId,
        created_at: &str,
        max: usize,
    ) -> AdapterResult<()> {
        let mut sessions = self.get_sessions_by_user_id(user_id).await?;
        sessions.sort_unstable_by(|one, other| other.compare_age(one, keep, created_at));
        let mut outcome = Ok(());
        for session in sessions.iter().skip(max) {
            let deleted = self.delete_session(&session.id).await;
            outcome = outcome.and(deleted);
        }
        outcome
    }

    /// Replaces the id of a session, and updates some fields at the same time. The new session exists before the old
    /// one is deleted.
    ///
    /// Defaults to storing the session under its new id, checking that the old one was neither revoked nor changed
    /// meanwhile, and deleting it. This can miss a revocation of only the old session just before its deletion;
    /// override it if the store can do it in one step.
    ///
    /// # Contract
    /// - `rotate_session_gives_a_session_a_new_id`: afterwards the old id is unknown, and the list contains only the
    ///   new one.
    /// - `rotate_session_frees_the_old_id`: like `delete_session`.
    /// - `rotate_session_keeps_other_fields`: fields that the update does not set keep their stored values.
    /// - `rotate_session_of_an_unknown_id_is_invalid`: and the new session is not stored.
    /// - `rotate_session_to_a_taken_id_changes_nothing`: neither session, also if the store fails.
    /// - `rotate_session_with_another_expiry_than_expected_conflicts`: and changes nothing.
    /// - `rotate_session_survives_no_revocation`: after a parallel revocation of all sessions, neither is live.
    /// - `parallel_rotate_session_has_one_winner`: the others get the unknown-session or the conflict error.
    ///
    /// # Errors
    /// [`InvalidSessionId`](AdapterErrorKind::InvalidSessionId) if there is no session `old`,
    /// [`DuplicateSessionId`](AdapterErrorKind::DuplicateSessionId) if there is a session `new`,
    /// [`Conflict`](AdapterErrorKind::Conflict) if the old one changed in parallel, and the errors of
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
