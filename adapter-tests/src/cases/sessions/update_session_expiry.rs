use std::time::Duration;

use lucia_core::{AdapterErrorKind as Kind, SessionAdapter, SessionUpdate, UnixMillis};

use super::{set_session_expiry::ensure_recorded, steps::is_refusal};
use crate::{
    Access, Promise,
    case::{
        Case,
        Requirement::{Needs, Opens},
        case,
    },
    context::Sessions,
    ensure::{CaseResult, ensure, ensure_eq, ensure_fails, with_sources},
    sample,
    schema::COUNTRY,
};

pub(super) const CASES: &[Case<dyn SessionAdapter>] = &[
    case!(update_session_moves_the_recorded_expiry, Needs(Promise::ExpiresRecords), Opens(Access::RecordedExpiry)),
    case!(update_session_to_a_past_expiry_ends_it),
    case!(update_session_with_another_expiry_than_expected_conflicts),
];

async fn update_session_moves_the_recorded_expiry(cx: Sessions) -> CaseResult {
    let mut session = cx.stored().await?;
    let other = cx.session(&session.user_id);
    cx.adapter.set_session(&other).await?;
    let before = cx.door()?.recorded_expiry(&other.id).await?;
    for hours in [100, 1, 50] {
        let idle = cx.now().saturating_add(Duration::from_secs(hours * 3_600) + Duration::from_millis(1));
        let update = SessionUpdate::renewal(session.active_expires.min(idle), idle);
        cx.adapter.update_session(&session.id, &update).await?;
        session.apply(&update);
        cx.ensure_stored(&[&session], "the session with another expiry").await?;
        ensure_recorded(&cx, &session, "the session with another expiry").await?;
        let recorded = cx.door()?.recorded_expiry(&other.id).await?;
        ensure_eq(&recorded, &before, "the recorded expiry of the session beside it")?;
        let index = cx.door()?.recorded_index_expiry(&other.user_id, &other.id).await?;
        let kept = index.is_none_or(|index| index >= other.idle_expires);
        ensure(kept, "the store drops the index entry of the session beside it too early")?;
    }
    Ok(())
}

async fn update_session_to_a_past_expiry_ends_it(cx: Sessions) -> CaseResult {
    let past = UnixMillis::new(cx.now().get() - 1);
    for expiry in [past, UnixMillis::new(1), UnixMillis::EPOCH, UnixMillis::new(-1)] {
        let session = cx.stored().await?;
        let other = cx.session(&session.user_id);
        cx.adapter.set_session(&other).await?;
        let update = SessionUpdate::renewal(expiry, expiry);
        if let Err(error) = cx.adapter.update_session(&session.id, &update).await {
            let what =
                with_sources(&format!("an expiry of {} is rejected as a failure of the store", expiry.get()), &error);
            ensure(is_refusal(error.kind()), what)?;
        }
        cx.ensure_ended(&session.user_id, &[&session.id], &format!("a session moved to {}", expiry.get())).await?;
        cx.ensure_listed(&session.user_id, &[&other], "the sessions other than the ended one").await?;
        if cx.promises(Promise::ExpiresRecords) {
            cx.ensure_indexed(&session.user_id, &[&other.id], "the index without ended sessions").await?;
        }
    }
    Ok(())
}

async fn update_session_with_another_expiry_than_expected_conflicts(cx: Sessions) -> CaseResult {
    let mut session = cx.stored().await?;
    let later = session.idle_expires.saturating_add(Duration::from_secs(3_600));
    let expecting = |expected| {
        let mut update = sample::session_update(&[(COUNTRY, "NZ".into())]);
        update.idle_expires = Some(later);
        sample::expecting(update, expected)
    };
    for wrong in
        [later, UnixMillis::new(session.idle_expires.get() + 1), UnixMillis::new(session.idle_expires.get() - 1)]
    {
        let refused = cx.adapter.update_session(&session.id, &expecting(wrong)).await;
        ensure_fails(refused, Kind::Conflict, "another expiry than expected")?;
        cx.ensure_stored(&[&session], "the session that was not changed").await?;
    }
    let met = expecting(session.idle_expires);
    cx.adapter.update_session(&session.id, &met).await?;
    session.apply(&met);
    cx.ensure_stored(&[&session], "the session whose expiry was as expected").await?;
    let unknown = cx.adapter.update_session(&sample::session_id(), &met).await;
    ensure_fails(unknown, Kind::InvalidSessionId, "a condition on an unknown session")
}
