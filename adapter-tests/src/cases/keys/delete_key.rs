use lucia_core::{AdapterErrorKind as Kind, KeySchema, UserAdapter};

use super::steps::{ensure_keys, stored_key};
use crate::{
    Promise,
    case::{Case, case},
    context::Users,
    ensure::{CaseResult, ensure_eq, ensure_ok_or},
    sample,
};

pub(super) const CASES: &[Case<dyn UserAdapter>] = &[
    case!(delete_key_deletes_only_that_key),
    case!(delete_key_twice_succeeds),
    case!(delete_keys_by_user_id_deletes_all_of_the_user),
    case!(delete_keys_by_user_id_of_an_unknown_user_succeeds),
];

async fn delete_key_deletes_only_that_key(cx: Users) -> CaseResult {
    let (user_id, base) = (cx.user().await?, sample::text(10));
    let mut endings = vec![":b", "b", "*", "%", "_", "[a]"];
    if cx.promises(Promise::ExactIds) {
        endings.push("A");
    }
    let key = KeySchema::new(sample::key_id_of(&format!("{base}a")), user_id.clone());
    cx.adapter.set_key(&key).await?;
    let mut others = Vec::new();
    let ids = endings.iter().map(|ending| format!("{base}{}{ending}", if *ending == "A" { "" } else { "a" }));
    for id in ids.chain([base.clone()]) {
        let other = KeySchema::new(sample::key_id_of(&id), user_id.clone());
        if ensure_ok_or(cx.adapter.set_key(&other).await, &[Kind::UnsupportedId], "set_key")? {
            others.push(other);
        }
    }
    let stored: Vec<_> = others.iter().collect();
    cx.adapter.delete_key(&key.id).await?;
    ensure_eq(&cx.adapter.get_key(&key.id).await?, &None, "the deleted key")?;
    ensure_keys(&cx, &stored, "keys of similar ids").await?;
    for pattern in ["*", "%", "[a]", &format!("{base}?"), &format!("{base}_")] {
        cx.adapter.delete_key(&sample::key_id_of(pattern)).await?;
    }
    ensure_keys(&cx, &stored, "keys that a pattern would match").await
}

async fn delete_key_twice_succeeds(cx: Users) -> CaseResult {
    let key = stored_key(&cx).await?;
    cx.adapter.delete_key(&key.id).await?;
    cx.adapter.delete_key(&key.id).await?;
    cx.adapter.delete_key(&sample::key_id()).await?;
    ensure_eq(&cx.adapter.get_keys_by_user_id(&key.user_id).await?, &vec![], "the keys of the user")
}

async fn delete_keys_by_user_id_deletes_all_of_the_user(cx: Users) -> CaseResult {
    let (key, other) = (stored_key(&cx).await?, stored_key(&cx).await?);
    let second = sample::key(&key.user_id);
    cx.adapter.set_key(&second).await?;
    cx.adapter.delete_keys_by_user_id(&key.user_id).await?;
    for key in [&key, &second] {
        ensure_eq(&cx.adapter.get_key(&key.id).await?, &None, "a key of the user")?;
    }
    ensure_eq(&cx.adapter.get_keys_by_user_id(&key.user_id).await?, &vec![], "the keys of the user")?;
    ensure_keys(&cx, &[&other], "a key of another user").await
}

async fn delete_keys_by_user_id_of_an_unknown_user_succeeds(cx: Users) -> CaseResult {
    let key = stored_key(&cx).await?;
    for id in [sample::user_id(), "*".into(), "%".into(), "".into()] {
        cx.adapter.delete_keys_by_user_id(&id).await?;
    }
    ensure_keys(&cx, &[&key], "a key of another user").await
}
