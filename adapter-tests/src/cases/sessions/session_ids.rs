use lucia_core::{AdapterErrorKind as Kind, SessionAdapter, SessionId, UserId};

use crate::{
    Access, Promise,
    case::{
        Case,
        Requirement::{Needs, Opens, Without},
        case,
    },
    context::Sessions,
    ensure::{CaseError, CaseResult, ensure, ensure_eq, ensure_ok_or},
    sample,
};

pub(super) const CASES: &[Case<dyn SessionAdapter>] = &[
    case!(session_ids_never_alias),
    case!(session_ids_are_compared_exactly, Needs(Promise::ExactIds)),
    case!(session_ids_that_the_store_equates_are_not_mixed, Without(Promise::ExactIds)),
    case!(sessions_of_two_stores_are_isolated, Opens(Access::Neighbours)),
];

async fn session_ids_never_alias(cx: Sessions) -> CaseResult {
    let (user_id, base) = (cx.user().await?, sample::text(10));
    let ids = sample::TRICKY_ENDINGS.iter().map(|ending| format!("{base}{ending}"));
    let (mut stored, mut refused) = (Vec::new(), Vec::new());
    for id in ids.chain([String::new(), "..".to_owned(), format!(" {base}"), sample::text(400), sample::text(600)]) {
        let mut session = cx.session(&user_id);
        session.id = SessionId::new(id.clone());
        let found = cx.adapter.get_session(&session.id).await?;
        ensure(found.is_none(), format!("an id reads a session before it is set: {id:?}"))?;
        let outcome = cx.adapter.set_session(&session).await;
        let refusals = cx.refusals(Kind::DuplicateSessionId);
        let list = if ensure_ok_or(outcome, &refusals, &format!("{id:?}"))? { &mut stored } else { &mut refused };
        list.push(session);
    }
    let stored: Vec<_> = stored.iter().collect();
    cx.ensure_stored(&stored, "the session of this id").await?;
    cx.ensure_listed(&user_id, &stored, "the sessions of all ids").await?;
    for session in &refused {
        let found = cx.adapter.get_session(&session.id).await?;
        ensure(found.is_none(), format!("a refused id reads a session: {:?}", session.id.as_str()))?;
    }
    for (index, session) in stored.iter().enumerate().step_by(7) {
        cx.adapter.delete_session(&session.id).await?;
        ensure(cx.alive(&session.id).await?.is_none(), "a deleted session is alive")?;
        cx.ensure_stored(&stored[index + 1..stored.len().min(index + 7)], "another session than the deleted one")
            .await?;
    }
    Ok(())
}

async fn session_ids_are_compared_exactly(cx: Sessions) -> CaseResult {
    for (one, other) in sample::EQUATED_ENDINGS {
        let base = sample::text(10);
        let (mut one_row, mut other_row) = (cx.session(&cx.user().await?), cx.session(&cx.user().await?));
        one_row.id = SessionId::new(format!("{base}{one}"));
        other_row.id = SessionId::new(format!("{base}{other}"));
        cx.adapter.set_session(&one_row).await?;
        let found = cx.adapter.get_session(&other_row.id).await?;
        ensure(found.is_none(), format!("{other:?} reads the session of {one:?}"))?;
        cx.adapter.set_session(&other_row).await?;
        cx.ensure_stored(&[&one_row, &other_row], "sessions of similar ids").await?;
        cx.adapter.delete_session(&one_row.id).await?;
        cx.ensure_stored(&[&other_row], "the session of an id similar to a deleted one").await?;
    }
    Ok(())
}

async fn session_ids_that_the_store_equates_are_not_mixed(cx: Sessions) -> CaseResult {
    for (one, other) in sample::EQUATED_ENDINGS {
        let base = sample::text(10);
        let (mut one_row, mut other_row) = (cx.session(&cx.user().await?), cx.session(&cx.user().await?));
        one_row.id = SessionId::new(format!("{base}{one}"));
        other_row.id = SessionId::new(format!("{base}{other}"));
        cx.adapter.set_session(&one_row).await?;
        let found = cx.adapter.get_session(&other_row.id).await?;
        ensure(found.is_none(), format!("{other:?} reads the session of {one:?}"))?;
        let refusals = [Kind::DuplicateSessionId, Kind::UnsupportedId];
        let stored = ensure_ok_or(cx.adapter.set_session(&other_row).await, &refusals, "set_session")?;
        let found = cx.adapter.get_session(&other_row.id).await?;
        ensure_eq(&found.as_ref(), &stored.then_some(&other_row), "a similar id reads its own row or no row")?;
        cx.ensure_stored(&[&one_row], "the first session").await?;
    }
    Ok(())
}

async fn sessions_of_two_stores_are_isolated(cx: Sessions) -> CaseResult {
    let other = cx.neighbour.as_deref().ok_or_else(|| CaseError::new("the backend did not open a second store"))?;
    // No users are stored, because each store would need its own.
    let text = || sample::text(8);
    let (suffix, prefix, last, same) = (text(), text(), text(), text());
    // Each id is used once per store, because the id of a revoked session may stay taken for a while.
    let ids = [(format!("b:{suffix}"), suffix), (format!("{prefix}:{last}"), last), (same.clone(), same)];
    for (here, there) in ids {
        let (mut one, mut another) = (cx.session(&UserId::new(&*here)), cx.session(&UserId::new(&*there)));
        (one.id, another.id) = (SessionId::new(here), SessionId::new(there));
        cx.adapter.set_session(&one).await?;
        ensure_eq(&other.get_session(&another.id).await?, &None, "a session of the other store")?;
        ensure_eq(&other.get_session(&one.id).await?, &None, "a session of the other store")?;
        ensure_eq(&other.get_sessions_by_user_id(&one.user_id).await?, &vec![], "sessions of the other store")?;
        other.set_session(&another).await?;
        cx.ensure_stored(&[&one], "the session of this store").await?;
        cx.ensure_listed(&one.user_id, &[&one], "the sessions of this store").await?;
        other.delete_sessions_by_user_id(&one.user_id).await?;
        other.delete_sessions_by_user_id(&another.user_id).await?;
        ensure_eq(&other.get_session(&another.id).await?, &None, "the deleted session")?;
        cx.ensure_stored(&[&one], "the session of this store").await?;
        cx.adapter.delete_sessions_by_user_id(&one.user_id).await?;
    }
    Ok(())
}
