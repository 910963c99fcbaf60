use lucia_core::{Adapter, SplitAdapter};
use serde_json::json;

use crate::{
    case::{Case, case},
    context::Joined,
    ensure::{CaseResult, ensure, ensure_eq},
    sample,
    schema::{APPROVED_BY, COUNTRY},
};

pub(super) const CASES: &[Case<dyn Adapter>] = &[
    case!(get_session_and_user_returns_what_the_separate_calls_return),
    case!(get_session_and_user_of_an_unknown_id_is_none),
    case!(get_session_and_user_of_an_orphan_is_none),
    case!(get_session_and_user_does_not_mix_columns),
    case!(get_session_and_user_works_on_the_default),
];

async fn get_session_and_user_returns_what_the_separate_calls_return(cx: Joined) -> CaseResult {
    let (session, user) = cx.stored().await?;
    cx.stored().await?;
    let found = cx.adapter.get_session_and_user(&session.id).await?;
    ensure_eq(&found, &Some((session.clone(), user.clone())), "the rows as they were set")?;
    let separate = (cx.adapter.get_session(&session.id).await?, cx.adapter.get_user(&user.id).await?);
    ensure_eq(&found, &separate.0.zip(separate.1), "the rows of the separate calls")
}

async fn get_session_and_user_of_an_unknown_id_is_none(cx: Joined) -> CaseResult {
    let (session, user) = cx.stored().await?;
    for id in ["*", "", "%", user.id.as_str(), &format!("{}x", session.id.as_str())] {
        ensure_eq(&cx.adapter.get_session_and_user(&id.into()).await?, &None, "an unknown session")?;
    }
    Ok(())
}

async fn get_session_and_user_of_an_orphan_is_none(cx: Joined) -> CaseResult {
    let (session, user) = cx.stored().await?;
    let (others, other) = cx.stored().await?;
    cx.adapter.delete_user(&user.id).await?;
    ensure_eq(&cx.adapter.get_session_and_user(&session.id).await?, &None, "a session whose user does not exist")?;
    let left = cx.adapter.get_session(&session.id).await?;
    ensure(left.is_none(), "the read did not delete the session of a deleted user")?;
    // A new user with the same id does not inherit the session.
    cx.adapter.set_user(&sample::user(&user.id), None).await?;
    ensure_eq(&cx.adapter.get_session_and_user(&session.id).await?, &None, "the session, with a new user of that id")?;
    ensure_eq(
        &cx.adapter.get_session_and_user(&others.id).await?,
        &Some((others, other)),
        "the rows of another session",
    )
}

async fn get_session_and_user_does_not_mix_columns(cx: Joined) -> CaseResult {
    let user = sample::user_with(&sample::user_id(), &sample::text(12), &json!("UU"));
    let session = sample::with_attributes(
        cx.session(&user.id),
        &[(COUNTRY, json!("SS")), (APPROVED_BY, json!(user.id.as_str()))],
    );
    cx.adapter.set_user(&user, None).await?;
    cx.adapter.set_session(&session).await?;
    let found = cx.adapter.get_session_and_user(&session.id).await?;
    ensure_eq(&found, &Some((session, user)), "rows with columns of the same name")?;
    // A null in one row must not be filled from the other row.
    let user = sample::user_with(&sample::user_id(), &sample::text(12), &json!(null));
    let session = cx.session(&user.id);
    cx.adapter.set_user(&user, None).await?;
    cx.adapter.set_session(&session).await?;
    ensure_eq(&cx.adapter.get_session_and_user(&session.id).await?, &Some((session, user)), "rows, one with a null")
}

async fn get_session_and_user_works_on_the_default(cx: Joined) -> CaseResult {
    let (session, user) = cx.stored().await?;
    let split = SplitAdapter::new(cx.adapter(), cx.adapter());
    let expected = Some((session.clone(), user.clone()));
    ensure_eq(&split.get_session_and_user(&session.id).await?, &expected, "the rows, read one after the other")?;
    cx.adapter.delete_user(&user.id).await?;
    ensure_eq(&split.get_session_and_user(&session.id).await?, &None, "a session whose user does not exist")
}
