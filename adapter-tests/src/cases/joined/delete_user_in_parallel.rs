use lucia_core::{Adapter, AdapterErrorKind as Kind, SessionSchema, SessionUpdate};

use crate::{
    Promise,
    case::{Case, Requirement::Needs, case},
    context::{Joined, pause, task},
    ensure::{CaseResult, ensure_eq, ensure_ok_or},
    sample,
};

pub(super) const CASES: &[Case<dyn Adapter>] =
    &[case!(parallel_delete_user_and_set_session_leave_no_session, Needs(Promise::SessionsReferenceUsers))];

/// The number of users who are deleted. A database runs a statement in less than a millisecond, so few calls meet.
const USERS: usize = 40;

async fn parallel_delete_user_and_set_session_leave_no_session(cx: Joined) -> CaseResult {
    for _ in 0..USERS {
        let (stored, user) = cx.stored().await?;
        let new: Vec<_> = (0..8).map(|_| cx.session(&user.id)).collect();
        let deletion = {
            let (adapter, id) = (cx.adapter(), user.id.clone());
            task(async move {
                pause(1).await;
                adapter.delete_user(&id).await
            })
        };
        let rotated = sample::session_id();
        let rotation = {
            let (adapter, old, new) = (cx.adapter(), stored.id.clone(), rotated.clone());
            task(async move { adapter.rotate_session(&old, &new, &SessionUpdate::default()).await })
        };
        let inserts = new.iter().cloned().enumerate().map(|(index, session)| {
            let adapter = cx.adapter();
            task(async move {
                pause(index / 2).await;
                insert(&*adapter, &session, index % 2 == 0).await
            })
        });
        let mut outcomes = cx.concurrently([deletion, rotation].into_iter().chain(inserts)).await?.into_iter();
        outcomes.next().transpose()?;
        for outcome in outcomes {
            let refusals = [Kind::InvalidUserId, Kind::InvalidSessionId];
            ensure_ok_or(outcome, &refusals, "a session of a user who is being deleted")?;
        }
        let left = cx.adapter.get_sessions_by_user_id(&user.id).await?;
        ensure_eq(&left, &vec![], "the sessions of the deleted user")?;
        for id in new.iter().map(|session| &session.id).chain([&stored.id, &rotated]) {
            ensure_eq(&cx.adapter.get_session(id).await?, &None, "a session of the deleted user")?;
        }
    }
    Ok(())
}

async fn insert(adapter: &dyn Adapter, session: &SessionSchema, returns_user: bool) -> lucia_core::AdapterResult<()> {
    if returns_user {
        adapter.set_session_and_get_user(session).await.map(drop)
    } else {
        adapter.set_session(session).await
    }
}
