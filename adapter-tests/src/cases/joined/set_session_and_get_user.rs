use lucia_core::{Adapter, AdapterErrorKind as Kind};

use crate::{
    case::{Case, case},
    context::Joined,
    ensure::{CaseResult, ensure_eq, ensure_fails},
    sample,
};

pub(super) const CASES: &[Case<dyn Adapter>] = &[
    case!(set_session_and_get_user_inserts_the_session),
    case!(set_session_and_get_user_of_an_unknown_user_is_invalid),
    case!(set_session_and_get_user_with_a_duplicate_id_changes_nothing),
];

async fn set_session_and_get_user_inserts_the_session(cx: Joined) -> CaseResult {
    let (first, user) = cx.stored().await?;
    let session = cx.session(&user.id);
    ensure_eq(&cx.adapter.set_session_and_get_user(&session).await?, &user, "the user as stored")?;
    ensure_eq(&cx.adapter.get_session(&session.id).await?, &Some(session.clone()), "the session")?;
    let mut listed = cx.adapter.get_sessions_by_user_id(&user.id).await?;
    listed.sort_by(|a, b| a.id.cmp(&b.id));
    let mut expected = vec![first, session];
    expected.sort_by(|a, b| a.id.cmp(&b.id));
    ensure_eq(&listed, &expected, "the sessions of the user")
}

async fn set_session_and_get_user_of_an_unknown_user_is_invalid(cx: Joined) -> CaseResult {
    let session = cx.session(&sample::user_id());
    ensure_fails(
        cx.adapter.set_session_and_get_user(&session).await,
        Kind::InvalidUserId,
        "a session of an unknown user",
    )?;
    ensure_eq(&cx.adapter.get_session(&session.id).await?, &None, "the session that was refused")?;
    let listed = cx.adapter.get_sessions_by_user_id(&session.user_id).await?;
    ensure_eq(&listed, &vec![], "the sessions of an unknown user")?;
    // The refused session has not used up its id.
    let user = sample::user(&session.user_id);
    cx.adapter.set_user(&user, None).await?;
    ensure_eq(&cx.adapter.set_session_and_get_user(&session).await?.id, &user.id, "the user, created later")
}

async fn set_session_and_get_user_with_a_duplicate_id_changes_nothing(cx: Joined) -> CaseResult {
    let (session, _) = cx.stored().await?;
    let (_, late) = cx.stored().await?;
    for user_id in [&session.user_id, &late.id] {
        let same_id = sample::with_id(cx.session(user_id), session.id.clone());
        let refused = cx.adapter.set_session_and_get_user(&same_id).await;
        ensure_fails(refused, Kind::DuplicateSessionId, "a taken id")?;
        let found = cx.adapter.get_session(&session.id).await?;
        ensure_eq(&found.as_ref(), &Some(&session), "the first session")?;
    }
    ensure_eq(
        &cx.adapter.get_sessions_by_user_id(&session.user_id).await?,
        &vec![session],
        "the sessions of its user",
    )?;
    ensure_eq(&cx.adapter.get_sessions_by_user_id(&late.id).await?.len(), &1, "the sessions of the other user")
}
