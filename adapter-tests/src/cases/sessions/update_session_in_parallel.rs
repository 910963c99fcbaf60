use std::time::Duration;

use lucia_core::{AdapterErrorKind as Kind, SessionAdapter, SessionSchema, SessionUpdate};
use serde_json::{Value, json};

use super::steps::LAGS;
use crate::{
    Promise,
    case::{
        Case,
        Requirement::{Needs, Without},
        case,
    },
    context::{Sessions, task},
    ensure::{CaseError, CaseResult, ensure, ensure_fails, ensure_ok_or},
    sample,
    schema::{COUNTRY, DATA, DEVICE, TRUSTED, VISITS},
};

pub(super) const CASES: &[Case<dyn SessionAdapter>] = &[
    case!(update_session_never_resurrects),
    case!(parallel_update_session_loses_nothing, Needs(Promise::AtomicWrites)),
    case!(parallel_update_session_leaves_a_whole_session, Without(Promise::AtomicWrites)),
    case!(parallel_update_session_with_one_expectation_has_one_winner, Needs(Promise::AtomicWrites)),
];

async fn update_session_never_resurrects(cx: Sessions) -> CaseResult {
    const REFUSALS: &[Kind] = &[Kind::InvalidSessionId, Kind::Conflict];
    for lag in LAGS {
        for by_user in [false, true] {
            let session = cx.stored().await?;
            let hour = Duration::from_secs(3_600);
            let renewal = SessionUpdate::renewal(
                session.active_expires.saturating_add(hour),
                session.idle_expires.saturating_add(hour),
            );
            let (updating, deleting) = (cx.adapter(), cx.adapter());
            let (id, revoked) = (session.id.clone(), session.clone());
            let update = async move { updating.update_session(&id, &renewal).await };
            let delete = async move {
                if by_user {
                    deleting.delete_sessions_by_user_id(&revoked.user_id).await
                } else {
                    deleting.delete_session(&revoked.id).await
                }
            };
            let (updated, deleted) = cx.race(lag, update, delete).await?;
            ensure_ok_or(updated, REFUSALS, "the update")?;
            deleted?;
            cx.ensure_ended(&session.user_id, &[&session.id], "a session deleted during its renewal").await?;
            cx.ensure_indexed(&session.user_id, &[], "the index after the deletion").await?;
        }
    }
    Ok(())
}

/// Returns an update for every field.
fn updates_of(session: &SessionSchema, round: i64) -> Vec<SessionUpdate> {
    let later = Duration::from_secs(3_600);
    let attribute = |name: &str, value: Value| sample::session_update(&[(name, value)]);
    vec![
        attribute(COUNTRY, json!(format!("N{round}"))),
        attribute(DEVICE, json!(format!("device {round}"))),
        attribute(VISITS, json!(round + 2)),
        // A lost update leaves the first value, not that of an earlier round.
        attribute(TRUSTED, json!(session.attributes().get(TRUSTED) != Some(&json!(true)))),
        attribute(DATA, json!({ "round": round })),
        sample::active_update(session.active_expires.saturating_add(later)),
        sample::idle_update(session.idle_expires.saturating_add(later)),
    ]
}

async fn update_at_once(cx: &Sessions, session: &SessionSchema, updates: &[SessionUpdate]) -> CaseResult {
    let tasks = updates.iter().cloned().map(|update| {
        let (adapter, id) = (cx.adapter(), session.id.clone());
        task(async move { adapter.update_session(&id, &update).await })
    });
    for outcome in cx.concurrently(tasks).await? {
        outcome?;
    }
    Ok(())
}

async fn parallel_update_session_loses_nothing(cx: Sessions) -> CaseResult {
    let mut session = cx.stored().await?;
    for round in 0..8 {
        let updates = updates_of(&session, round);
        update_at_once(&cx, &session, &updates).await?;
        updates.iter().for_each(|update| session.apply(update));
        cx.ensure_stored(&[&session], "the session after parallel updates of every field").await?;
    }
    cx.ensure_listed(&session.user_id, &[&session], "the sessions of the user").await
}

async fn parallel_update_session_leaves_a_whole_session(cx: Sessions) -> CaseResult {
    let mut session = cx.stored().await?;
    for round in 0..8 {
        let updates = updates_of(&session, round);
        update_at_once(&cx, &session, &updates).await?;
        let mut updated = session.clone();
        updates.iter().for_each(|update| updated.apply(update));
        let Some(found) = cx.adapter.get_session(&session.id).await? else {
            return Err(CaseError::new("a session is gone after parallel updates"));
        };
        let one_of = |field: fn(&SessionSchema) -> Value| [field(&session), field(&updated)].contains(&field(&found));
        ensure(found.user_id == session.user_id, "the session has another user")?;
        ensure(one_of(|row| row.active_expires.get().into()), "the active period is neither the old nor the new one")?;
        ensure(one_of(|row| row.idle_expires.get().into()), "the idle period is neither the old nor the new one")?;
        for name in [COUNTRY, DEVICE, VISITS, TRUSTED, DATA] {
            let values = [session.attributes().get(name), updated.attributes().get(name)];
            ensure(values.contains(&found.attributes().get(name)), format!("`{name}` is neither old nor new"))?;
        }
        ensure(found != session, "none of the parallel updates is stored")?;
        session = found;
    }
    cx.ensure_listed(&session.user_id, &[&session], "the sessions of the user").await
}

async fn parallel_update_session_with_one_expectation_has_one_winner(cx: Sessions) -> CaseResult {
    let mut session = cx.stored().await?;
    let updates: Vec<_> = (1..=10)
        .map(|hours| session.idle_expires.saturating_add(Duration::from_secs(hours * 3_600)))
        .map(|later| sample::expecting(sample::idle_update(later), session.idle_expires))
        .collect();
    let tasks = updates.iter().cloned().map(|update| {
        let (adapter, id) = (cx.adapter(), session.id.clone());
        task(async move { adapter.update_session(&id, &update).await })
    });
    let mut winners = Vec::new();
    for (update, outcome) in updates.iter().zip(cx.concurrently(tasks).await?) {
        match outcome {
            Ok(()) => winners.push(update),
            refused => ensure_fails(refused, Kind::Conflict, "a second winner")?,
        }
    }
    ensure(winners.len() == 1, format!("{} of 10 parallel renewals succeeded", winners.len()))?;
    winners.iter().for_each(|update| session.apply(update));
    cx.ensure_stored(&[&session], "the session with the winner's update").await
}
