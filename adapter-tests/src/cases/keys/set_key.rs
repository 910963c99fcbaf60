use lucia_core::{AdapterErrorKind as Kind, KeySchema, UserAdapter};

use super::steps::{ensure_keys, stored_key};
use crate::{
    Promise,
    case::{
        Case,
        Requirement::{Needs, Without},
        case,
    },
    context::{Users, task},
    ensure::{CaseResult, ensure, ensure_eq, ensure_fails},
    sample,
};

pub(super) const CASES: &[Case<dyn UserAdapter>] = &[
    case!(set_key_inserts_the_key),
    case!(set_key_with_a_duplicate_id_changes_nothing),
    case!(set_key_of_an_unknown_user_is_invalid, Needs(Promise::KeysReferenceUsers)),
    case!(set_key_of_an_unknown_user_is_stored, Without(Promise::KeysReferenceUsers)),
    case!(parallel_set_key_with_one_id_has_one_winner),
];

async fn set_key_inserts_the_key(cx: Users) -> CaseResult {
    let user_id = cx.user().await?;
    for key in [sample::key(&user_id), KeySchema::new(sample::key_id(), user_id.clone())] {
        cx.adapter.set_key(&key).await?;
        ensure_keys(&cx, &[&key], "the key").await?;
    }
    ensure_eq(&cx.adapter.get_keys_by_user_id(&user_id).await?.len(), &2, "the number of keys of the user")
}

async fn set_key_with_a_duplicate_id_changes_nothing(cx: Users) -> CaseResult {
    let key = stored_key(&cx).await?;
    let late = cx.user().await?;
    for user_id in [&key.user_id, &late] {
        let mut same_id = sample::key(user_id);
        same_id.id = key.id.clone();
        ensure_fails(cx.adapter.set_key(&same_id).await, Kind::DuplicateKeyId, "a taken id")?;
        ensure_keys(&cx, &[&key], "the first key").await?;
    }
    ensure_eq(&cx.adapter.get_keys_by_user_id(&late).await?, &vec![], "the keys of the second user")
}

async fn set_key_of_an_unknown_user_is_invalid(cx: Users) -> CaseResult {
    let key = sample::key(&sample::user_id());
    ensure_fails(cx.adapter.set_key(&key).await, Kind::InvalidUserId, "a key of an unknown user")?;
    ensure_eq(&cx.adapter.get_key(&key.id).await?, &None, "the key that was refused")
}

async fn set_key_of_an_unknown_user_is_stored(cx: Users) -> CaseResult {
    let key = sample::key(&sample::user_id());
    cx.adapter.set_key(&key).await?;
    ensure_keys(&cx, &[&key], "the key of an unknown user").await
}

async fn parallel_set_key_with_one_id_has_one_winner(cx: Users) -> CaseResult {
    let (user_id, id) = (cx.user().await?, sample::key_id());
    let mut keys: Vec<_> = (0..20).map(|_| sample::key(&user_id)).collect();
    keys.iter_mut().for_each(|key| key.id.clone_from(&id));
    let tasks = keys.iter().cloned().map(|key| {
        let adapter = cx.adapter();
        task(async move { adapter.set_key(&key).await })
    });
    let mut winners = Vec::new();
    for (key, outcome) in keys.iter().zip(cx.concurrently(tasks).await?) {
        match outcome {
            Ok(()) => winners.push(key),
            refused => ensure_fails(refused, Kind::DuplicateKeyId, "a second winner")?,
        }
    }
    ensure(winners.len() == 1, format!("{} of 20 parallel calls inserted one key", winners.len()))?;
    ensure_keys(&cx, &winners, "the key of the winner").await
}
