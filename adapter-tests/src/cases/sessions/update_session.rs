use lucia_core::{AdapterErrorKind as Kind, SessionAdapter, SessionUpdate};
use serde_json::{Value, json};

use super::set_session_expiry::is_recorded;
use crate::{
    Access, Promise,
    case::{Case, Requirement::Needs, case},
    context::Sessions,
    ensure::{CaseError, CaseResult, ensure, ensure_eq, ensure_fails},
    sample,
    schema::{COUNTRY, DATA, DEVICE, TRUSTED, VISITS},
};

pub(super) const CASES: &[Case<dyn SessionAdapter>] = &[
    case!(update_session_keeps_other_fields),
    case!(update_session_stores_null),
    case!(update_session_with_nothing_changes_nothing),
    case!(update_session_of_an_unknown_id_is_invalid),
    case!(update_session_refuses_hostile_attribute_names, Needs(Promise::FixedAttributes)),
];

async fn update_session_keeps_other_fields(cx: Sessions) -> CaseResult {
    let (mut session, bystander) = (cx.stored().await?, cx.stored().await?);
    let hour = std::time::Duration::from_secs(3_600);
    let updates = [
        sample::session_update(&[(COUNTRY, json!("NZ"))]),
        sample::active_update(session.active_expires.saturating_add(hour)),
        sample::idle_update(session.idle_expires.saturating_add(hour)),
        sample::session_update(&[(DEVICE, json!("")), (VISITS, json!(2)), (TRUSTED, json!(false)), (DATA, json!([]))]),
    ];
    for update in updates {
        cx.adapter.update_session(&session.id, &update).await?;
        session.apply(&update);
        cx.ensure_stored(&[&session], "the session with some fields changed").await?;
    }
    cx.ensure_indexed(&session.user_id, &[&session.id], "the session").await?;
    cx.ensure_listed(&session.user_id, &[&session], "the sessions of the user").await?;
    cx.ensure_stored(&[&bystander], "another session").await
}

async fn update_session_stores_null(cx: Sessions) -> CaseResult {
    let mut session = cx.stored().await?;
    for name in [COUNTRY, VISITS, TRUSTED, DATA] {
        let update = sample::session_update(&[(name, Value::Null)]);
        cx.adapter.update_session(&session.id, &update).await?;
        session.apply(&update);
    }
    cx.ensure_stored(&[&session], "the session with attributes that are null").await?;
    if let Some(door) = cx.door_to(Access::RawSessions)? {
        let raw = door
            .raw_session(&session.id)
            .await?
            .ok_or_else(|| CaseError::new("the store does not contain the session"))?;
        ensure_eq(&String::from_utf8_lossy(&raw).into_owned(), &session.to_json(), "the stored JSON")?;
    }
    Ok(())
}

async fn update_session_with_nothing_changes_nothing(cx: Sessions) -> CaseResult {
    let session = cx.stored().await?;
    let Some(door) = cx.door_to(Access::RecordedExpiry)? else {
        cx.adapter.update_session(&session.id, &SessionUpdate::default()).await?;
        return cx.ensure_stored(&[&session], "the session").await;
    };
    let before = door.recorded_expiry(&session.id).await?;
    cx.adapter.update_session(&session.id, &SessionUpdate::default()).await?;
    cx.ensure_stored(&[&session], "the session").await?;
    ensure_eq(&door.recorded_expiry(&session.id).await?, &before, "the recorded expiry after an empty update")?;
    // An update without times must not lose the recorded expiry. It may correct a wrong one.
    cx.adapter.update_session(&session.id, &sample::session_update(&[(COUNTRY, json!("NZ"))])).await?;
    let after = door.recorded_expiry(&session.id).await?;
    let kept = after == before || is_recorded(&session, after);
    ensure(kept, format!("the recorded expiry moves from {before:?} to {after:?} with an attribute"))
}

async fn update_session_of_an_unknown_id_is_invalid(cx: Sessions) -> CaseResult {
    let other = cx.stored().await?;
    let deleted = cx.stored().await?;
    cx.adapter.delete_session(&deleted.id).await?;
    let renewal = SessionUpdate::renewal(deleted.active_expires, deleted.idle_expires);
    for id in [&deleted.id, &sample::session_id(), &"".into()] {
        for update in [sample::session_update(&[(COUNTRY, json!("NZ"))]), renewal.clone(), SessionUpdate::default()] {
            ensure_fails(
                cx.adapter.update_session(id, &update).await,
                Kind::InvalidSessionId,
                "an update of no session",
            )?;
            ensure_eq(&cx.adapter.get_session(id).await?, &None, "a session that was only updated")?;
        }
    }
    cx.ensure_listed(&deleted.user_id, &[], "the sessions of the user of a deleted one").await?;
    cx.ensure_indexed(&other.user_id, &[&other.id], "the other session only").await?;
    cx.ensure_listed(&other.user_id, &[&other], "the sessions of the user").await
}

async fn update_session_refuses_hostile_attribute_names(cx: Sessions) -> CaseResult {
    let (session, bystander) = (cx.stored().await?, cx.stored().await?);
    for name in sample::HOSTILE_NAMES {
        let update = sample::session_update(&[(COUNTRY, json!("ZZ")), (name, json!("value"))]);
        let refused = cx.adapter.update_session(&session.id, &update).await;
        ensure_fails(refused, Kind::InvalidAttribute, &format!("{name:?}"))?;
        cx.ensure_stored(&[&session], "the session whose update was refused").await?;
    }
    cx.ensure_stored(&[&bystander], "another session").await
}
