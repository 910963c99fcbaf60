use lucia_core::{AdapterErrorKind as Kind, SessionAdapter};

use crate::{
    Promise,
    case::{Case, case},
    context::Sessions,
    ensure::{CaseResult, ensure, ensure_ok_or},
    sample,
};

pub(super) const CASES: &[Case<dyn SessionAdapter>] = &[
    case!(delete_session_removes_it_and_its_index_entry),
    case!(delete_session_twice_succeeds),
    case!(delete_session_deletes_only_that_session),
];

async fn delete_session_removes_it_and_its_index_entry(cx: Sessions) -> CaseResult {
    let session = cx.stored().await?;
    let other = cx.session(&session.user_id);
    cx.adapter.set_session(&other).await?;
    cx.adapter.delete_session(&session.id).await?;
    ensure(cx.adapter.get_session(&session.id).await?.is_none(), "the deleted session is there")?;
    cx.ensure_stored(&[&other], "the user's other session").await?;
    cx.ensure_indexed(&session.user_id, &[&other.id], "the other session").await?;
    cx.ensure_listed(&session.user_id, &[&other], "the sessions of the user").await?;
    cx.adapter.delete_session(&other.id).await?;
    cx.ensure_indexed(&session.user_id, &[], "nothing").await?;
    cx.ensure_listed(&session.user_id, &[], "the sessions of a user without any").await
}

async fn delete_session_twice_succeeds(cx: Sessions) -> CaseResult {
    let (session, other) = (cx.stored().await?, cx.stored().await?);
    cx.adapter.delete_session(&session.id).await?;
    cx.adapter.delete_session(&session.id).await?;
    for id in ["*", "", "%"] {
        cx.adapter.delete_session(&id.into()).await?;
    }
    cx.ensure_ended(&session.user_id, &[&session.id], "a session deleted twice").await?;
    cx.ensure_stored(&[&other], "another session").await
}

async fn delete_session_deletes_only_that_session(cx: Sessions) -> CaseResult {
    let (user_id, base) = (cx.user().await?, sample::text(10));
    let mut ids: Vec<_> =
        ["a:b", "ab", "a*", "a%", "a_", "a?", "a[a]", "", "b"].map(|ending| format!("{base}{ending}")).into();
    if cx.promises(Promise::ExactIds) {
        ids.push(format!("{base}A"));
    }
    let session = sample::with_id(cx.session(&user_id), format!("{base}a"));
    cx.adapter.set_session(&session).await?;
    let mut others = Vec::new();
    for id in ids {
        let other = sample::with_id(cx.session(&user_id), id);
        if ensure_ok_or(cx.adapter.set_session(&other).await, &[Kind::UnsupportedId], "set_session")? {
            others.push(other);
        }
    }
    let others: Vec<_> = others.iter().collect();
    cx.adapter.delete_session(&session.id).await?;
    cx.ensure_listed(&user_id, &others, "sessions of similar ids").await?;
    for pattern in ["*", "%", &format!("{base}??"), &format!("{base}__"), &format!("{base}[a-z]"), "[a-z]*", &base[..5]]
    {
        cx.adapter.delete_session(&pattern.into()).await?;
    }
    cx.ensure_stored(&others, "a session that a pattern would match").await?;
    cx.ensure_listed(&user_id, &others, "sessions that a pattern would match").await
}
