use lucia_core::{AdapterErrorKind as Kind, UserAdapter, UserUpdate};
use serde_json::{Value, json};

use super::steps::ensure_user;
use crate::{
    Promise,
    case::{Case, Requirement::Needs, case},
    context::Users,
    ensure::{CaseResult, ensure_fails},
    sample,
    schema::{COUNTRY, USERNAME},
};

pub(super) const CASES: &[Case<dyn UserAdapter>] = &[
    case!(update_user_keeps_other_attributes),
    case!(update_user_stores_null),
    case!(update_user_with_nothing_changes_nothing),
    case!(update_user_of_an_unknown_id_is_invalid),
    case!(update_user_to_a_taken_attribute_changes_nothing, Needs(Promise::UniqueAttributes)),
    case!(update_user_refuses_hostile_attribute_names, Needs(Promise::FixedAttributes)),
];

async fn update_user_keeps_other_attributes(cx: Users) -> CaseResult {
    let (mut user, bystander) = (sample::user(&sample::user_id()), sample::user(&sample::user_id()));
    cx.adapter.set_user(&user, None).await?;
    cx.adapter.set_user(&bystander, None).await?;
    for (name, value) in [(USERNAME, sample::text(12)), (COUNTRY, "NZ".to_owned())] {
        let update = sample::user_update(&[(name, json!(value))]);
        cx.adapter.update_user(&user.id, &update).await?;
        user.apply(&update);
        ensure_user(&*cx.adapter, &user.id, Some(&user), "the user with one attribute changed").await?;
    }
    ensure_user(&*cx.adapter, &bystander.id, Some(&bystander), "another user").await
}

async fn update_user_stores_null(cx: Users) -> CaseResult {
    let mut user = sample::user(&sample::user_id());
    cx.adapter.set_user(&user, None).await?;
    let update = sample::user_update(&[(COUNTRY, Value::Null)]);
    cx.adapter.update_user(&user.id, &update).await?;
    user.apply(&update);
    ensure_user(&*cx.adapter, &user.id, Some(&user), "the user with an attribute that is null").await
}

async fn update_user_with_nothing_changes_nothing(cx: Users) -> CaseResult {
    let user = sample::user(&sample::user_id());
    cx.adapter.set_user(&user, None).await?;
    cx.adapter.update_user(&user.id, &UserUpdate::default()).await?;
    ensure_user(&*cx.adapter, &user.id, Some(&user), "the user").await
}

async fn update_user_of_an_unknown_id_is_invalid(cx: Users) -> CaseResult {
    let id = sample::user_id();
    let country = sample::user_update(&[(COUNTRY, json!("NZ"))]);
    ensure_fails(cx.adapter.update_user(&id, &country).await, Kind::InvalidUserId, "an update")?;
    ensure_fails(cx.adapter.update_user(&id, &UserUpdate::default()).await, Kind::InvalidUserId, "an empty update")?;
    ensure_user(&*cx.adapter, &id, None, "a user who was only updated").await
}

async fn update_user_to_a_taken_attribute_changes_nothing(cx: Users) -> CaseResult {
    let (user, other) = (sample::user(&sample::user_id()), sample::user(&sample::user_id()));
    cx.adapter.set_user(&user, None).await?;
    cx.adapter.set_user(&other, None).await?;
    let taken = other.attributes().get(USERNAME).cloned().unwrap_or_default();
    let update = sample::user_update(&[(COUNTRY, json!("NZ")), (USERNAME, taken)]);
    ensure_fails(cx.adapter.update_user(&user.id, &update).await, Kind::DuplicateAttribute, "a taken username")?;
    ensure_user(&*cx.adapter, &user.id, Some(&user), "the user whose update was refused").await?;
    ensure_user(&*cx.adapter, &other.id, Some(&other), "the user of that name").await
}

async fn update_user_refuses_hostile_attribute_names(cx: Users) -> CaseResult {
    let (user, bystander) = (sample::user(&sample::user_id()), sample::user(&sample::user_id()));
    cx.adapter.set_user(&user, None).await?;
    cx.adapter.set_user(&bystander, None).await?;
    for name in sample::HOSTILE_NAMES {
        let update = sample::user_update(&[(COUNTRY, json!("ZZ")), (name, json!("value"))]);
        let refused = cx.adapter.update_user(&user.id, &update).await;
        ensure_fails(refused, Kind::InvalidAttribute, &format!("{name:?}"))?;
        ensure_user(&*cx.adapter, &user.id, Some(&user), "the user whose update was refused").await?;
    }
    ensure_user(&*cx.adapter, &bystander.id, Some(&bystander), "another user").await
}
