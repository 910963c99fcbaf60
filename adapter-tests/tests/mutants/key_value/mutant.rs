use std::{fmt, sync::Arc};

use lucia_core::{
    AdapterResult, SessionAdapter, SessionId, SessionSchema, SessionUpdate, UnixMillis, UserId, async_trait,
};

use super::{adapter::KeyValueAdapter, deleting, reading, spelling, updating, writing};

/// A bug of an adapter. A bug of Lucia JS has its number in the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bug {
    None,
    U1IndexNamesTheUser,
    U2DeleteLooksInTheSessionsIndex,
    U3DeleteAllKeepsTheIndex,
    U4TimeToLiveIsAbsolute,
    U5UpdateLosesTheExpiry,
    U6IdsAreCutAtAQuestionMark,
    R1UpdateResurrects,
    R2UpdateIsLost,
    R3DeleteAllMissesWhatIsSetMeanwhile,
    R4ExpiredEntriesStay,
    R5DuplicatesReplace,
    R5ListHasForeignSessions,
    R5DeleteAllTakesForeignSessions,
    R6IndexIsWrittenFirst,
    R7UpdateTakesAbsoluteTimeToLive,
    R8ExpiryIsCutToSeconds,
    R9CorruptValueFailsTheList,
    R11IdsAreNotEscaped,
    K1ExpiryIsAnEpoch,
    K2ShortLivesAreRefused,
    K3IndexIsReadModifyWrite,
    K4ExpiredIdsStayInTheIndex,
    K9OnePage,
    S1EmptyUpdateFails,
    InsertIsCheckedFirst,
    DuplicatesAreSwallowed,
    PastExpiryStaysIndexed,
    UpdateCreates,
    UpdateDropsOthers,
    UpdateDropsNull,
    UpdateIgnoresTheCondition,
    ConditionIsCheckedFirst,
    UpdateToThePastKeepsTheSession,
    ExpiryIsNotMoved,
    DeleteIsByPrefix,
    DeleteTwiceFails,
    DeleteAllIsByPrefix,
    DeleteAllTakesOnePage,
    DeleteAllOfNobodyFails,
    DeleteOthersKeepsForeign,
    DeleteOthersDeletesAll,
    DeleteExpiredDeletes,
    RotationKeepsTheOldId,
    RotationResets,
    RotationReplaces,
    RotationTakesSteps,
    RotationDoesNotLookAgain,
    RotationIgnoresTheCondition,
    NumbersAreFloats,
    LargeValuesAreCut,
    DeepValuesAreCut,
    CorruptIsALiveSession,
    OnlyNewLayout,
    IdsIgnoreCase,
    IdsAreTrimmed,
    DebugShowsIds,
    ForeignDuplicatesAreListed,
    UpdateDeletesFirst,
    DeleteAllForgetsOne,
    RotationIsNotIndexed,
    SessionIsWrittenFirst,
    /// An id that was used is refused, although the adapter says that it frees ids.
    UsedIdsAreRefused,
    /// The index entry of a session that ends this way stays, and later lists the session of another user with the same id.
    EntryOutlives(End),
    /// The index entry of a deleted session stays, and deleting all sessions deletes the session that it names.
    EntryOutlivesAndIsDeleted,
}

/// A way for a session to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Delete,
    DeleteAll,
    DeleteOthers,
    DeleteOldest,
    Expiry,
    UpdateToThePast,
    Rotation,
}

/// The correct adapter with one bug.
pub(crate) struct Mutant {
    pub(super) sound: KeyValueAdapter,
    bug: Bug,
}

impl Bug {
    pub(crate) fn build(self, sound: KeyValueAdapter) -> Arc<dyn SessionAdapter> {
        Arc::new(Mutant { sound: spelling::respelled(self, sound), bug: self })
    }
}

impl fmt::Debug for Mutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bug {
            Bug::DebugShowsIds => f.debug_list().entries(self.sound.server.peek().keys()).finish(),
            bug => f.debug_tuple("Mutant").field(&bug).finish(),
        }
    }
}

impl Mutant {
    /// Ends a session, and restores its index entry if that is the bug.
    async fn ending<T>(&self, end: End, operation: impl Future<Output = T>) -> T {
        let stays = match self.bug {
            Bug::EntryOutlives(bug) => bug == end,
            Bug::EntryOutlivesAndIsDeleted => end == End::Delete,
            _ => false,
        };
        let before = stays.then(|| self.sound.server.peek());
        let outcome = operation.await;
        if let Some(before) = before {
            self.sound.server.command(|data| data.restore_sets(&before)).await;
        }
        outcome
    }
}

#[async_trait]
impl SessionAdapter for Mutant {
    async fn get_session(&self, id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
        reading::get(&self.sound, self.bug, id).await
    }

    async fn get_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>> {
        reading::list(&self.sound, self.bug, user_id).await
    }

    async fn set_session(&self, session: &SessionSchema) -> AdapterResult<()> {
        writing::set(&self.sound, self.bug, session).await
    }

    async fn update_session(&self, id: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        self.ending(End::UpdateToThePast, updating::update(&self.sound, self.bug, id, update)).await
    }

    async fn delete_session(&self, id: &SessionId) -> AdapterResult<()> {
        self.ending(End::Delete, deleting::delete(&self.sound, self.bug, id)).await
    }

    fn frees_ids(&self) -> bool {
        self.bug == Bug::UsedIdsAreRefused
    }

    async fn delete_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        self.ending(End::DeleteAll, deleting::delete_all(&self.sound, self.bug, user_id)).await
    }

    async fn delete_expired_sessions(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        deleting::delete_expired(&self.sound, self.bug, now, limit).await
    }

    async fn delete_other_sessions(&self, user_id: &UserId, keep: &SessionId) -> AdapterResult<()> {
        self.ending(End::DeleteOthers, deleting::delete_others(&self.sound, self.bug, user_id, keep)).await
    }

    async fn delete_oldest_sessions(
        &self,
        user_id: &UserId,
        keep: &SessionId,
        created_at: &str,
        max: usize,
    ) -> AdapterResult<()> {
        self.ending(End::DeleteOldest, self.sound.delete_oldest_sessions(user_id, keep, created_at, max)).await
    }

    async fn rotate_session(&self, old: &SessionId, new: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        self.ending(End::Rotation, updating::rotate(&self.sound, self.bug, old, new, update)).await
    }
}
