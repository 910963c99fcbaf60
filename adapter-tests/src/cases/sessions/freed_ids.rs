//! The id of an ended session may be set again for another user. The first user must neither see nor end the new
//! session.
//!
//! This reveals an index entry that outlives its session without access to the index.

use lucia_core::{AdapterErrorKind as Kind, SessionAdapter, SessionSchema, SessionUpdate, UnixMillis};
use serde_json::json;

use super::steps::is_refusal;
use crate::{
    Access,
    case::{Case, case},
    context::Sessions,
    ensure::{CaseResult, ensure, ensure_ok_or, with_sources},
    sample,
    schema::VISITS,
};

pub(super) const CASES: &[Case<dyn SessionAdapter>] = &[
    case!(delete_session_frees_its_id),
    case!(delete_sessions_by_user_id_frees_their_ids),
    case!(delete_other_sessions_frees_their_ids),
    case!(delete_oldest_sessions_frees_their_ids),
    case!(delete_expired_sessions_frees_their_ids),
    case!(update_session_to_a_past_expiry_frees_its_id),
    case!(rotate_session_frees_the_old_id),
];

/// An operation of the first user, after the id was set for another user.
const THEN: [Then; 2] = [Then::List, Then::RevokeAll];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    List,
    RevokeAll,
}

/// Sets the id of an ended session for another user. `left` are the remaining sessions of the first user.
async fn ensure_freed(cx: &Sessions, ended: &SessionSchema, left: &[&SessionSchema], then: Then) -> CaseResult {
    let theirs = sample::with_id(cx.session(&cx.user().await?), ended.id.clone());
    let set = cx.adapter.set_session(&theirs).await;
    if !ensure_ok_or(set, &[Kind::DuplicateSessionId, Kind::Conflict], "the id of an ended session, set again")? {
        ensure(!cx.adapter.frees_ids(), "the id of an ended session is refused, although `frees_ids` returns `true`")?;
        cx.leave_out("the store refuses the id of an ended session");
        cx.ensure_ended(&ended.user_id, &[&ended.id], "an ended session whose id is refused").await?;
        return cx.ensure_listed(&ended.user_id, left, "the sessions of the user whose session ended").await;
    }
    if then == Then::RevokeAll {
        cx.adapter.delete_sessions_by_user_id(&ended.user_id).await?;
    }
    let left = if then == Then::RevokeAll { &[] } else { left };
    cx.ensure_listed(&ended.user_id, left, "the sessions of the user whose session ended").await?;
    cx.ensure_stored(&[&theirs], "the session of the user who has the id now").await?;
    cx.ensure_listed(&theirs.user_id, &[&theirs], "the sessions of the user who has the id now").await
}

async fn delete_session_frees_its_id(cx: Sessions) -> CaseResult {
    for then in THEN {
        let session = cx.stored().await?;
        cx.adapter.delete_session(&session.id).await?;
        ensure_freed(&cx, &session, &[], then).await?;
    }
    Ok(())
}

async fn delete_sessions_by_user_id_frees_their_ids(cx: Sessions) -> CaseResult {
    for then in THEN {
        let session = cx.stored().await?;
        cx.adapter.delete_sessions_by_user_id(&session.user_id).await?;
        ensure_freed(&cx, &session, &[], then).await?;
    }
    Ok(())
}

async fn delete_other_sessions_frees_their_ids(cx: Sessions) -> CaseResult {
    for then in THEN {
        let session = cx.stored().await?;
        let kept = cx.session(&session.user_id);
        cx.adapter.set_session(&kept).await?;
        cx.adapter.delete_other_sessions(&session.user_id, &kept.id).await?;
        ensure_freed(&cx, &session, &[&kept], then).await?;
    }
    Ok(())
}

async fn delete_oldest_sessions_frees_their_ids(cx: Sessions) -> CaseResult {
    for then in THEN {
        let session = cx.stored().await?;
        // The older one expires last.
        let kept = sample::with_attributes(cx.session(&session.user_id), &[(VISITS, json!(2))]);
        let kept = sample::ending_at(kept, session.active_expires);
        cx.adapter.set_session(&kept).await?;
        cx.adapter.delete_oldest_sessions(&session.user_id, &sample::session_id(), VISITS, 1).await?;
        ensure_freed(&cx, &session, &[&kept], then).await?;
    }
    Ok(())
}

async fn delete_expired_sessions_frees_their_ids(cx: Sessions) -> CaseResult {
    let past = UnixMillis::new(cx.now().get() - 1);
    for then in THEN {
        let session = sample::ending_at(cx.session(&cx.user().await?), past);
        if let Err(error) = cx.adapter.set_session(&session).await {
            let what = with_sources("a session that has ended is refused as a failure of the store", &error);
            ensure(is_refusal(error.kind()), what)?;
        }
        cx.adapter.delete_expired_sessions(cx.now(), 100).await?;
        ensure_freed(&cx, &session, &[], then).await?;
        if let Some(door) = cx.door_to(Access::Index)? {
            let session = cx.stored().await?;
            door.expire_session(&session.id).await?;
            ensure_freed(&cx, &session, &[], then).await?;
        }
    }
    Ok(())
}

async fn update_session_to_a_past_expiry_frees_its_id(cx: Sessions) -> CaseResult {
    let past = UnixMillis::new(cx.now().get() - 1);
    for then in THEN {
        let session = cx.stored().await?;
        if let Err(error) = cx.adapter.update_session(&session.id, &SessionUpdate::renewal(past, past)).await {
            let what = with_sources("an expiry in the past is refused as a failure of the store", &error);
            ensure(is_refusal(error.kind()), what)?;
        }
        cx.adapter.delete_expired_sessions(cx.now(), 100).await?;
        ensure_freed(&cx, &session, &[], then).await?;
    }
    Ok(())
}

async fn rotate_session_frees_the_old_id(cx: Sessions) -> CaseResult {
    for then in THEN {
        let session = cx.stored().await?;
        let rotated = sample::with_id(session.clone(), sample::session_id());
        cx.adapter.rotate_session(&session.id, &rotated.id, &SessionUpdate::default()).await?;
        ensure_freed(&cx, &session, &[&rotated], then).await?;
    }
    Ok(())
}
