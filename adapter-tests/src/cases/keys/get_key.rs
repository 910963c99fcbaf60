use lucia_core::{AdapterErrorKind as Kind, KeyId, KeySchema, UserAdapter};

use super::steps::{ensure_keys, stored_key};
use crate::{
    Promise,
    case::{
        Case,
        Requirement::{Needs, Without},
        case,
    },
    context::Users,
    ensure::{CaseResult, ensure, ensure_eq, ensure_ok_or},
    sample,
};

pub(super) const CASES: &[Case<dyn UserAdapter>] = &[
    case!(get_key_returns_the_stored_row),
    case!(get_key_of_an_unknown_id_is_none),
    case!(key_ids_never_alias),
    case!(key_ids_are_compared_exactly, Needs(Promise::ExactIds)),
    case!(key_ids_that_the_store_equates_are_not_mixed, Without(Promise::ExactIds)),
    case!(get_keys_by_user_id_returns_all_of_the_user),
    case!(get_keys_by_user_id_of_an_unknown_user_is_empty),
];

async fn get_key_returns_the_stored_row(cx: Users) -> CaseResult {
    let user_id = cx.user().await?;
    let with_password = sample::key(&user_id);
    let without = KeySchema::new(sample::key_id(), user_id);
    cx.adapter.set_key(&with_password).await?;
    cx.adapter.set_key(&without).await?;
    ensure_keys(&cx, &[&with_password, &without], "the key as it was set").await
}

async fn get_key_of_an_unknown_id_is_none(cx: Users) -> CaseResult {
    stored_key(&cx).await?;
    for id in [KeyId::from_stored("*"), KeyId::from_stored(""), sample::key_id_of("%"), sample::key_id()] {
        ensure_eq(&cx.adapter.get_key(&id).await?, &None, "an unknown key")?;
    }
    Ok(())
}

async fn key_ids_never_alias(cx: Users) -> CaseResult {
    let (user_id, base) = (cx.user().await?, sample::text(10));
    let ids = sample::TRICKY_ENDINGS.iter().map(|ending| sample::key_id_of(&format!("{base}{ending}")));
    let mut keys = Vec::new();
    for id in
        ids.chain([sample::key_id_of(""), sample::key_id_of(&sample::text(170)), sample::key_id_of(&sample::text(300))])
    {
        let key = KeySchema::new(id, user_id.clone()).with_hashed_password(sample::hash());
        ensure_eq(&cx.adapter.get_key(&key.id).await?, &None, "a key before it was set")?;
        let refusals = cx.refusals(Kind::DuplicateKeyId);
        let stored = ensure_ok_or(cx.adapter.set_key(&key).await, &refusals, "set_key")?;
        keys.push((key, stored));
    }
    for (key, stored) in &keys {
        ensure_eq(&cx.adapter.get_key(&key.id).await?.as_ref(), &stored.then_some(key), "the key of this id")?;
    }
    Ok(())
}

async fn key_ids_are_compared_exactly(cx: Users) -> CaseResult {
    let user_id = cx.user().await?;
    for (one, other) in sample::EQUATED_ENDINGS {
        let base = sample::text(10);
        let one = KeySchema::new(sample::key_id_of(&format!("{base}{one}")), user_id.clone());
        let other = KeySchema::new(sample::key_id_of(&format!("{base}{other}")), user_id.clone());
        cx.adapter.set_key(&one).await?;
        ensure_eq(&cx.adapter.get_key(&other.id).await?, &None, "a key before it was set")?;
        cx.adapter.set_key(&other).await?;
        ensure_keys(&cx, &[&one, &other], "keys of similar ids").await?;
        cx.adapter.delete_key(&one.id).await?;
        ensure_keys(&cx, &[&other], "the key of an id similar to a deleted one").await?;
    }
    Ok(())
}

async fn key_ids_that_the_store_equates_are_not_mixed(cx: Users) -> CaseResult {
    let user_id = cx.user().await?;
    for (one, other) in sample::EQUATED_ENDINGS {
        let base = sample::text(10);
        let one = KeySchema::new(sample::key_id_of(&format!("{base}{one}")), user_id.clone());
        let other = KeySchema::new(sample::key_id_of(&format!("{base}{other}")), user_id.clone());
        cx.adapter.set_key(&one).await?;
        ensure_eq(&cx.adapter.get_key(&other.id).await?, &None, "a similar id reads no other row")?;
        let refusals = [Kind::DuplicateKeyId, Kind::UnsupportedId];
        let stored = ensure_ok_or(cx.adapter.set_key(&other).await, &refusals, "set_key")?;
        let found = cx.adapter.get_key(&other.id).await?;
        ensure(found == stored.then_some(other), "a similar id reads its own row, if it was stored, and no other")?;
        ensure_keys(&cx, &[&one], "the first key").await?;
    }
    Ok(())
}

async fn get_keys_by_user_id_returns_all_of_the_user(cx: Users) -> CaseResult {
    let key = stored_key(&cx).await?;
    let second = sample::key(&key.user_id);
    cx.adapter.set_key(&second).await?;
    stored_key(&cx).await?;
    let mut found = cx.adapter.get_keys_by_user_id(&key.user_id).await?;
    found.sort_by(|a, b| a.id.cmp(&b.id));
    let mut expected = vec![key, second];
    expected.sort_by(|a, b| a.id.cmp(&b.id));
    ensure_eq(&found, &expected, "the keys of one of two users")
}

async fn get_keys_by_user_id_of_an_unknown_user_is_empty(cx: Users) -> CaseResult {
    stored_key(&cx).await?;
    for id in [sample::user_id(), "*".into(), "".into()] {
        ensure_eq(&cx.adapter.get_keys_by_user_id(&id).await?, &vec![], "the keys of an unknown user")?;
    }
    Ok(())
}
