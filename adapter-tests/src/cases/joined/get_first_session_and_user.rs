use lucia_core::{Adapter, SessionId};

use crate::{
    case::{Case, case},
    context::Joined,
    ensure::{CaseResult, ensure, ensure_eq},
    sample,
};

pub(super) const CASES: &[Case<dyn Adapter>] = &[
    case!(get_first_session_and_user_returns_the_first_that_exists),
    case!(get_first_session_and_user_of_an_orphan_is_none),
];

async fn get_first_session_and_user_returns_the_first_that_exists(cx: Joined) -> CaseResult {
    let (one, other) = (cx.stored().await?, cx.stored().await?);
    let unknown = SessionId::new(sample::text(40));
    let (ones, others) = (&one.0.id, &other.0.id);
    for (ids, expected) in [
        (vec![ones, others], Some(&one)),
        (vec![others, ones], Some(&other)),
        (vec![&unknown, ones], Some(&one)),
        (vec![ones, &unknown], Some(&one)),
        (vec![&unknown, &unknown, others, ones], Some(&other)),
        (vec![ones], Some(&one)),
        (vec![&unknown], None),
        (vec![&unknown, &unknown], None),
        (vec![], None),
    ] {
        let ids: Vec<_> = ids.into_iter().cloned().collect();
        let found = cx.adapter.get_first_session_and_user(&ids).await?;
        ensure_eq(&found, &expected.cloned(), "the rows of the first session")?;
    }
    Ok(())
}

async fn get_first_session_and_user_of_an_orphan_is_none(cx: Joined) -> CaseResult {
    let (orphan, gone) = cx.stored().await?;
    cx.adapter.delete_user(&gone.id).await?;
    let ids = [SessionId::new(sample::text(40)), orphan.id.clone()];
    let found = cx.adapter.get_first_session_and_user(&ids).await?;
    ensure_eq(&found, &None, "a session whose user does not exist")?;
    let left = cx.adapter.get_session(&orphan.id).await?;
    ensure(left.is_none(), "the read did not delete the session of a deleted user")
}
