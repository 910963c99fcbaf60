use std::time::Duration;

use lucia_core::{AdapterErrorKind as Kind, SessionAdapter, SessionId, SessionSchema, UnixMillis};
use serde_json::json;

use crate::{
    Access, Corruption,
    case::{Case, Requirement::Opens, case},
    context::Sessions,
    ensure::{CaseError, CaseResult, ensure, ensure_eq},
    sample,
    schema::{COUNTRY, DATA, DEVICE, TRUSTED, VISITS},
};

pub(super) const CASES: &[Case<dyn SessionAdapter>] = &[
    case!(get_session_returns_the_stored_row),
    case!(get_session_of_an_unknown_id_is_none),
    case!(get_sessions_returns_those_that_exist),
    case!(get_first_session_returns_the_first_that_exists),
    case!(get_session_shows_a_session_until_its_last_millisecond),
    case!(get_session_of_a_corrupt_value_fails_alone, Opens(Access::Corruption)),
    case!(get_session_reads_what_lucia_js_wrote, Opens(Access::RawSessions)),
];

/// The largest safe integer of JavaScript.
const MAX_SAFE_INTEGER: i64 = 9_007_199_254_740_991;

async fn get_session_returns_the_stored_row(cx: Sessions) -> CaseResult {
    let mut far = cx.session(&cx.user().await?);
    (far.active_expires, far.idle_expires) = (UnixMillis::new(MAX_SAFE_INTEGER - 2), UnixMillis::new(MAX_SAFE_INTEGER));
    let all_null = [COUNTRY, DEVICE, VISITS, TRUSTED, DATA].map(|name| (name, json!(null)));
    let rows = [
        cx.session(&cx.user().await?),
        far,
        sample::with_attributes(cx.session(&cx.user().await?), &all_null),
        sample::with_attributes(
            cx.session(&cx.user().await?),
            &[(COUNTRY, json!("")), (TRUSTED, json!(false)), (VISITS, json!(-1)), (DATA, json!([1, "two", null]))],
        ),
    ];
    for row in &rows {
        cx.adapter.set_session(row).await?;
        cx.ensure_stored(&[row], "the session as it was set").await?;
    }
    Ok(())
}

async fn get_session_of_an_unknown_id_is_none(cx: Sessions) -> CaseResult {
    let session = cx.stored().await?;
    let stored = session.id.as_str();
    let similar = [
        format!("{stored}?x"),
        format!("/{stored}"),
        format!("{stored}:"),
        format!(":{stored}"),
        format!("{stored}/"),
        format!(" {stored}"),
        stored[..stored.len() - 1].to_owned(),
    ];
    for id in ["*", "", "%"].map(str::to_owned).into_iter().chain(similar).chain([sample::text(43)]) {
        let found = cx.adapter.get_session(&SessionId::new(id.clone())).await?;
        ensure(found.is_none(), format!("an id that was never set reads a session: {id:?}"))?;
    }
    Ok(())
}

async fn get_sessions_returns_those_that_exist(cx: Sessions) -> CaseResult {
    let (one, other) = (cx.stored().await?, cx.stored().await?);
    cx.stored().await?;
    let wanted = [one.id.clone(), SessionId::new(sample::text(40)), other.id.clone()];
    let mut found = cx.adapter.get_sessions(&wanted).await?;
    found.sort_by_key(|session| wanted.iter().position(|id| *id == session.id));
    ensure_eq(&found, &vec![one, other], "the sessions that exist")?;
    ensure_eq(&cx.adapter.get_sessions(&wanted[1..2]).await?, &vec![], "a session that was never set")?;
    ensure_eq(&cx.adapter.get_sessions(&[]).await?, &vec![], "no session")
}

async fn get_first_session_returns_the_first_that_exists(cx: Sessions) -> CaseResult {
    let (one, other) = (cx.stored().await?, cx.stored().await?);
    let unknown = SessionId::new(sample::text(40));
    for (ids, expected) in [
        (vec![&one.id, &other.id], Some(&one)),
        (vec![&other.id, &one.id], Some(&other)),
        (vec![&unknown, &one.id], Some(&one)),
        (vec![&one.id, &unknown], Some(&one)),
        (vec![&unknown, &unknown, &other.id, &one.id], Some(&other)),
        (vec![&one.id], Some(&one)),
        (vec![&unknown], None),
        (vec![&unknown, &unknown], None),
        (vec![], None),
    ] {
        let ids: Vec<_> = ids.into_iter().cloned().collect();
        ensure_eq(&cx.adapter.get_first_session(&ids).await?, &expected.cloned(), "the first session")?;
    }
    Ok(())
}

async fn get_session_shows_a_session_until_its_last_millisecond(cx: Sessions) -> CaseResult {
    const ATTEMPTS: usize = 5;
    let user_id = cx.user().await?;
    for ahead in [100, 250, 400, 550, 700, 900].map(Duration::from_millis) {
        for attempt in 1..=ATTEMPTS {
            let mut session = cx.session(&user_id);
            session.idle_expires = cx.now().saturating_add(ahead);
            session.active_expires = session.idle_expires;
            cx.adapter.set_session(&session).await?;
            let found = cx.adapter.get_session(&session.id).await?;
            if !session.is_expired(cx.now()) {
                ensure_eq(&found, &Some(session), &format!("a session that lives for {ahead:?}"))?;
                break;
            }
            // The store took longer than the session lived, so this round shows nothing.
            let patience = attempt < ATTEMPTS || ahead < Duration::from_millis(900);
            ensure(patience, "the store takes longer than 900 ms to store a session and read it")?;
        }
    }
    Ok(())
}

async fn get_session_of_a_corrupt_value_fails_alone(cx: Sessions) -> CaseResult {
    for how in [Corruption::Garbage, Corruption::OtherKind] {
        let broken = cx.stored().await?;
        let mut whole = cx.session(&broken.user_id);
        whole.id = sample::session_id();
        cx.adapter.set_session(&whole).await?;
        cx.door()?.corrupt_session(&broken.id, how).await?;
        match cx.adapter.get_session(&broken.id).await {
            Ok(None) => {}
            Err(error) if error.kind() == Kind::Decode => {}
            Err(error) => return Err(error.into()),
            Ok(Some(_)) => return Err(CaseError::new(format!("a corrupt value ({how:?}) is read as a session"))),
        }
        cx.ensure_stored(&[&whole], "a session beside a corrupt one").await?;
    }
    Ok(())
}

async fn get_session_reads_what_lucia_js_wrote(cx: Sessions) -> CaseResult {
    let stored = cx.stored().await?;
    let SessionSchema { id, user_id, active_expires, idle_expires, .. } = stored.clone();
    let (id_text, user, active, idle) = (id.as_str(), &user_id, active_expires.get(), idle_expires.get());
    let texts = [
        // Releases 2.x: attributes first.
        format!(
            r#"{{"country":"XX","id":"{id_text}","user_id":"{user}","active_expires":{active},"idle_expires":{idle}}}"#
        ),
        // Releases 1.x: attributes last.
        format!(
            r#"{{"id":"{id_text}","user_id":"{user}","active_expires":{active},"idle_expires":{idle},"country":"XX"}}"#
        ),
        // Times from a driver that returns big integers as strings.
        format!(
            r#"{{"idle_expires":"{idle}","active_expires":"{active}","user_id":"{user}","country":"XX","id":"{id_text}"}}"#
        ),
    ];
    let attributes = lucia_core::Attributes::from([(COUNTRY, "XX")]);
    let expected = SessionSchema::new(id.clone(), user_id.clone(), active_expires, idle_expires)
        .with_attributes(attributes)
        .map_err(|error| CaseError::new(error.to_string()))?;
    for text in texts {
        cx.door()?.put_raw_session(&id, text.as_bytes()).await?;
        ensure_eq(&cx.adapter.get_session(&id).await?, &Some(expected.clone()), &text)?;
        cx.ensure_listed(&user_id, &[&expected], &text).await?;
    }
    Ok(())
}
