use lucia_core::Adapter;

use crate::{
    Promise,
    case::{
        Case,
        Requirement::{Needs, Without},
        case,
    },
    context::Joined,
    ensure::{CaseResult, ensure_eq},
};

pub(super) const CASES: &[Case<dyn Adapter>] = &[
    case!(delete_user_deletes_its_sessions, Needs(Promise::SessionsReferenceUsers)),
    case!(delete_user_leaves_its_sessions, Without(Promise::SessionsReferenceUsers)),
];

async fn delete_user_deletes_its_sessions(cx: Joined) -> CaseResult {
    let (session, user) = cx.stored().await?;
    let (others, _) = cx.stored().await?;
    cx.adapter.delete_user(&user.id).await?;
    ensure_eq(&cx.adapter.get_session(&session.id).await?, &None, "a session of the deleted user")?;
    ensure_eq(&cx.adapter.get_sessions_by_user_id(&user.id).await?, &vec![], "the sessions of the deleted user")?;
    ensure_eq(&cx.adapter.get_session(&others.id).await?, &Some(others), "a session of another user")
}

async fn delete_user_leaves_its_sessions(cx: Joined) -> CaseResult {
    let (session, user) = cx.stored().await?;
    cx.adapter.delete_user(&user.id).await?;
    ensure_eq(&cx.adapter.get_session(&session.id).await?.as_ref(), &Some(&session), "a session of the deleted user")?;
    cx.adapter.delete_sessions_by_user_id(&user.id).await?;
    ensure_eq(&cx.adapter.get_session(&session.id).await?, &None, "the session, deleted by its user's id")
}
