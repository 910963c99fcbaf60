use std::time::Duration;

use lucia_core::{SessionAdapter, SessionSchema, UnixMillis};

use super::steps::is_refusal;
use crate::{
    Access, Promise,
    case::{
        Case,
        Requirement::{Needs, Opens},
        case,
    },
    context::Sessions,
    ensure::{CaseResult, ensure, with_sources},
    sample,
};

pub(super) const CASES: &[Case<dyn SessionAdapter>] = &[
    case!(set_session_with_a_past_expiry_leaves_nothing_alive),
    case!(set_session_records_the_expiry, Needs(Promise::ExpiresRecords), Opens(Access::RecordedExpiry)),
];

async fn set_session_with_a_past_expiry_leaves_nothing_alive(cx: Sessions) -> CaseResult {
    let user_id = cx.user().await?;
    let past = UnixMillis::new(cx.now().get() - 1);
    for expiry in [past, UnixMillis::new(500), UnixMillis::new(1), UnixMillis::EPOCH, UnixMillis::new(-1)] {
        let session = sample::ending_at(cx.session(&user_id), expiry);
        if let Err(error) = cx.adapter.set_session(&session).await {
            let what =
                with_sources(&format!("an expiry of {} is rejected as a failure of the store", expiry.get()), &error);
            ensure(is_refusal(error.kind()), what)?;
        }
        if cx.promises(Promise::ExpiresRecords) {
            cx.ensure_indexed(&user_id, &[], "the index without expired sessions").await?;
        }
        cx.ensure_ended(&user_id, &[&session.id], &format!("a session that ended at {}", expiry.get())).await?;
    }
    Ok(())
}

/// Returns `true` if the store keeps the session until it expires, and not much longer.
pub(super) fn is_recorded(session: &SessionSchema, recorded: Option<UnixMillis>) -> bool {
    const GRACE: Duration = Duration::from_secs(60);
    let expected = session.idle_expires;
    recorded.is_some_and(|recorded| (expected..=expected.saturating_add(GRACE)).contains(&recorded))
}

pub(super) async fn ensure_recorded(cx: &Sessions, session: &SessionSchema, what: &str) -> CaseResult {
    let recorded = cx.door()?.recorded_expiry(&session.id).await?;
    let expected = session.idle_expires;
    let message = format!("{what}: it expires at {expected:?}, but the store drops it at {recorded:?}");
    ensure(is_recorded(session, recorded), message)?;
    let index = cx.door()?.recorded_index_expiry(&session.user_id, &session.id).await?;
    let kept = index.is_none_or(|index| index >= expected);
    ensure(kept, format!("{what}: the store drops its index entry before the session"))
}

async fn set_session_records_the_expiry(cx: Sessions) -> CaseResult {
    let user_id = cx.user().await?;
    let mut sessions = Vec::new();
    for (hours, millis) in [(1, 1), (48, 999), (2, 500), (24 * 365, 0)] {
        let idle_expires = cx.now().saturating_add(Duration::from_millis(hours * 3_600_000 + millis));
        let session = sample::ending_at(cx.session(&user_id), idle_expires);
        cx.adapter.set_session(&session).await?;
        sessions.push(session);
        for session in &sessions {
            ensure_recorded(&cx, session, "after it was set").await?;
        }
    }
    Ok(())
}
