use std::collections::BTreeSet;

use lucia_core::{
    AdapterErrorKind as Kind, SessionId, SessionPage, SessionScan, SessionSchema, SessionToken, SessionUpdate,
};

use crate::{
    Access,
    case::{Case, Requirement::Opens, case},
    context::{Scans, task},
    ensure::{CaseError, CaseResult, ensure, ensure_ok_or, ensure_same},
    sample,
};

pub(super) const CASES: &[Case<dyn SessionScan>] = &[
    case!(scan_sessions_returns_the_sessions_of_all_users),
    case!(scan_sessions_returns_more_than_a_page),
    case!(scan_sessions_returns_what_exists_throughout),
    case!(scan_sessions_misses_none_that_is_rotated),
    case!(scan_sessions_returns_ids_as_they_are),
    case!(scan_sessions_ends_with_any_limit),
    case!(scan_sessions_returns_none_of_another_store, Opens(Access::Neighbours)),
];

/// The number of pages after which a scan of a few sessions is considered endless.
const MAX_PAGES: usize = 3_000;

/// Returns the ids on all pages, each once, and calls `after` with every page.
async fn scan<F: Future<Output = CaseResult>>(
    adapter: &dyn SessionScan,
    limit: usize,
    mut after: impl FnMut(usize, Vec<SessionId>) -> F,
) -> CaseResult<BTreeSet<SessionId>> {
    let (mut ids, mut cursor) = (BTreeSet::new(), None);
    for page_number in 0..MAX_PAGES {
        let SessionPage { session_ids, next } = adapter.scan_sessions(cursor.as_deref(), limit).await?;
        ids.extend(session_ids.iter().cloned());
        after(page_number, session_ids).await?;
        if next.is_none() {
            return Ok(ids);
        }
        cursor = next;
    }
    Err(CaseError::new(format!("a scan with the limit {limit} has more than {MAX_PAGES} pages")))
}

async fn scan_all(adapter: &dyn SessionScan, limit: usize) -> CaseResult<BTreeSet<SessionId>> {
    scan(adapter, limit, |_, _| std::future::ready(Ok(()))).await
}

fn ensure_ids(found: BTreeSet<SessionId>, expected: &[SessionSchema], what: &str) -> CaseResult {
    let expected = expected.iter().map(|session| session.id.as_str().to_owned()).collect();
    ensure_same(found.into_iter().map(SessionId::into_string).collect(), expected, what)
}

impl Scans {
    /// Stores sessions of two users.
    async fn store(&self, count: usize) -> CaseResult<Vec<SessionSchema>> {
        const AT_ONCE: usize = 50;
        let users = [self.user().await?, self.user().await?];
        let sessions: Vec<_> = users.iter().cycle().take(count).map(|user_id| self.session(user_id)).collect();
        for chunk in sessions.chunks(AT_ONCE) {
            let tasks = chunk.iter().cloned().map(|session| {
                let adapter = self.adapter();
                task(async move { adapter.set_session(&session).await })
            });
            for outcome in self.concurrently(tasks).await? {
                outcome?;
            }
        }
        Ok(sessions)
    }
}

async fn scan_sessions_returns_the_sessions_of_all_users(cx: Scans) -> CaseResult {
    ensure_ids(scan_all(&*cx.adapter, 10).await?, &[], "the sessions of an empty store")?;
    let mut sessions = cx.store(7).await?;
    for limit in [1, 2, 6, 7, 8] {
        ensure_ids(scan_all(&*cx.adapter, limit).await?, &sessions, &format!("7 sessions, {limit} at a time"))?;
    }
    while let Some(deleted) = sessions.pop() {
        cx.adapter.delete_session(&deleted.id).await?;
        ensure_ids(scan_all(&*cx.adapter, 2).await?, &sessions, "the sessions that are left")?;
    }
    Ok(())
}

async fn scan_sessions_returns_more_than_a_page(cx: Scans) -> CaseResult {
    let sessions = cx.store(cx.more_than_a_page()).await?;
    let page = cx.profile.page_size();
    for limit in [page.div_ceil(10), page, 5 * page] {
        let what = format!("{} sessions, {limit} at a time", sessions.len());
        ensure_ids(scan_all(&*cx.adapter, limit).await?, &sessions, &what)?;
    }
    Ok(())
}

async fn scan_sessions_returns_what_exists_throughout(cx: Scans) -> CaseResult {
    let mut sessions = cx.store(60).await?;
    sessions.sort_by(|one, other| one.id.cmp(&other.id));
    // Of three sessions one is deleted during the scan, among them those that were scanned and those that were not.
    let (mut kept, mut deleted) = (Vec::new(), Vec::new());
    for (index, session) in sessions.into_iter().enumerate() {
        if index % 3 == 0 { deleted.push(session) } else { kept.push(session) }
    }
    let found = scan(&*cx.adapter, 4, |page, _| {
        let (adapter, deleted, new) = (cx.adapter(), deleted.get(page).cloned(), cx.session(&kept[0].user_id));
        async move {
            if let Some(session) = deleted {
                adapter.delete_session(&session.id).await?;
                adapter.set_session(&new).await?;
            }
            Ok(())
        }
    });
    let found = found.await?;
    let missing = kept.iter().filter(|session| !found.contains(&session.id)).count();
    ensure(missing == 0, format!("{missing} of 40 sessions that existed throughout the scan were not returned"))
}

/// As a conversion of plain ids does it.
async fn scan_sessions_misses_none_that_is_rotated(cx: Scans) -> CaseResult {
    let hashed = |id: &SessionId| SessionToken::new(id.as_str()).hashed_id();
    let mut sessions = cx.store(60).await?;
    let scan = scan(&*cx.adapter, 4, |_, page| {
        let adapter = cx.adapter();
        async move {
            for id in page.iter().filter(|id| !id.is_hash()) {
                match adapter.rotate_session(id, &hashed(id), &SessionUpdate::default()).await {
                    // It occurred twice.
                    Err(error) if error.kind() == Kind::InvalidSessionId => {}
                    outcome => outcome?,
                }
            }
            Ok(())
        }
    });
    scan.await?;
    for session in &mut sessions {
        session.id = hashed(&session.id);
    }
    ensure_ids(scan_all(&*cx.adapter, 10).await?, &sessions, "the sessions after a scan that rotated each of them")
}

async fn scan_sessions_returns_ids_as_they_are(cx: Scans) -> CaseResult {
    let (user_id, base) = (cx.user().await?, sample::text(10));
    let mut stored = Vec::new();
    for ending in sample::TRICKY_ENDINGS {
        let session = sample::with_id(cx.session(&user_id), format!("{base}{ending}"));
        let refusals = cx.refusals(Kind::DuplicateSessionId);
        if ensure_ok_or(cx.adapter.set_session(&session).await, &refusals, &format!("{ending:?}"))? {
            stored.push(session);
        }
    }
    for limit in [1, 100] {
        ensure_ids(scan_all(&*cx.adapter, limit).await?, &stored, "the ids of all characters")?;
    }
    Ok(())
}

async fn scan_sessions_ends_with_any_limit(cx: Scans) -> CaseResult {
    let sessions = cx.store(3).await?;
    for limit in [0, usize::MAX] {
        ensure_ids(scan_all(&*cx.adapter, limit).await?, &sessions, &format!("3 sessions, {limit} at a time"))?;
    }
    Ok(())
}

async fn scan_sessions_returns_none_of_another_store(cx: Scans) -> CaseResult {
    let other = cx.neighbour.as_deref().ok_or_else(|| CaseError::new("the backend did not open a second store"))?;
    // No users are stored, because each store would need its own.
    let (mine, theirs) = (cx.session(&sample::user_id()), cx.session(&sample::user_id()));
    cx.adapter.set_session(&mine).await?;
    other.set_session(&theirs).await?;
    ensure_ids(scan_all(&*cx.adapter, 10).await?, &[mine], "the sessions of this store")?;
    ensure_ids(scan_all(other, 10).await?, &[theirs], "the sessions of the other store")
}
