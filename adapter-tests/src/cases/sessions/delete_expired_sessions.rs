use std::time::Duration;

use lucia_core::{SessionAdapter, SessionSchema, UnixMillis};

use crate::{
    Promise,
    case::{
        Case,
        Requirement::{Needs, Without},
        case,
    },
    context::Sessions,
    ensure::{CaseResult, ensure, ensure_eq},
    sample,
};

pub(super) const CASES: &[Case<dyn SessionAdapter>] = &[
    case!(delete_expired_sessions_deletes_only_expired_ones, Without(Promise::ExpiresRecords)),
    case!(delete_expired_sessions_stops_at_the_limit, Without(Promise::ExpiresRecords)),
    case!(delete_expired_sessions_leaves_it_to_the_store, Needs(Promise::ExpiresRecords)),
];

/// Stores a session that ends this many milliseconds after `end`. It is set while alive, because a store may reject
/// expired ones.
async fn ending(cx: &Sessions, end: UnixMillis, after: i64) -> CaseResult<SessionSchema> {
    let session = sample::ending_at(cx.session(&cx.user().await?), UnixMillis::new(end.get() + after));
    cx.adapter.set_session(&session).await?;
    Ok(session)
}

async fn delete_expired_sessions_deletes_only_expired_ones(cx: Sessions) -> CaseResult {
    let now = cx.now().saturating_add(Duration::from_secs(3_600));
    let (mut dead, mut alive) = (Vec::new(), Vec::new());
    for after in [-1, -1_000] {
        dead.push(ending(&cx, now, after).await?);
    }
    for after in [0, 1, 1_000] {
        alive.push(ending(&cx, now, after).await?);
    }
    ensure_eq(&cx.adapter.delete_expired_sessions(now, 100).await?, &2, "how many were deleted")?;
    for session in &dead {
        ensure(cx.adapter.get_session(&session.id).await?.is_none(), "a dead session is there")?;
        cx.ensure_indexed(&session.user_id, &[], "nothing").await?;
        cx.ensure_listed(&session.user_id, &[], "the sessions of the user of a dead one").await?;
    }
    cx.ensure_stored(&alive.iter().collect::<Vec<_>>(), "a session that has not ended").await?;
    ensure_eq(&cx.adapter.delete_expired_sessions(now, 100).await?, &0, "how many were left to delete")
}

async fn delete_expired_sessions_stops_at_the_limit(cx: Sessions) -> CaseResult {
    let now = cx.now().saturating_add(Duration::from_secs(3_600));
    for after in -5..0 {
        ending(&cx, now, after).await?;
    }
    let alive = ending(&cx, now, 0).await?;
    for expected in [2, 2, 1, 0] {
        ensure_eq(&cx.adapter.delete_expired_sessions(now, 2).await?, &expected, "how many of at most 2 were deleted")?;
    }
    ensure_eq(&cx.adapter.delete_expired_sessions(now, 0).await?, &0, "how many of at most 0 were deleted")?;
    cx.ensure_stored(&[&alive], "a session that has not ended").await
}

async fn delete_expired_sessions_leaves_it_to_the_store(cx: Sessions) -> CaseResult {
    let now = cx.now();
    let sessions = [ending(&cx, now, 3_600_000).await?, ending(&cx, now, 7_200_000).await?];
    let later = now.saturating_add(Duration::from_secs(5_400));
    for (now, limit) in [(now, 100), (later, 100), (later, 0)] {
        ensure_eq(&cx.adapter.delete_expired_sessions(now, limit).await?, &0, "how many were deleted")?;
    }
    cx.ensure_stored(&sessions.iter().collect::<Vec<_>>(), "a session that has not ended").await
}
