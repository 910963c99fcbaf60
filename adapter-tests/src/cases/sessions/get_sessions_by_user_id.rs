use lucia_core::{AdapterErrorKind as Kind, SessionAdapter, SessionSchema, UserId};

use crate::{
    Access, Corruption, Promise,
    case::{
        Case,
        Requirement::{Needs, Opens, Without},
        case,
    },
    context::Sessions,
    ensure::{CaseResult, ensure, ensure_eq, ensure_fails},
    sample,
};

pub(super) const CASES: &[Case<dyn SessionAdapter>] = &[
    case!(get_sessions_by_user_id_returns_all_of_the_user),
    case!(get_sessions_by_user_id_returns_more_than_a_page),
    case!(get_sessions_by_user_id_returns_none_of_another_user),
    case!(get_sessions_by_user_id_ignores_a_foreign_index_entry, Opens(Access::Index)),
    case!(get_sessions_by_user_id_skips_missing_sessions, Needs(Promise::AtomicIndex), Opens(Access::Index)),
    case!(get_sessions_by_user_id_removes_old_leftovers, Without(Promise::AtomicIndex), Opens(Access::Index)),
    case!(get_sessions_by_user_id_of_an_unknown_user_is_empty),
    case!(get_sessions_by_user_id_survives_a_corrupt_value, Opens(Access::Corruption)),
];

/// Stores users whose ids are confusable by prefix, pattern or path, each with two sessions. Leaves out ids that the
/// store rejects.
pub(super) async fn neighbours(cx: &Sessions) -> CaseResult<Vec<(UserId, Vec<SessionSchema>)>> {
    let base = sample::text(10);
    let mut ids: Vec<_> = sample::TRICKY_ENDINGS.iter().map(|ending| format!("{base}{ending}")).collect();
    ids.extend([String::new(), "*".to_owned(), format!("[{base}]"), base[..5].to_owned()]);
    if cx.promises(Promise::ExactIds) {
        ids.push(base.to_uppercase());
    }
    let mut users = Vec::new();
    for id in ids.into_iter().map(UserId::new) {
        if !cx.user_named(&id).await? {
            continue;
        }
        let sessions = [cx.session(&id), cx.session(&id)];
        match cx.adapter.set_session(&sessions[0]).await {
            Err(error) if error.kind() == Kind::UnsupportedId => continue,
            stored => stored?,
        }
        cx.adapter.set_session(&sessions[1]).await?;
        users.push((id, sessions.into()));
    }
    Ok(users)
}

async fn get_sessions_by_user_id_returns_all_of_the_user(cx: Sessions) -> CaseResult {
    let user_id = cx.user().await?;
    let sessions = [cx.session(&user_id), cx.session(&user_id), cx.session(&user_id)];
    for session in &sessions {
        cx.adapter.set_session(session).await?;
    }
    ensure_fails(cx.adapter.set_session(&sessions[0]).await, Kind::DuplicateSessionId, "a session set twice")?;
    let sessions: Vec<_> = sessions.iter().collect();
    cx.ensure_listed(&user_id, &sessions, "three sessions of one user").await?;
    cx.ensure_listed(&user_id, &sessions, "the same, listed again").await
}

async fn get_sessions_by_user_id_returns_more_than_a_page(cx: Sessions) -> CaseResult {
    let user_id = cx.user().await?;
    let sessions = cx.store_sessions(&user_id, cx.more_than_a_page()).await?;
    let what = format!("{} sessions of one user", sessions.len());
    cx.ensure_listed(&user_id, &sessions.iter().collect::<Vec<_>>(), &what).await
}

async fn get_sessions_by_user_id_returns_none_of_another_user(cx: Sessions) -> CaseResult {
    for (user_id, sessions) in neighbours(&cx).await? {
        cx.ensure_listed(&user_id, &sessions.iter().collect::<Vec<_>>(), &format!("the sessions of {user_id:?}"))
            .await?;
    }
    Ok(())
}

async fn get_sessions_by_user_id_ignores_a_foreign_index_entry(cx: Sessions) -> CaseResult {
    let (mine, theirs) = (cx.stored().await?, cx.stored().await?);
    cx.door()?.put_index_entry(&mine.user_id, &theirs.id).await?;
    cx.ensure_listed(&mine.user_id, &[&mine], "the sessions of a user whose index names another's").await?;
    cx.ensure_stored(&[&theirs], "the other user's session").await?;
    cx.ensure_listed(&theirs.user_id, &[&theirs], "the sessions of the other user").await
}

/// Stores a session, and two of the same user that the store has dropped. The last one is deleted, too.
async fn stored_beside_gone(cx: &Sessions) -> CaseResult<[SessionSchema; 3]> {
    let session = cx.stored().await?;
    let (gone, deleted) = (cx.session(&session.user_id), cx.session(&session.user_id));
    cx.adapter.set_session(&gone).await?;
    cx.adapter.set_session(&deleted).await?;
    cx.door()?.expire_session(&gone.id).await?;
    cx.door()?.expire_session(&deleted.id).await?;
    cx.adapter.delete_session(&deleted.id).await?;
    Ok([session, gone, deleted])
}

async fn get_sessions_by_user_id_skips_missing_sessions(cx: Sessions) -> CaseResult {
    let [session, gone, deleted] = stored_beside_gone(&cx).await?;
    cx.door()?.put_index_entry(&session.user_id, &sample::session_id()).await?;
    cx.ensure_listed(&session.user_id, &[&session], "the sessions of a user with dropped sessions").await?;
    cx.ensure_indexed(&session.user_id, &[&session.id], "the index of a user with dropped sessions").await?;
    cx.adapter.delete_sessions_by_user_id(&session.user_id).await?;
    cx.ensure_ended(&session.user_id, &[&session.id, &gone.id, &deleted.id], "afterwards").await
}

/// A recent entry without a session may belong to a session that is being inserted.
async fn get_sessions_by_user_id_removes_old_leftovers(cx: Sessions) -> CaseResult {
    let [session, gone, deleted] = stored_beside_gone(&cx).await?;
    let leftover = sample::session_id();
    cx.door()?.put_index_entry(&session.user_id, &leftover).await?;
    cx.ensure_listed(&session.user_id, &[&session], "the sessions of a user with dropped sessions").await?;
    let indexed = cx.door()?.index(&session.user_id).await?;
    ensure(indexed.contains(&session.id), "the index no longer names a live session")?;
    let allowed = [&session.id, &gone.id, &deleted.id];
    ensure(indexed.iter().all(|id| allowed.contains(&id)), "the index still names an old entry without a session")?;
    cx.adapter.delete_sessions_by_user_id(&session.user_id).await?;
    cx.ensure_ended(&session.user_id, &[&session.id, &gone.id, &deleted.id], "afterwards").await
}

async fn get_sessions_by_user_id_of_an_unknown_user_is_empty(cx: Sessions) -> CaseResult {
    cx.stored().await?;
    for id in [sample::user_id(), "*".into(), "%".into(), "".into()] {
        ensure_eq(&cx.adapter.get_sessions_by_user_id(&id).await?, &vec![], "the sessions of an unknown user")?;
    }
    Ok(())
}

async fn get_sessions_by_user_id_survives_a_corrupt_value(cx: Sessions) -> CaseResult {
    for how in [Corruption::Garbage, Corruption::OtherKind] {
        let (first, second) = (cx.stored().await?, cx.stored().await?);
        let mut rest = cx.session(&first.user_id);
        rest.id = sample::session_id();
        cx.adapter.set_session(&rest).await?;
        cx.door()?.corrupt_session(&first.id, how).await?;
        cx.ensure_listed(&first.user_id, &[&rest], &format!("the sessions beside a corrupt one ({how:?})")).await?;
        // The corrupt session must not prevent a revocation either.
        cx.adapter.delete_sessions_by_user_id(&first.user_id).await?;
        ensure(cx.alive(&rest.id).await?.is_none(), "a session beside a corrupt one survives its revocation")?;
        cx.ensure_stored(&[&second], "a session of another user").await?;
    }
    Ok(())
}
