use std::{
    collections::BTreeSet,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize},
    },
};

use lucia_core::{
    AdapterErrorKind as Kind, AdapterResult, KeyId, SessionId, UserAdapter as _, UserId, memory::MemoryAdapter,
};

use super::adapter::TableAdapter;

/// A bug of an adapter. A bug of Lucia JS has its number in the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bug {
    None,
    P1UpdateOfNothingIsAFailure,
    P2DuplicateKeyIsNotRecognised,
    P2DuplicateUserIsADuplicateKey,
    P3AnyForeignKeyIsTheUser,
    P4DuplicateSessionIsAFailure,
    P5DeleteTwiceFails,
    S1EmptyUpdateFails,
    S2AnyNameIsAColumn,
    S6DuplicateUserWithKeyIsADuplicateKey,
    S7UserStaysWhenItsKeyIsTaken,
    S9NoForeignKeys,
    C3SessionIsStoredFirst,
    C16OrphansStay,
    KeyIsCheckedFirst,
    AnotherUsersKeyIsTaken,
    DuplicateAttributeIsADuplicateKey,
    UpdateIgnoresUniqueness,
    UserUpdateReplaces,
    UserUpdateSkipsNull,
    UsersIgnoreCase,
    KeysIgnoreCase,
    KeysAreCutAtAColon,
    KeyUpdateIgnoresTheCondition,
    KeyConditionIsCheckedFirst,
    RenamingKeepsTheOldKey,
    RenamingLosesTheHash,
    RenamingReplaces,
    HashIsNotCleared,
    KeysAreOne,
    KeyIsDeletedByPrefix,
    KeysOfAllUsersAreDeleted,
    JoinMixesColumns,
    JoinFillsNulls,
    JoinOfNothingFails,
    SeveralReadsKeepOrphans,
    SeveralReadsMixUsersUp,
    SeveralReadsStopAtAnUnknown,
    FirstReadsTakeTheLast,
    DeleteExpiredTakesTheBoundary,
    DeleteExpiredStopsEarly,
    DeleteExpiredIgnoresTheLimit,
    OldestAreTheFirstToExpire,
    OldestAreKept,
    NoAgeIsZero,
    AgesIgnoreExpiries,
    OldestOfAllUsersAreDeleted,
    AnyNameIsAnAge,
    EqualAgesAreUnordered,
    NewSessionIsNotKept,
    NewSessionIsKeptInAddition,
    UnknownSessionTakesAPlace,
    UserGetsAKey,
    FirstKeyIsDropped,
    EmptyTextIsNull,
    UnknownUserIsAFailure,
    UnknownKeyIsAFailure,
    ListsOfUnknownUsersFail,
    UsersAreCutAtAColon,
    UserIsNotDeleted,
    MissingHashIsEmpty,
    HashIsNotSet,
    JoinShowsNoAttributes,
    JoinedInsertShowsNoAttributes,
    RefusedSessionUsesUpItsId,
    RenewalIsNotWritten,
    UserIsCheckedBeforeOnly,
    UserIsNotLocked,
    KeysArePutInPlace,
    ForeignKeysUnasked,
    UniqueUnasked,
    NamesAreNormalised,
    RotationKeepsTheOldId,
    RotationOfNothingIsAFailure,
    UnknownIdsAreCached,
    DroppedCallLeavesTheUser,
    DroppedCallTakesTheNextAlong,
}

impl Bug {
    /// Returns `true` for a bug of a store without foreign keys.
    pub(super) fn needs_loose_tables(self) -> bool {
        matches!(self, Self::C3SessionIsStoredFirst | Self::C16OrphansStay | Self::UserIsCheckedBeforeOnly)
    }
}

/// The correct adapter with one bug.
#[derive(Debug)]
pub(crate) struct Mutant {
    pub(super) sound: TableAdapter,
    pub(super) bug: Bug,
    /// `true` after a dropped call left its transaction open.
    pub(super) is_open: AtomicBool,
    /// Every key that was ever stored.
    pub(super) keys: Mutex<BTreeSet<KeyId>>,
    /// The ids that were looked up and do not exist: a table of the store.
    pub(super) unknown: Mutex<BTreeSet<SessionId>>,
    /// The number of calls that delete the oldest sessions.
    pub(super) calls: AtomicUsize,
}

impl Mutant {
    /// Looks for the owner of a row before the row is inserted, if that is the bug.
    pub(super) async fn check_owner(&self, user_id: &UserId) -> AdapterResult<()> {
        if self.bug != Bug::UserIsNotLocked {
            return Ok(());
        }
        let owner = self.sound.get_user(user_id).await?;
        tokio::task::yield_now().await;
        owner.map(drop).ok_or_else(|| Kind::InvalidUserId.into())
    }
}

impl Bug {
    pub(super) fn build(self, loose: bool) -> Mutant {
        let is_unreferenced = matches!(self, Self::S9NoForeignKeys | Self::UserIsNotLocked);
        let references = !loose && !self.needs_loose_tables() && !is_unreferenced;
        let memory = match references || self == Self::ForeignKeysUnasked {
            true => MemoryAdapter::new(),
            false => MemoryAdapter::without_foreign_keys(),
        };
        let sound = TableAdapter::new(memory, !loose || self == Self::UniqueUnasked);
        Mutant {
            sound,
            bug: self,
            is_open: AtomicBool::new(false),
            keys: Mutex::default(),
            unknown: Mutex::default(),
            calls: AtomicUsize::new(0),
        }
    }
}
