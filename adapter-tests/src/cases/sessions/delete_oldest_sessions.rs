use std::time::Duration;

use lucia_core::{AdapterErrorKind as Kind, SessionAdapter, SessionId, SessionSchema, UserId};
use serde_json::{Value, json};

use super::get_sessions_by_user_id::neighbours;
use crate::{
    Promise,
    case::{Case, Requirement::Needs, case},
    context::{Sessions, task},
    ensure::{CaseResult, ensure, ensure_eq, ensure_fails},
    sample,
    schema::{COUNTRY, VISITS},
};

pub(super) const CASES: &[Case<dyn SessionAdapter>] = &[
    case!(delete_oldest_sessions_keeps_the_youngest),
    case!(delete_oldest_sessions_keeps_the_given_session),
    case!(delete_oldest_sessions_takes_a_session_without_the_attribute_first),
    case!(delete_oldest_sessions_compares_expiries_of_the_same_age),
    case!(delete_oldest_sessions_deletes_none_of_another_user),
    case!(delete_oldest_sessions_refuses_hostile_attribute_names, Needs(Promise::FixedAttributes)),
    case!(parallel_delete_oldest_sessions_keeps_as_many),
];

/// Stores a session that was created at this time and expires this number of hours later than others.
async fn stored(cx: &Sessions, user_id: &UserId, created_at: Value, hours: u32) -> CaseResult<SessionSchema> {
    let mut session = sample::with_attributes(cx.session(user_id), &[(VISITS, created_at)]);
    session.idle_expires = session.idle_expires.saturating_add(Duration::from_secs(3_600) * hours);
    cx.adapter.set_session(&session).await?;
    Ok(session)
}

/// Deletes the oldest sessions without one to keep, and checks which are left. They are sorted from young to old.
async fn ensure_kept(cx: &Sessions, youngest: &[SessionSchema], max: usize, what: &str) -> CaseResult {
    ensure_kept_with(cx, &sample::session_id(), youngest, max, what).await
}

async fn ensure_kept_with(
    cx: &Sessions,
    keep: &SessionId,
    youngest: &[SessionSchema],
    max: usize,
    what: &str,
) -> CaseResult {
    let Some(user_id) = youngest.first().map(|session| &session.user_id) else { return Ok(()) };
    cx.adapter.delete_oldest_sessions(user_id, keep, VISITS, max).await?;
    let (kept, deleted) = youngest.split_at(max.min(youngest.len()));
    cx.ensure_listed(user_id, &kept.iter().collect::<Vec<_>>(), &format!("{what}, at most {max}")).await?;
    let ids: Vec<&SessionId> = kept.iter().map(|session| &session.id).collect();
    cx.ensure_indexed(user_id, &ids, "the youngest sessions").await?;
    let ids: Vec<_> = deleted.iter().map(|session| &session.id).collect();
    cx.ensure_ended(user_id, &ids, &format!("{what}: an older one than the youngest {max}")).await
}

async fn delete_oldest_sessions_keeps_the_youngest(cx: Sessions) -> CaseResult {
    let user_id = cx.user().await?;
    // The young ones expire first.
    let mut sessions = Vec::new();
    for (created_at, hours) in
        [(0, 3), (-1, 4), (1_700_000_000_001_i64, 0), (1, 2), (1_700_000_000_000, 1), (-1_700_000_000_000, 5)]
    {
        sessions.push((hours, stored(&cx, &user_id, json!(created_at), hours).await?));
    }
    sessions.sort_by_key(|(hours, _)| *hours);
    let youngest: Vec<_> = sessions.into_iter().map(|(_, session)| session).collect();
    for max in [usize::MAX, 7, 6, 5, 2, 0, 0] {
        ensure_kept(&cx, &youngest, max, "the sessions of the user").await?;
    }
    Ok(())
}

/// Stores a session whose clock was behind, one that is equal to another, and one without a time.
async fn delete_oldest_sessions_keeps_the_given_session(cx: Sessions) -> CaseResult {
    for (created_at, hours) in [(json!(-1), 9), (json!(7), 0), (json!(null), 0)] {
        let user_id = cx.user().await?;
        let mut sessions = Vec::new();
        for (created_at, hours) in [(created_at.clone(), hours), (json!(8), 0), (json!(7), 1), (json!(6), 2)] {
            sessions.push(stored(&cx, &user_id, created_at, hours).await?);
        }
        let keep = sessions[0].id.clone();
        for max in [4, 3, 2, 1, 0] {
            let what = format!("the session to keep, which was created at {created_at}, and younger ones");
            ensure_kept_with(&cx, &keep, &sessions, max, &what).await?;
        }
    }
    let other = cx.stored().await?;
    let absent = ["", "\0", "*", &sample::text(600)].map(SessionId::new);
    for keep in absent.iter().chain([&other.id]) {
        let user_id = cx.user().await?;
        let sessions = [stored(&cx, &user_id, json!(2), 0).await?, stored(&cx, &user_id, json!(1), 0).await?];
        let what = format!("the user's sessions, if {:?} is to be kept", keep.as_str());
        ensure_kept_with(&cx, keep, &sessions, 2, &what).await?;
        ensure_kept_with(&cx, keep, &sessions, 1, &what).await?;
    }
    cx.ensure_stored(&[&other], "the session of another user").await
}

async fn delete_oldest_sessions_takes_a_session_without_the_attribute_first(cx: Sessions) -> CaseResult {
    let user_id = cx.user().await?;
    let old = stored(&cx, &user_id, json!(-1_700_000_000_000_i64), 0).await?;
    let unknown = stored(&cx, &user_id, json!(null), 1).await?;
    ensure_kept(&cx, &[old, unknown], 1, "a session with the attribute and one where it is null").await?;
    if cx.promises(Promise::FixedAttributes) {
        cx.leave_out("the store adds missing attributes");
        return Ok(());
    }
    let user_id = cx.user().await?;
    let unknown = cx.session(&user_id);
    let attributes = unknown.attributes().iter().filter(|(name, _)| *name != VISITS);
    let attributes = attributes.map(|(name, value)| (name.to_owned(), value.clone())).collect();
    let unknown = sample::unreserved(unknown.with_attributes(attributes));
    cx.adapter.set_session(&unknown).await?;
    let old = stored(&cx, &user_id, json!(-1_700_000_000_000_i64), 0).await?;
    ensure_kept(&cx, &[old, unknown], 1, "a session with the attribute and one without it").await
}

async fn delete_oldest_sessions_compares_expiries_of_the_same_age(cx: Sessions) -> CaseResult {
    for created_at in [json!(1_700_000_000_000_i64), json!(null)] {
        let user_id = cx.user().await?;
        let mut sessions = Vec::new();
        for hours in [1, 3, 0, 2] {
            sessions.push(stored(&cx, &user_id, created_at.clone(), hours).await?);
        }
        sessions.sort_by_key(|session| std::cmp::Reverse(session.idle_expires));
        for max in [3, 1] {
            ensure_kept(&cx, &sessions, max, &format!("sessions that were all created at {created_at}")).await?;
        }
    }
    Ok(())
}

async fn delete_oldest_sessions_deletes_none_of_another_user(cx: Sessions) -> CaseResult {
    let (user_id, other) = (cx.user().await?, cx.user().await?);
    let (older, younger) = (stored(&cx, &user_id, json!(1), 1).await?, stored(&cx, &user_id, json!(2), 0).await?);
    let theirs = [stored(&cx, &other, json!(0), 0).await?, stored(&cx, &other, json!(3), 0).await?];
    ensure_kept(&cx, &[younger, older], 1, "the sessions of the user").await?;
    cx.ensure_listed(&other, &theirs.iter().collect::<Vec<_>>(), "the sessions of the other user").await?;
    let users = neighbours(&cx).await?;
    for (index, (user_id, _)) in users.iter().enumerate() {
        cx.adapter.delete_oldest_sessions(user_id, &sample::session_id(), VISITS, 0).await?;
        cx.ensure_listed(user_id, &[], &format!("the sessions of {user_id:?}")).await?;
        for (other, theirs) in &users[index + 1..] {
            cx.ensure_stored(&theirs.iter().collect::<Vec<_>>(), &format!("{other:?}, after {user_id:?}")).await?;
        }
    }
    Ok(())
}

async fn delete_oldest_sessions_refuses_hostile_attribute_names(cx: Sessions) -> CaseResult {
    let session = cx.stored().await?;
    // The last one is an attribute that has no integers.
    for name in sample::HOSTILE_NAMES.iter().chain(&[COUNTRY]) {
        let outcome = cx.adapter.delete_oldest_sessions(&session.user_id, &session.id, name, 0).await;
        ensure_fails(outcome, Kind::InvalidAttribute, &format!("{name:?}"))?;
    }
    cx.ensure_listed(&session.user_id, &[&session], "the sessions of the user").await
}

async fn parallel_delete_oldest_sessions_keeps_as_many(cx: Sessions) -> CaseResult {
    let user_id = cx.user().await?;
    let now = cx.now().saturating_add(Duration::from_secs(3_600));
    let mut ids = Vec::new();
    for _ in 0..8 {
        let session = sample::ending_at(sample::with_attributes(cx.session(&user_id), &[(VISITS, json!(7))]), now);
        cx.adapter.set_session(&session).await?;
        ids.push(session.id);
    }
    // The first id is the one that would be deleted first.
    ids.sort_unstable();
    for max in [5, 2] {
        in_parallel(&cx, &user_id, &[&ids[0]; 6], max).await?;
        let left = cx.adapter.get_sessions_by_user_id(&user_id).await?;
        ensure_eq(&left.len(), &max, "how many of 8 equal sessions are left by parallel calls")?;
        let is_kept = left.iter().any(|session| session.id == ids[0]);
        ensure(is_kept, "the session that all calls keep is gone")?;
    }
    let user_id = cx.user().await?;
    let mut ids = Vec::new();
    for created_at in 0..6 {
        ids.push(stored(&cx, &user_id, json!(created_at), 0).await?.id);
    }
    in_parallel(&cx, &user_id, &ids.iter().collect::<Vec<_>>(), 2).await?;
    let left = cx.adapter.get_sessions_by_user_id(&user_id).await?.len();
    ensure(left <= 2, format!("{left} sessions are left by parallel calls that each keep 2"))
}

/// Deletes the oldest sessions in parallel, once for each of these sessions.
async fn in_parallel(cx: &Sessions, user_id: &UserId, keep: &[&SessionId], max: usize) -> CaseResult {
    let tasks = keep.iter().map(|keep| {
        let (adapter, user_id, keep) = (cx.adapter(), user_id.clone(), SessionId::clone(keep));
        task(async move { adapter.delete_oldest_sessions(&user_id, &keep, VISITS, max).await })
    });
    for outcome in cx.concurrently(tasks).await? {
        outcome?;
    }
    Ok(())
}
