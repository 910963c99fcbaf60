use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use lucia_core::{AdapterResult, TokenAdapter as _, TokenId, TokenKind, TokenSchema, UserId, memory::MemoryAdapter};

use super::{counting::Counter, store::TokenStore};

/// A bug of an adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bug {
    None,
    GetIgnoresTheKind,
    GetOfNothingFails,
    KindIsAPattern,
    KindIsAPrefix,
    EmptyTextIsNull,
    IdsAreCutAtAColon,
    IdsIgnoreCase,
    StoresShareTokens,
    StoresShareCounters,
    ExpiryIsCutToSeconds,
    DebugShowsIds,
    DebugShowsData,
    DebugShowsKeys,
    DuplicateReplaces,
    DuplicateIsSwallowed,
    DuplicateOfAnotherKindIsSwallowed,
    DuplicateIsCheckedFirst,
    DuplicateIsIndexed,
    UnknownUserIsStored,
    UnknownUserIsRefused,
    UsersAreOnlyChecked,
    LargeTextIsCut,
    TextIsANumber,
    PastExpiryIsMoved,
    NoExpiryIsRecorded,
    TakeIgnoresTheKind,
    TakeOfNothingFails,
    TakeKeeps,
    TakeTakesSteps,
    TakenIdStaysTaken,
    EntryOutlivesTake,
    EntryOutlivesDelete,
    DeleteIgnoresTheKind,
    DeleteOfAllKindsDeletesOne,
    DeleteTakesTokensWithoutAUser,
    DeleteIsByPrefix,
    DeleteOfNobodyFails,
    DeleteTakesOnePage,
    DeleteForgetsWhatIsSetMeanwhile,
    IndexIsReadModifyWrite,
    LargeAmountsAreCut,
    CounterTakesSteps,
    CounterRestartsInSteps,
    CounterHasNoMaximum,
    CounterGoesBelowZero,
    NegativeAmountsAreIgnored,
    NegativeAmountsFitAnyWindow,
    WindowIsExtended,
    WindowEndsAtZero,
    WindowEndsEarly,
    WindowEndsLate,
    NothingOpensAWindow,
    PastWindowsAreDropped,
    LongWindowsOverflow,
    KeysAreCutAtAColon,
    KeysIgnoreCase,
    CounterReplacesAToken,
    CounterIsAToken,
    DeleteExpiredTakesTheBoundary,
    DeleteExpiredStopsEarly,
    DeleteExpiredIgnoresTheLimit,
    DeleteExpiredLeavesCounters,
    DeleteExpiredLimitsEach,
    DeleteExpiredDeletes,
}

impl Bug {
    /// Returns `true` if the mutant deletes a user's tokens by an index of its own.
    fn has_an_index(self) -> bool {
        matches!(
            self,
            Self::DuplicateIsIndexed
                | Self::EntryOutlivesTake
                | Self::EntryOutlivesDelete
                | Self::DeleteTakesOnePage
                | Self::DeleteForgetsWhatIsSetMeanwhile
                | Self::IndexIsReadModifyWrite
        )
    }

    /// Returns `true` if the mutant has counters of its own.
    pub(super) fn counts(self) -> bool {
        matches!(
            self,
            Self::LargeAmountsAreCut
                | Self::CounterTakesSteps
                | Self::CounterRestartsInSteps
                | Self::CounterHasNoMaximum
                | Self::CounterGoesBelowZero
                | Self::NegativeAmountsAreIgnored
                | Self::NegativeAmountsFitAnyWindow
                | Self::WindowIsExtended
                | Self::WindowEndsAtZero
                | Self::WindowEndsEarly
                | Self::WindowEndsLate
                | Self::NothingOpensAWindow
                | Self::PastWindowsAreDropped
                | Self::LongWindowsOverflow
                | Self::CounterIsAToken
                | Self::StoresShareCounters
                | Self::DebugShowsKeys
                | Self::DeleteExpiredLeavesCounters
                | Self::DeleteExpiredLimitsEach
        )
    }
}

type Index = BTreeMap<UserId, BTreeSet<TokenId>>;

/// The correct adapter with one bug.
pub(crate) struct Mutant {
    pub(super) sound: TokenStore,
    pub(super) bug: Bug,
    /// Every token that was ever given to `set_token`.
    seen: Arc<Mutex<Vec<TokenSchema>>>,
    index: Mutex<Index>,
    taken: Mutex<BTreeSet<TokenId>>,
    counters: Arc<Mutex<BTreeMap<String, Counter>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Mutant {
    pub(crate) fn new(bug: Bug, memory: MemoryAdapter, expires_records: bool) -> Self {
        let sound = TokenStore::new(memory, expires_records);
        Self {
            sound,
            bug,
            seen: Arc::default(),
            index: Mutex::default(),
            taken: Mutex::default(),
            counters: Arc::default(),
        }
    }

    /// Returns a second mutant on the same server.
    pub(crate) fn neighbour(&self, memory: MemoryAdapter) -> Self {
        let shares = self.bug == Bug::StoresShareTokens;
        let memory = if shares { self.sound.memory.clone() } else { memory };
        let neighbour = Self::new(self.bug, memory, self.sound.expires_records);
        let shares = self.bug == Bug::StoresShareCounters;
        let counters = if shares { Arc::clone(&self.counters) } else { Arc::default() };
        Self { seen: Arc::clone(&self.seen), counters, ..neighbour }
    }

    pub(super) fn seen(&self) -> MutexGuard<'_, Vec<TokenSchema>> {
        lock(&self.seen)
    }

    pub(super) fn taken(&self) -> MutexGuard<'_, BTreeSet<TokenId>> {
        lock(&self.taken)
    }

    pub(super) fn counters(&self) -> MutexGuard<'_, BTreeMap<String, Counter>> {
        lock(&self.counters)
    }

    /// Returns the index if the bug needs one.
    pub(super) fn index(&self) -> Option<MutexGuard<'_, Index>> {
        self.bug.has_an_index().then(|| lock(&self.index))
    }

    /// Returns the stored token with this id and any kind that `matches`.
    pub(super) async fn find(
        &self,
        id: &TokenId,
        matches: impl Fn(&TokenKind) -> bool + Send,
    ) -> AdapterResult<Option<TokenSchema>> {
        let kinds: Vec<_> = {
            let seen = self.seen();
            seen.iter()
                .filter(|token| token.id == *id && matches(&token.kind))
                .map(|token| token.kind.clone())
                .collect()
        };
        for kind in kinds {
            if let Some(token) = self.sound.get_token(&kind, id).await? {
                return Ok(Some(token));
            }
        }
        Ok(None)
    }

    pub(super) fn spelled(&self, id: &TokenId) -> TokenId {
        match (self.bug, id.as_str().split_once(':')) {
            (Bug::IdsAreCutAtAColon, Some((start, _))) => TokenId::new(start),
            _ => id.clone(),
        }
    }
}

impl fmt::Debug for Mutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bug {
            Bug::DebugShowsIds => f.debug_list().entries(self.seen().iter().map(|token| token.id.as_str())).finish(),
            Bug::DebugShowsData => f.debug_list().entries(self.seen().iter().map(|token| &token.data)).finish(),
            Bug::DebugShowsKeys => f.debug_list().entries(self.counters().keys()).finish(),
            bug => f.debug_tuple("Mutant").field(&bug).finish(),
        }
    }
}
