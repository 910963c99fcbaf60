use lucia_core::{AdapterErrorKind as Kind, SessionAdapter, SessionSchema};
use serde_json::{Value, json};

use crate::{
    Promise,
    case::{
        Case,
        Requirement::{Needs, Without},
        case,
    },
    context::Sessions,
    ensure::{CaseError, CaseResult, ensure, ensure_eq, ensure_fails, ensure_ok_or},
    sample,
    schema::{APPROVED_BY, COUNTRY, DATA, DEVICE, VISITS},
};

pub(super) const CASES: &[Case<dyn SessionAdapter>] = &[
    case!(set_session_stores_large_and_nested_attributes),
    case!(set_session_reads_back_nested_attributes_or_refuses_them),
    case!(set_session_never_rounds_integers),
    case!(set_session_refuses_hostile_attribute_names, Needs(Promise::FixedAttributes)),
    case!(set_session_stores_any_attribute_name, Without(Promise::FixedAttributes)),
    case!(set_session_with_a_dangling_reference_blames_no_user, Needs(Promise::ReferenceAttributes)),
    case!(set_session_with_a_dangling_reference_is_stored, Without(Promise::ReferenceAttributes)),
];

async fn set_session_stores_large_and_nested_attributes(cx: Sessions) -> CaseResult {
    let megabyte = "0123456789abcde\u{e9}".repeat(1 << 16);
    let values = [
        json!({ "a": { "b": [1, [2, []], {}] }, "z": null, "t": true, "f": false, "": "" }),
        json!(["", "\u{1}\u{1f}\u{7f}", "\u{e9} e\u{301} \u{65e5}\u{672c} \u{1f600} \u{2028}", "'\"\\`;--%_${}"]),
        json!([0.1, -0.5, 1e300, 5e-324, 0, -1, 9_007_199_254_740_991_i64]),
        json!("text"),
        json!(false),
        json!(12),
        json!({ "blob": megabyte }),
    ];
    for value in values {
        let text = value.to_string();
        let session = sample::with_attributes(cx.session(&cx.user().await?), &[(DATA, value)]);
        cx.adapter.set_session(&session).await?;
        let found = cx.adapter.get_session(&session.id).await?;
        let start: String = text.chars().take(80).collect();
        ensure(found.as_ref() == Some(&session), format!("an attribute comes back changed: {start}"))?;
    }
    let text = "\u{e9}\u{65e5}\u{1f600}' \" \\ ` % \u{1}";
    let session = sample::with_attributes(cx.session(&cx.user().await?), &[(DEVICE, json!(text))]);
    cx.adapter.set_session(&session).await?;
    cx.ensure_stored(&[&session], "text of all kinds").await
}

/// `Attributes` accepts 100 levels. A store may accept fewer, with an error.
async fn set_session_reads_back_nested_attributes_or_refuses_them(cx: Sessions) -> CaseResult {
    for levels in [30, 60, 100] {
        let arrays = (0..levels).fold(json!(1), |inner, _| json!([inner]));
        let objects = (0..levels).fold(json!(1), |inner, _| json!({ "a": inner }));
        for value in [arrays, objects] {
            let session = sample::with_attributes(cx.session(&cx.user().await?), &[(DATA, value)]);
            let stored = cx.adapter.set_session(&session).await.is_ok();
            let found = cx.adapter.get_session(&session.id).await?;
            let expected = stored.then_some(session);
            ensure(found == expected, format!("an attribute of {levels} levels, set: {stored}, is read otherwise"))?;
        }
    }
    Ok(())
}

async fn set_session_never_rounds_integers(cx: Sessions) -> CaseResult {
    let numbers = [json!(i64::MAX), json!(i64::MIN), json!(9_007_199_254_740_993_i64), json!(u64::MAX)];
    for (name, number) in numbers.iter().flat_map(|number| [(VISITS, number), (DATA, number)]) {
        let session = sample::with_attributes(cx.session(&cx.user().await?), &[(name, number.clone())]);
        let what = format!("the attribute `{name}` with {number}");
        let stored = ensure_ok_or(cx.adapter.set_session(&session).await, &[Kind::InvalidAttribute], &what)?;
        let found = cx.adapter.get_session(&session.id).await?;
        ensure_eq(&found.map(|row| row.to_json()), &stored.then(|| session.to_json()), &what)?;
    }
    Ok(())
}

fn with_attribute(session: SessionSchema, name: &str, value: Value) -> CaseResult<SessionSchema> {
    let mut attributes = session.attributes().clone();
    attributes.insert(name, value);
    session.with_attributes(attributes).map_err(|error| CaseError::new(error.to_string()))
}

async fn set_session_refuses_hostile_attribute_names(cx: Sessions) -> CaseResult {
    let bystander = cx.stored().await?;
    for name in sample::HOSTILE_NAMES {
        let session = with_attribute(cx.session(&bystander.user_id), name, json!("value"))?;
        ensure_fails(cx.adapter.set_session(&session).await, Kind::InvalidAttribute, &format!("{name:?}"))?;
        ensure_eq(&cx.adapter.get_session(&session.id).await?, &None, "the session that was refused")?;
    }
    cx.ensure_stored(&[&bystander], "a session that was there before").await?;
    cx.ensure_listed(&bystander.user_id, &[&bystander], "the sessions of the user").await
}

async fn set_session_stores_any_attribute_name(cx: Sessions) -> CaseResult {
    for name in sample::HOSTILE_NAMES {
        let session = with_attribute(cx.session(&cx.user().await?), name, json!("value"))?;
        let what = format!("an attribute {name:?}");
        let stored = ensure_ok_or(cx.adapter.set_session(&session).await, &[Kind::InvalidAttribute], &what)?;
        ensure_eq(&cx.adapter.get_session(&session.id).await?, &stored.then_some(session), &what)?;
    }
    Ok(())
}

fn approved_by_nobody(session: SessionSchema) -> SessionSchema {
    sample::with_attributes(session, &[(APPROVED_BY, json!(sample::user_id().as_str())), (COUNTRY, json!("NZ"))])
}

async fn set_session_with_a_dangling_reference_blames_no_user(cx: Sessions) -> CaseResult {
    let session = approved_by_nobody(cx.session(&cx.user().await?));
    let kinds = [Kind::InvalidAttribute, Kind::Backend];
    let stored = ensure_ok_or(cx.adapter.set_session(&session).await, &kinds, "a reference to nobody")?;
    ensure(!stored, "a reference to nobody is stored, and the profile promises that it is not")?;
    ensure_eq(&cx.adapter.get_session(&session.id).await?, &None, "the session that was refused")?;
    let approver = cx.user().await?;
    let session = sample::with_attributes(session, &[(APPROVED_BY, json!(approver.as_str()))]);
    cx.adapter.set_session(&session).await?;
    cx.ensure_stored(&[&session], "a session that refers to a user").await
}

async fn set_session_with_a_dangling_reference_is_stored(cx: Sessions) -> CaseResult {
    let session = approved_by_nobody(cx.session(&cx.user().await?));
    cx.adapter.set_session(&session).await?;
    cx.ensure_stored(&[&session], "a session with text that refers to nobody").await
}
