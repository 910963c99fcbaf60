use lucia_core::{SessionAdapter, SessionId, SessionSchema};

use super::{get_sessions_by_user_id::neighbours, steps::LAGS};
use crate::{
    Access, Promise,
    case::{
        Case,
        Requirement::{Needs, Opens, Without},
        case,
    },
    context::{Sessions, pause, task},
    ensure::{CaseResult, ensure, ensure_eq},
    sample,
};

pub(super) const CASES: &[Case<dyn SessionAdapter>] = &[
    case!(delete_sessions_by_user_id_deletes_all_of_the_user),
    case!(delete_sessions_by_user_id_deletes_none_of_another_user),
    case!(delete_sessions_by_user_id_spares_a_foreign_index_entry, Opens(Access::Index)),
    case!(delete_sessions_by_user_id_deletes_what_was_set_in_parallel),
    case!(delete_sessions_by_user_id_misses_none_set_in_parallel, Needs(Promise::AtomicDeleteAll)),
    case!(delete_sessions_by_user_id_misses_none_set_before, Without(Promise::AtomicDeleteAll)),
    case!(delete_sessions_by_user_id_deletes_more_than_a_page),
    case!(delete_sessions_by_user_id_of_an_unknown_user_succeeds),
    case!(delete_other_sessions_keeps_one),
    case!(delete_other_sessions_never_keeps_another_users_session),
];

fn ids(sessions: &[SessionSchema]) -> Vec<&SessionId> {
    sessions.iter().map(|session| &session.id).collect()
}

async fn delete_sessions_by_user_id_deletes_all_of_the_user(cx: Sessions) -> CaseResult {
    let (user_id, other) = (cx.user().await?, cx.stored().await?);
    let sessions = [cx.session(&user_id), cx.session(&user_id), cx.session(&user_id)];
    for session in &sessions {
        cx.adapter.set_session(session).await?;
    }
    cx.adapter.delete_sessions_by_user_id(&user_id).await?;
    cx.ensure_indexed(&user_id, &[], "nothing").await?;
    cx.ensure_ended(&user_id, &ids(&sessions), "a session after all were deleted").await?;
    ensure_eq(&cx.adapter.get_sessions_by_user_id(&user_id).await?.len(), &0, "the sessions of the user")?;
    cx.ensure_stored(&[&other], "another user's session").await
}

async fn delete_sessions_by_user_id_deletes_none_of_another_user(cx: Sessions) -> CaseResult {
    let mut users = neighbours(&cx).await?;
    // First the user whose id is a prefix of the others, then those whose ids look like patterns.
    users.sort_by_key(|(id, _)| id.as_str().len());
    let mut rest = users.as_slice();
    while let Some(((user_id, sessions), others)) = rest.split_first() {
        cx.adapter.delete_sessions_by_user_id(user_id).await?;
        cx.ensure_ended(user_id, &ids(sessions), &format!("the sessions of {user_id:?}")).await?;
        for (other, theirs) in others {
            cx.ensure_stored(&theirs.iter().collect::<Vec<_>>(), &format!("{other:?}, after {user_id:?}")).await?;
        }
        rest = others;
    }
    Ok(())
}

async fn delete_sessions_by_user_id_spares_a_foreign_index_entry(cx: Sessions) -> CaseResult {
    let (mine, theirs) = (cx.stored().await?, cx.stored().await?);
    cx.door()?.put_index_entry(&mine.user_id, &theirs.id).await?;
    cx.adapter.delete_sessions_by_user_id(&mine.user_id).await?;
    cx.ensure_ended(&mine.user_id, &[&mine.id], "the user's own session").await?;
    cx.ensure_stored(&[&theirs], "another user's session that the index named").await?;
    cx.ensure_indexed(&mine.user_id, &[], "nothing").await?;
    cx.ensure_listed(&theirs.user_id, &[&theirs], "the sessions of that user").await
}

async fn delete_sessions_by_user_id_deletes_what_was_set_in_parallel(cx: Sessions) -> CaseResult {
    let user_id = cx.user().await?;
    let sessions = cx.store_sessions(&user_id, 20).await?;
    cx.ensure_listed(&user_id, &sessions.iter().collect::<Vec<_>>(), "20 sessions set in parallel").await?;
    cx.adapter.delete_sessions_by_user_id(&user_id).await?;
    cx.ensure_indexed(&user_id, &[], "nothing").await?;
    cx.ensure_ended(&user_id, &ids(&sessions), "a session of 20 set in parallel").await
}

/// Deletes all sessions of a user while others are set. Returns those set before and those set meanwhile.
async fn delete_while_setting(cx: &Sessions, lag: usize) -> CaseResult<(Vec<SessionSchema>, Vec<SessionSchema>)> {
    let user_id = cx.user().await?;
    let before = cx.store_sessions(&user_id, 2).await?;
    let meanwhile: Vec<_> = (0..6).map(|_| cx.session(&user_id)).collect();
    let sets = meanwhile.iter().cloned().enumerate().map(|(index, session)| {
        let adapter = cx.adapter();
        task(async move {
            pause(index).await;
            adapter.set_session(&session).await
        })
    });
    let (adapter, deleted) = (cx.adapter(), user_id.clone());
    let delete = task(async move {
        pause(lag).await;
        adapter.delete_sessions_by_user_id(&deleted).await
    });
    for outcome in cx.concurrently(sets.chain([delete])).await? {
        outcome?;
    }
    cx.ensure_ended(&user_id, &ids(&before), "a session that was set before all were deleted").await?;
    Ok((before, meanwhile))
}

async fn delete_sessions_by_user_id_misses_none_set_in_parallel(cx: Sessions) -> CaseResult {
    for lag in LAGS {
        let (_, meanwhile) = delete_while_setting(&cx, lag).await?;
        let Some(user_id) = meanwhile.first().map(|session| session.user_id.clone()) else { continue };
        let mut alive = Vec::new();
        for session in &meanwhile {
            alive.extend(cx.alive(&session.id).await?);
        }
        cx.ensure_listed(&user_id, &alive.iter().collect::<Vec<_>>(), "the sessions that are alive, all listed")
            .await?;
        cx.ensure_indexed(&user_id, &ids(&alive), "the sessions that are alive").await?;
        cx.adapter.delete_sessions_by_user_id(&user_id).await?;
        cx.ensure_ended(&user_id, &ids(&meanwhile), "a session after a second deletion of all").await?;
    }
    Ok(())
}

async fn delete_sessions_by_user_id_misses_none_set_before(cx: Sessions) -> CaseResult {
    for lag in LAGS {
        delete_while_setting(&cx, lag).await?;
    }
    Ok(())
}

async fn delete_sessions_by_user_id_deletes_more_than_a_page(cx: Sessions) -> CaseResult {
    let user_id = cx.user().await?;
    let sessions = cx.store_sessions(&user_id, 2 * cx.profile.page_size()).await?;
    cx.adapter.delete_sessions_by_user_id(&user_id).await?;
    let mut alive = 0;
    for session in &sessions {
        alive += usize::from(cx.alive(&session.id).await?.is_some());
    }
    ensure(alive == 0, format!("of {} sessions, {alive} are alive after all were deleted", sessions.len()))?;
    cx.ensure_indexed(&user_id, &[], "nothing").await?;
    cx.ensure_listed(&user_id, &[], "the sessions of the user").await
}

async fn delete_sessions_by_user_id_of_an_unknown_user_succeeds(cx: Sessions) -> CaseResult {
    let session = cx.stored().await?;
    for id in [sample::user_id(), "*".into(), "%".into(), "".into(), session.id.as_str().into()] {
        cx.adapter.delete_sessions_by_user_id(&id).await?;
    }
    cx.ensure_stored(&[&session], "a session of somebody else").await?;
    cx.ensure_listed(&session.user_id, &[&session], "the sessions of somebody else").await
}

async fn delete_other_sessions_keeps_one(cx: Sessions) -> CaseResult {
    let (kept, other) = (cx.stored().await?, cx.stored().await?);
    let sessions = cx.store_sessions(&kept.user_id, 4).await?;
    cx.adapter.delete_other_sessions(&kept.user_id, &kept.id).await?;
    cx.ensure_stored(&[&kept, &other], "the kept session, and another user's").await?;
    cx.ensure_indexed(&kept.user_id, &[&kept.id], "the kept session").await?;
    cx.ensure_listed(&kept.user_id, &[&kept], "the sessions of the user").await?;
    cx.ensure_ended(&kept.user_id, &ids(&sessions), "a session that was not kept").await
}

async fn delete_other_sessions_never_keeps_another_users_session(cx: Sessions) -> CaseResult {
    for by_unknown in [false, true] {
        let (mine, theirs) = (cx.stored().await?, cx.stored().await?);
        let keep = if by_unknown { sample::session_id() } else { theirs.id.clone() };
        cx.adapter.delete_other_sessions(&mine.user_id, &keep).await?;
        cx.ensure_ended(&mine.user_id, &[&mine.id], "a session, where an id that is not its user's is kept").await?;
        cx.ensure_listed(&mine.user_id, &[], "the sessions of the user").await?;
        cx.ensure_stored(&[&theirs], "another user's session").await?;
        cx.ensure_listed(&theirs.user_id, &[&theirs], "the sessions of the other user").await?;
    }
    Ok(())
}
