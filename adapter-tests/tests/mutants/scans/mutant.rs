use lucia_core::{
    AdapterErrorKind, AdapterResult, SessionAdapter, SessionId, SessionPage, SessionScan, SessionSchema, SessionUpdate,
    UnixMillis, UserId, async_trait, memory::MemoryAdapter,
};

/// A bug of a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bug {
    None,
    FirstPageOnly,
    LargePagesAreCut,
    CursorIsANumber,
    RotatedAreMissed,
    LimitOfZeroEnds,
    LargeLimitFails,
    ScanDoesNotEnd,
    IdsAreEscaped,
    StoresAreOne,
}

/// The cases that each broken adapter fails.
pub(crate) const EXPECTED: &[(Bug, &[&str])] = &[
    (Bug::None, &[]),
    (
        Bug::FirstPageOnly,
        &[
            "scan_sessions_returns_the_sessions_of_all_users",
            "scan_sessions_returns_more_than_a_page",
            "scan_sessions_returns_what_exists_throughout",
            "scan_sessions_misses_none_that_is_rotated",
            "scan_sessions_returns_ids_as_they_are",
            "scan_sessions_ends_with_any_limit",
        ],
    ),
    (Bug::LargePagesAreCut, &["scan_sessions_returns_more_than_a_page"]),
    (
        Bug::CursorIsANumber,
        &["scan_sessions_returns_what_exists_throughout", "scan_sessions_misses_none_that_is_rotated"],
    ),
    (Bug::RotatedAreMissed, &["scan_sessions_misses_none_that_is_rotated"]),
    (Bug::LimitOfZeroEnds, &["scan_sessions_ends_with_any_limit"]),
    (Bug::LargeLimitFails, &["scan_sessions_ends_with_any_limit"]),
    (
        Bug::ScanDoesNotEnd,
        &[
            "scan_sessions_returns_the_sessions_of_all_users",
            "scan_sessions_returns_more_than_a_page",
            "scan_sessions_returns_what_exists_throughout",
            "scan_sessions_misses_none_that_is_rotated",
            "scan_sessions_returns_ids_as_they_are",
            "scan_sessions_ends_with_any_limit",
            "scan_sessions_returns_none_of_another_store",
        ],
    ),
    (Bug::IdsAreEscaped, &["scan_sessions_returns_ids_as_they_are"]),
    (Bug::StoresAreOne, &["scan_sessions_returns_none_of_another_store"]),
];

/// [`MemoryAdapter`] with one bug.
#[derive(Debug)]
pub(crate) struct Mutant {
    pub(super) memory: MemoryAdapter,
    /// The sessions of both stores.
    pub(super) all: MemoryAdapter,
    pub(super) bug: Bug,
}

#[async_trait]
impl SessionScan for Mutant {
    async fn scan_sessions(&self, cursor: Option<&str>, limit: usize) -> AdapterResult<SessionPage> {
        const LARGE: usize = 1_000;
        let mut page = match self.bug {
            Bug::CursorIsANumber => {
                let start = cursor.and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
                let all = self.memory.scan_sessions(None, usize::MAX).await?.session_ids;
                let session_ids: Vec<_> = all.into_iter().skip(start).take(limit.max(1)).collect();
                let end = start + session_ids.len();
                let next = (!session_ids.is_empty()).then(|| end.to_string());
                return Ok(SessionPage { session_ids, next });
            }
            Bug::LimitOfZeroEnds if limit == 0 => return Ok(SessionPage::default()),
            Bug::LargeLimitFails if i64::try_from(limit).is_err() => return Err(AdapterErrorKind::Backend.into()),
            Bug::StoresAreOne => self.all.scan_sessions(cursor, limit).await?,
            _ => self.memory.scan_sessions(cursor, limit).await?,
        };
        match self.bug {
            Bug::FirstPageOnly => page.next = None,
            Bug::LargePagesAreCut if page.session_ids.len() > LARGE => page.session_ids.truncate(LARGE),
            // An index in which a rotation does not enter the new id.
            Bug::RotatedAreMissed => page.session_ids.retain(|id| !id.is_hash()),
            Bug::ScanDoesNotEnd => page.next = page.next.or(Some("~".to_owned())),
            Bug::IdsAreEscaped => {
                let escaped = page.session_ids.iter().map(|id| id.as_str().replace(':', "~3A").into());
                page.session_ids = escaped.collect();
            }
            _ => {}
        }
        Ok(page)
    }
}

#[async_trait]
impl SessionAdapter for Mutant {
    async fn get_session(&self, id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
        self.memory.get_session(id).await
    }

    async fn get_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>> {
        self.memory.get_sessions_by_user_id(user_id).await
    }

    async fn set_session(&self, session: &SessionSchema) -> AdapterResult<()> {
        self.all.set_session(session).await?;
        self.memory.set_session(session).await
    }

    async fn update_session(&self, id: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        self.memory.update_session(id, update).await
    }

    async fn delete_session(&self, id: &SessionId) -> AdapterResult<()> {
        self.all.delete_session(id).await?;
        self.memory.delete_session(id).await
    }

    async fn delete_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        self.memory.delete_sessions_by_user_id(user_id).await
    }

    async fn delete_expired_sessions(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        self.memory.delete_expired_sessions(now, limit).await
    }
}
