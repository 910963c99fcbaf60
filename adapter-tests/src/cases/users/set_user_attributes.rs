use lucia_core::{AdapterErrorKind as Kind, Attributes, UserAdapter, UserSchema};
use serde_json::json;

use super::steps::{ATTRIBUTE_REFUSED, ensure_user};
use crate::{
    Promise,
    case::{
        Case,
        Requirement::{Needs, Without},
        case,
    },
    context::Users,
    ensure::{CaseError, CaseResult, ensure, ensure_eq, ensure_fails, ensure_ok_or},
    sample,
    schema::USERNAME,
};

pub(super) const CASES: &[Case<dyn UserAdapter>] = &[
    case!(set_user_with_a_duplicate_attribute_changes_nothing, Needs(Promise::UniqueAttributes)),
    case!(set_user_with_equal_attributes_stores_both, Without(Promise::UniqueAttributes)),
    case!(set_user_refuses_hostile_attribute_names, Needs(Promise::FixedAttributes)),
    case!(set_user_stores_any_attribute_name, Without(Promise::FixedAttributes)),
];

fn with_username_of(user: &UserSchema) -> UserSchema {
    let username = user.attributes().get(USERNAME).and_then(|name| name.as_str()).unwrap_or_default();
    sample::user_with(&sample::user_id(), username, &json!("XX"))
}

async fn set_user_with_a_duplicate_attribute_changes_nothing(cx: Users) -> CaseResult {
    let user = sample::user(&sample::user_id());
    cx.adapter.set_user(&user, None).await?;
    let late = with_username_of(&user);
    let key = sample::key(&late.id);
    for key in [None, Some(&key)] {
        let refused = cx.adapter.set_user(&late, key).await;
        if let Some(name) = refused.as_ref().err().and_then(|error| error.attribute()) {
            ensure(name == USERNAME, format!("the error names `{name}` instead of `{USERNAME}`"))?;
        }
        ensure_fails(refused, Kind::DuplicateAttribute, "a taken username")?;
        ensure_user(&*cx.adapter, &late.id, None, "the user who was refused").await?;
    }
    ensure_eq(&cx.adapter.get_key(&key.id).await?, &None, "the key of the user who was refused")?;
    ensure_user(&*cx.adapter, &user.id, Some(&user), "the first user").await
}

async fn set_user_with_equal_attributes_stores_both(cx: Users) -> CaseResult {
    let user = sample::user(&sample::user_id());
    let late = with_username_of(&user);
    cx.adapter.set_user(&user, None).await?;
    cx.adapter.set_user(&late, None).await?;
    ensure_user(&*cx.adapter, &user.id, Some(&user), "the first user of the name").await?;
    ensure_user(&*cx.adapter, &late.id, Some(&late), "the second user of the name").await
}

fn with_attribute(name: &str) -> CaseResult<UserSchema> {
    let user = sample::user(&sample::user_id());
    let mut attributes: Attributes = user.attributes().clone();
    attributes.insert(name, "value");
    user.with_attributes(attributes).map_err(|error| CaseError::new(error.to_string()))
}

async fn set_user_refuses_hostile_attribute_names(cx: Users) -> CaseResult {
    let bystander = sample::user(&sample::user_id());
    cx.adapter.set_user(&bystander, None).await?;
    for name in sample::HOSTILE_NAMES {
        let user = with_attribute(name)?;
        let key = sample::key(&user.id);
        ensure_fails(cx.adapter.set_user(&user, Some(&key)).await, Kind::InvalidAttribute, &format!("{name:?}"))?;
        ensure_user(&*cx.adapter, &user.id, None, "the user who was refused").await?;
        ensure_eq(&cx.adapter.get_key(&key.id).await?, &None, "the key of the user who was refused")?;
    }
    ensure_user(&*cx.adapter, &bystander.id, Some(&bystander), "an earlier user").await
}

async fn set_user_stores_any_attribute_name(cx: Users) -> CaseResult {
    for name in sample::HOSTILE_NAMES {
        let user = with_attribute(name)?;
        let what = format!("an attribute {name:?}");
        let stored = ensure_ok_or(cx.adapter.set_user(&user, None).await, ATTRIBUTE_REFUSED, &what)?;
        ensure_user(&*cx.adapter, &user.id, stored.then_some(&user), &what).await?;
    }
    Ok(())
}
