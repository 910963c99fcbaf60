use lucia_core::{AdapterErrorKind as Kind, SessionAdapter, SessionSchema};

use super::steps::is_refusal;
use crate::{
    Access, Promise,
    case::{
        Case,
        Requirement::{Needs, Opens, Without},
        case,
    },
    context::{Sessions, task},
    ensure::{CaseError, CaseResult, ensure, ensure_eq, ensure_fails},
    sample,
};

pub(super) const CASES: &[Case<dyn SessionAdapter>] = &[
    case!(set_session_inserts_the_session),
    case!(set_session_with_a_duplicate_id_changes_nothing),
    case!(parallel_set_session_with_one_id_has_one_winner, Needs(Promise::AtomicWrites)),
    case!(parallel_set_session_with_one_id_leaves_one_session, Without(Promise::AtomicWrites)),
    case!(set_session_of_an_unknown_user_is_invalid, Needs(Promise::SessionsReferenceUsers)),
    case!(set_session_of_an_unknown_user_is_stored, Without(Promise::SessionsReferenceUsers)),
    case!(set_session_that_fails_half_way_leaves_nothing, Needs(Promise::AtomicIndex), Opens(Access::FailingWrites)),
    case!(
        set_session_that_fails_half_way_leaves_nothing_alive,
        Without(Promise::AtomicIndex),
        Opens(Access::FailingWrites)
    ),
];

async fn set_session_inserts_the_session(cx: Sessions) -> CaseResult {
    let session = cx.stored().await?;
    cx.ensure_stored(&[&session], "the session").await?;
    cx.ensure_indexed(&session.user_id, &[&session.id], "the session").await?;
    cx.ensure_listed(&session.user_id, &[&session], "the sessions of the user").await?;
    if let Some(door) = cx.door_to(Access::RawSessions)? {
        let raw = door
            .raw_session(&session.id)
            .await?
            .ok_or_else(|| CaseError::new("the store does not contain the session"))?;
        let raw = String::from_utf8_lossy(&raw).into_owned();
        ensure_eq(&raw, &session.to_json(), "the stored JSON, which Lucia JS reads too")?;
    }
    Ok(())
}

async fn set_session_with_a_duplicate_id_changes_nothing(cx: Sessions) -> CaseResult {
    let session = cx.stored().await?;
    let late = cx.user().await?;
    for user_id in [&session.user_id, &late] {
        let same_id = sample::with_id(cx.session(user_id), session.id.clone());
        ensure_fails(cx.adapter.set_session(&same_id).await, Kind::DuplicateSessionId, "a taken id")?;
        cx.ensure_stored(&[&session], "the first session").await?;
        cx.ensure_indexed(&session.user_id, &[&session.id], "the first session").await?;
        cx.ensure_listed(&session.user_id, &[&session], "the sessions of its user").await?;
    }
    cx.ensure_indexed(&late, &[], "nothing").await?;
    cx.ensure_listed(&late, &[], "the sessions of the second user").await
}

/// Sets sessions of ten users with the same id in parallel. Returns all sessions and those that were inserted.
async fn race_for_an_id(cx: &Sessions) -> CaseResult<(Vec<SessionSchema>, Vec<SessionSchema>)> {
    let id = sample::session_id();
    let mut sessions = Vec::new();
    for _ in 0..10 {
        sessions.push(sample::with_id(cx.session(&cx.user().await?), id.clone()));
    }
    let tasks = sessions.iter().cloned().map(|session| {
        let adapter = cx.adapter();
        task(async move { adapter.set_session(&session).await })
    });
    let mut winners = Vec::new();
    for (session, outcome) in sessions.iter().zip(cx.concurrently(tasks).await?) {
        match outcome {
            Ok(()) => winners.push(session.clone()),
            refused => ensure_fails(refused, Kind::DuplicateSessionId, "a second winner")?,
        }
    }
    Ok((sessions, winners))
}

async fn parallel_set_session_with_one_id_has_one_winner(cx: Sessions) -> CaseResult {
    let (sessions, winners) = race_for_an_id(&cx).await?;
    ensure(winners.len() == 1, format!("{} of 10 parallel calls inserted one session", winners.len()))?;
    cx.ensure_stored(&winners.iter().collect::<Vec<_>>(), "the winner's session").await?;
    for session in &sessions {
        let expected: &[_] = if winners.contains(session) { &[session] } else { &[] };
        cx.ensure_listed(&session.user_id, expected, "the sessions of a user of the race").await?;
        let ids: Vec<_> = expected.iter().map(|session| &session.id).collect();
        cx.ensure_indexed(&session.user_id, &ids, "the winner's session").await?;
    }
    Ok(())
}

async fn parallel_set_session_with_one_id_leaves_one_session(cx: Sessions) -> CaseResult {
    let (sessions, winners) = race_for_an_id(&cx).await?;
    ensure(!winners.is_empty(), "none of the parallel calls succeeded")?;
    let Some(stored) = cx.adapter.get_session(&winners[0].id).await? else {
        return Err(CaseError::new("some parallel calls succeeded, but no session is stored"));
    };
    ensure(winners.contains(&stored), "the stored session is one of the inserted ones, unmixed")?;
    for session in &sessions {
        let expected: &[_] = if *session == stored { &[session] } else { &[] };
        cx.ensure_listed(&session.user_id, expected, "the sessions of a user of the race").await?;
    }
    Ok(())
}

async fn set_session_of_an_unknown_user_is_invalid(cx: Sessions) -> CaseResult {
    let session = cx.session(&sample::user_id());
    ensure_fails(cx.adapter.set_session(&session).await, Kind::InvalidUserId, "a session of an unknown user")?;
    ensure_eq(&cx.adapter.get_session(&session.id).await?, &None, "the session that was refused")?;
    cx.ensure_listed(&session.user_id, &[], "the sessions of an unknown user").await
}

async fn set_session_of_an_unknown_user_is_stored(cx: Sessions) -> CaseResult {
    let session = cx.session(&sample::user_id());
    cx.adapter.set_session(&session).await?;
    cx.ensure_stored(&[&session], "the session of an unknown user").await?;
    cx.ensure_listed(&session.user_id, &[&session], "the sessions of an unknown user").await
}

/// Sets a session whose `nth` write fails; `None` if it took fewer writes.
async fn set_with_failing_write(cx: &Sessions, nth: usize) -> CaseResult<Option<SessionSchema>> {
    let session = cx.session(&cx.user().await?);
    cx.door()?.fail_write(nth).await?;
    let Err(error) = cx.adapter.set_session(&session).await else {
        // The pending failure would affect a later write, so this is the last one.
        cx.ensure_stored(&[&session], "the session that was set").await?;
        return Ok(None);
    };
    ensure(!is_refusal(error.kind()), "the error kind of a failure of the store")?;
    ensure_eq(&cx.adapter.get_session(&session.id).await?, &None, "a session whose insertion failed")?;
    Ok(Some(session))
}

async fn set_session_that_fails_half_way_leaves_nothing(cx: Sessions) -> CaseResult {
    for nth in 1..=4 {
        let Some(session) = set_with_failing_write(&cx, nth).await? else { break };
        cx.ensure_indexed(&session.user_id, &[], &format!("the index after write {nth} failed")).await?;
    }
    Ok(())
}

/// A failed write may still be carried out. The index may name the session, and must if the session exists.
async fn set_session_that_fails_half_way_leaves_nothing_alive(cx: Sessions) -> CaseResult {
    for nth in 1..=4 {
        let Some(session) = set_with_failing_write(&cx, nth).await? else { break };
        cx.ensure_ended(&session.user_id, &[&session.id], &format!("a session whose write {nth} failed")).await?;
    }
    Ok(())
}
