use lucia_core::Adapter;

use crate::{
    case::{Case, case},
    context::Joined,
    ensure::{CaseResult, ensure, ensure_eq},
    sample,
};

pub(super) const CASES: &[Case<dyn Adapter>] = &[
    case!(get_sessions_and_users_returns_what_the_separate_calls_return),
    case!(get_sessions_and_users_leaves_out_orphans),
];

async fn get_sessions_and_users_returns_what_the_separate_calls_return(cx: Joined) -> CaseResult {
    let (first, second) = (cx.stored().await?, cx.stored().await?);
    let seconds_other = cx.session(&second.1.id);
    cx.adapter.set_session(&seconds_other).await?;
    cx.stored().await?;
    let wanted = [&first.0.id, &sample::text(40).as_str().into(), &second.0.id, &seconds_other.id].map(Clone::clone);
    let mut found = cx.adapter.get_sessions_and_users(&wanted).await?;
    found.sort_by_key(|(session, _)| wanted.iter().position(|id| *id == session.id));
    let expected = vec![first, second.clone(), (seconds_other, second.1)];
    ensure_eq(&found, &expected, "the rows of the sessions that exist")?;
    ensure_eq(&cx.adapter.get_sessions_and_users(&wanted[1..2]).await?, &vec![], "the rows of an unknown session")?;
    ensure_eq(&cx.adapter.get_sessions_and_users(&[]).await?, &vec![], "the rows of an empty list")
}

async fn get_sessions_and_users_leaves_out_orphans(cx: Joined) -> CaseResult {
    let (orphan, gone) = cx.stored().await?;
    let others = cx.stored().await?;
    cx.adapter.delete_user(&gone.id).await?;
    let wanted = [orphan.id.clone(), others.0.id.clone()];
    ensure_eq(
        &cx.adapter.get_sessions_and_users(&wanted).await?,
        &vec![others],
        "the rows of the session with a user",
    )?;
    let left = cx.adapter.get_session(&orphan.id).await?;
    ensure(left.is_none(), "the read did not delete the session of a deleted user")
}
