use std::time::Duration;

use lucia_core::{AdapterErrorKind as Kind, SessionAdapter, SessionSchema, SessionUpdate, UnixMillis};
use serde_json::json;

use super::steps::LAGS;
use crate::{
    Access, Promise,
    case::{
        Case,
        Requirement::{Needs, Without},
        case,
    },
    context::{Sessions, task},
    ensure::{CaseResult, ensure, ensure_eq, ensure_fails, ensure_ok_or},
    sample,
    schema::{COUNTRY, VISITS},
};

pub(super) const CASES: &[Case<dyn SessionAdapter>] = &[
    case!(rotate_session_gives_a_session_a_new_id),
    case!(rotate_session_keeps_other_fields),
    case!(rotate_session_of_an_unknown_id_is_invalid),
    case!(rotate_session_to_a_taken_id_changes_nothing),
    case!(rotate_session_with_another_expiry_than_expected_conflicts),
    case!(rotate_session_survives_no_revocation, Needs(Promise::AtomicRotation)),
    case!(rotate_session_hides_from_no_revocation, Without(Promise::AtomicRotation)),
    case!(parallel_rotate_session_has_one_winner, Needs(Promise::AtomicRotation)),
];

async fn rotate_session_gives_a_session_a_new_id(cx: Sessions) -> CaseResult {
    let session = cx.stored().await?;
    let other = cx.session(&session.user_id);
    cx.adapter.set_session(&other).await?;
    let rotated = sample::with_id(session.clone(), sample::session_id());
    cx.adapter.rotate_session(&session.id, &rotated.id, &SessionUpdate::default()).await?;
    ensure(cx.adapter.get_session(&session.id).await?.is_none(), "the old id still reads a session")?;
    cx.ensure_stored(&[&rotated, &other], "the session under its new id, and another").await?;
    cx.ensure_indexed(&session.user_id, &[&rotated.id, &other.id], "the new id").await?;
    cx.ensure_listed(&session.user_id, &[&rotated, &other], "the sessions of the user").await
}

async fn rotate_session_keeps_other_fields(cx: Sessions) -> CaseResult {
    let mut session = cx.stored().await?;
    let hour = Duration::from_secs(3_600);
    let renewal =
        SessionUpdate::renewal(session.active_expires.saturating_add(hour), session.idle_expires.saturating_add(hour));
    for update in [sample::session_update(&[(COUNTRY, json!("NZ"))]), renewal] {
        // Changes since the caller's read are kept.
        let visit = sample::session_update(&[(VISITS, json!(7))]);
        cx.adapter.update_session(&session.id, &visit).await?;
        session.apply(&visit);
        let new = sample::session_id();
        cx.adapter.rotate_session(&session.id, &new, &update).await?;
        session.id = new;
        session.apply(&update);
        cx.ensure_stored(&[&session], "the session with a new id and some fields changed").await?;
    }
    Ok(())
}

async fn rotate_session_of_an_unknown_id_is_invalid(cx: Sessions) -> CaseResult {
    let other = cx.stored().await?;
    let new = sample::session_id();
    for update in [SessionUpdate::default(), sample::session_update(&[(COUNTRY, json!("NZ"))])] {
        let outcome = cx.adapter.rotate_session(&sample::session_id(), &new, &update).await;
        ensure_fails(outcome, Kind::InvalidSessionId, "a rotation of an unknown session")?;
        ensure_eq(&cx.adapter.get_session(&new).await?, &None, "the session under the new id")?;
    }
    cx.ensure_listed(&other.user_id, &[&other], "the sessions of another user").await
}

async fn rotate_session_to_a_taken_id_changes_nothing(cx: Sessions) -> CaseResult {
    let (session, theirs) = (cx.stored().await?, cx.stored().await?);
    let mine = cx.session(&session.user_id);
    cx.adapter.set_session(&mine).await?;
    for taken in [&theirs.id, &mine.id] {
        let outcome =
            cx.adapter.rotate_session(&session.id, taken, &sample::session_update(&[(COUNTRY, json!("NZ"))])).await;
        ensure_fails(outcome, Kind::DuplicateSessionId, "a taken id")?;
        cx.ensure_stored(&[&session, &mine, &theirs], "all sessions").await?;
    }
    cx.ensure_indexed(&session.user_id, &[&session.id, &mine.id], "both sessions").await?;
    cx.ensure_listed(&session.user_id, &[&session, &mine], "the sessions of the user").await?;
    cx.ensure_listed(&theirs.user_id, &[&theirs], "the sessions of the other user").await?;
    let Some(door) = cx.door_to(Access::FailingWrites)? else { return Ok(()) };
    for (nth, taken) in (1..=4).flat_map(|nth| [(nth, &theirs.id), (nth, &mine.id)]) {
        door.fail_write(nth).await?;
        let outcome = cx.adapter.rotate_session(&session.id, taken, &SessionUpdate::default()).await;
        ensure(outcome.is_err(), "a taken id is accepted if a write fails")?;
        let what = format!("all sessions after write {nth} failed");
        cx.ensure_stored(&[&session, &mine, &theirs], &what).await?;
        // The pending failure would affect a later write, so this is the last one.
        if outcome.is_err_and(|error| error.kind() == Kind::DuplicateSessionId) {
            break;
        }
        cx.ensure_listed(&session.user_id, &[&session, &mine], &what).await?;
        cx.ensure_listed(&theirs.user_id, &[&theirs], &what).await?;
    }
    Ok(())
}

async fn rotate_session_with_another_expiry_than_expected_conflicts(cx: Sessions) -> CaseResult {
    let session = cx.stored().await?;
    let new = sample::session_id();
    let expecting = |millis| sample::expecting(SessionUpdate::default(), UnixMillis::new(millis));
    let outcome = cx.adapter.rotate_session(&session.id, &new, &expecting(session.idle_expires.get() + 1)).await;
    ensure_fails(outcome, Kind::Conflict, "another expiry than expected")?;
    ensure_eq(&cx.adapter.get_session(&new).await?, &None, "the session under the new id")?;
    cx.ensure_stored(&[&session], "the session under its old id").await?;
    cx.ensure_listed(&session.user_id, &[&session], "the sessions of the user").await?;
    cx.adapter.rotate_session(&session.id, &new, &expecting(session.idle_expires.get())).await?;
    cx.ensure_stored(&[&sample::with_id(session, new)], "the session whose expiry was as expected").await
}

/// Rotates a session while it is revoked. Returns the old and the new session.
async fn rotate_while_revoking(cx: &Sessions, lag: usize) -> CaseResult<(SessionSchema, SessionSchema)> {
    let session = cx.stored().await?;
    let rotated = sample::with_id(session.clone(), sample::session_id());
    let (rotating, revoking) = (cx.adapter(), cx.adapter());
    let (old, new, user_id) = (session.id.clone(), rotated.id.clone(), session.user_id.clone());
    let rotate = async move { rotating.rotate_session(&old, &new, &SessionUpdate::default()).await };
    let revoke = async move { revoking.delete_sessions_by_user_id(&user_id).await };
    let (outcome, revoked) = cx.race(lag, rotate, revoke).await?;
    ensure_ok_or(outcome, &[Kind::InvalidSessionId, Kind::Conflict], "the rotation")?;
    revoked?;
    Ok((session, rotated))
}

async fn rotate_session_survives_no_revocation(cx: Sessions) -> CaseResult {
    for lag in LAGS {
        let (session, rotated) = rotate_while_revoking(&cx, lag).await?;
        cx.ensure_ended(&session.user_id, &[&session.id, &rotated.id], "a session revoked during its rotation").await?;
    }
    Ok(())
}

async fn rotate_session_hides_from_no_revocation(cx: Sessions) -> CaseResult {
    for lag in LAGS {
        let (session, rotated) = rotate_while_revoking(&cx, lag).await?;
        ensure(cx.alive(&session.id).await?.is_none(), "a revoked session is alive under its old id")?;
        let alive = cx.alive(&rotated.id).await?;
        cx.ensure_listed(&session.user_id, &alive.iter().collect::<Vec<_>>(), "the live sessions are listed").await?;
        cx.adapter.delete_sessions_by_user_id(&session.user_id).await?;
        cx.ensure_ended(&session.user_id, &[&rotated.id], "a session after a second revocation").await?;
    }
    Ok(())
}

async fn parallel_rotate_session_has_one_winner(cx: Sessions) -> CaseResult {
    for _ in 0..4 {
        let session = cx.stored().await?;
        let rotated: Vec<_> = (0..6).map(|_| sample::with_id(session.clone(), sample::session_id())).collect();
        let tasks = rotated.iter().map(|rotated| {
            let (adapter, old, new) = (cx.adapter(), session.id.clone(), rotated.id.clone());
            task(async move { adapter.rotate_session(&old, &new, &SessionUpdate::default()).await })
        });
        let mut winners = Vec::new();
        for (rotated, outcome) in rotated.iter().zip(cx.concurrently(tasks).await?) {
            if ensure_ok_or(outcome, &[Kind::InvalidSessionId, Kind::Conflict], "a second winner")? {
                winners.push(rotated);
            }
        }
        ensure(winners.len() == 1, format!("{} of 6 parallel rotations succeeded", winners.len()))?;
        ensure(cx.alive(&session.id).await?.is_none(), "the old id still reads a session")?;
        cx.ensure_listed(&session.user_id, &winners, "the sessions of the user").await?;
    }
    Ok(())
}
