use lucia_auth::{NewKey, NewSession};
use lucia_core::Adapter;
use serde_json::json;

use super::app::{code, new_user};
use crate::{
    Promise,
    case::{Case, Requirement::Needs, case},
    context::{Joined, pause},
    ensure::{CaseResult, ensure_eq},
    sample,
    schema::COUNTRY,
};

pub(super) const CASES: &[Case<dyn Adapter>] = &[
    case!(core_creates_and_updates_a_user),
    case!(core_sign_up_with_a_taken_key_leaves_no_user, Needs(Promise::AtomicUserAndKey)),
    case!(core_deletes_a_user_with_keys_and_sessions),
    case!(core_no_session_survives_a_parallel_deletion),
];

async fn core_creates_and_updates_a_user(cx: Joined) -> CaseResult {
    let app = cx.app()?;
    let user = app.auth.create_user(new_user()).await?;
    app.auth.update_user_attributes(&user.id, &json!({ COUNTRY: "NZ" })).await?;
    let row = cx.adapter.get_user(&user.id).await?;
    let country = row.and_then(|row| row.attributes().get(COUNTRY).cloned());
    ensure_eq(&country, &Some("NZ".into()), "the attribute as it was changed")?;
    let unknown = app.auth.update_user_attributes(&sample::user_id(), &json!({ COUNTRY: "NZ" })).await;
    ensure_eq(&code(&unknown), &"AUTH_INVALID_USER_ID", "an update of an unknown user")?;
    let again = app.auth.create_user(new_user().id(user.id.clone())).await;
    ensure_eq(&code(&again), &"AUTH_DUPLICATE_USER_ID", "a taken user id")
}

async fn core_sign_up_with_a_taken_key_leaves_no_user(cx: Joined) -> CaseResult {
    let app = cx.app()?;
    let (name, late) = (sample::text(10), sample::user_id());
    app.auth.create_user(new_user().key(NewKey::new((sample::PROVIDER, &*name)))).await?;
    let refused = app.auth.create_user(new_user().id(late.clone()).key(NewKey::new((sample::PROVIDER, &*name)))).await;
    ensure_eq(&code(&refused), &"AUTH_DUPLICATE_KEY_ID", "a taken key")?;
    let left = app.auth.get_user(&late).await;
    ensure_eq(&code(&left), &"AUTH_INVALID_USER_ID", "the user whose key was taken")
}

async fn core_deletes_a_user_with_keys_and_sessions(cx: Joined) -> CaseResult {
    let app = cx.app()?;
    let name = sample::text(10);
    let user = app.auth.create_user(new_user().key(NewKey::new((sample::PROVIDER, &*name)))).await?;
    let session = app.auth.create_session(NewSession::new(user.id.clone())).await?;
    let other = app.session().await?;
    for _ in 0..2 {
        app.auth.delete_user(&user.id).await?;
    }
    ensure_eq(&cx.adapter.get_user(&user.id).await?, &None, "the deleted user")?;
    ensure_eq(&cx.adapter.get_session(&session.id).await?, &None, "a session of the deleted user")?;
    ensure_eq(&cx.adapter.get_key(&sample::key_id_of(&name)).await?, &None, "a key of the deleted user")?;
    let found = app.auth.validate_session(&other.token).await?;
    ensure_eq(&found, &other, "the session of another user")
}

async fn core_no_session_survives_a_parallel_deletion(cx: Joined) -> CaseResult {
    for lag in 0..12 {
        let app = cx.app()?;
        let user = app.user().await?;
        let (signing_in, deleting) = (app.auth.clone(), app.auth.clone());
        let (mine, theirs) = (user.id.clone(), user.id.clone());
        let sign_in =
            async move { signing_in.create_session(NewSession::new(mine)).await.map(|session| Some(session.id)) };
        let delete = async move {
            pause(1).await;
            deleting.delete_user(&theirs).await.map(|()| None)
        };
        let (signed_in, deleted) = cx.race(lag, sign_in, delete).await?;
        deleted?;
        match signed_in {
            Ok(Some(id)) => ensure_eq(&cx.adapter.get_session(&id).await?, &None, "a session of a deleted user")?,
            refused => ensure_eq(&code(&refused), &"AUTH_INVALID_USER_ID", "a sign-in during the deletion")?,
        }
        let listed = cx.adapter.get_sessions_by_user_id(&user.id).await?;
        ensure_eq(&listed, &vec![], "the sessions of a deleted user")?;
    }
    Ok(())
}
