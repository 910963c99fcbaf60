use lucia_core::{AdapterErrorKind as Kind, HashedPassword, KeySchema, KeyUpdate, UserAdapter};

use super::steps::{ensure_keys, stored_key};
use crate::{
    case::{Case, case},
    context::{Users, task},
    ensure::{CaseResult, ensure, ensure_eq, ensure_fails},
    sample,
};

pub(super) const CASES: &[Case<dyn UserAdapter>] = &[
    case!(update_key_sets_the_hash),
    case!(update_key_clears_the_hash),
    case!(update_key_renames_the_key),
    case!(update_key_to_a_taken_id_changes_nothing),
    case!(update_key_with_another_hash_than_expected_conflicts),
    case!(update_key_with_nothing_changes_nothing),
    case!(update_key_of_an_unknown_id_is_invalid),
];

fn to_hash(hash: Option<HashedPassword>) -> KeyUpdate {
    KeyUpdate::default().with_hashed_password(hash)
}

async fn update_key_sets_the_hash(cx: Users) -> CaseResult {
    let (mut key, bystander) = (stored_key(&cx).await?, stored_key(&cx).await?);
    let update = to_hash(Some(sample::hash()));
    cx.adapter.update_key(&key.id, &update).await?;
    key.apply(&update);
    ensure_keys(&cx, &[&key, &bystander], "the key with its new hash, and another").await
}

async fn update_key_clears_the_hash(cx: Users) -> CaseResult {
    let mut key = stored_key(&cx).await?;
    let update = to_hash(None);
    cx.adapter.update_key(&key.id, &update).await?;
    key.apply(&update);
    ensure_keys(&cx, &[&key], "the key without a hash").await
}

async fn update_key_renames_the_key(cx: Users) -> CaseResult {
    let mut key = stored_key(&cx).await?;
    let old = key.id.clone();
    let update = KeyUpdate::default().with_id(sample::key_id());
    cx.adapter.update_key(&old, &update).await?;
    key.apply(&update);
    ensure_keys(&cx, &[&key], "the key under its new id").await?;
    ensure_eq(&cx.adapter.get_key(&old).await?, &None, "the old id")?;
    ensure_eq(&cx.adapter.get_keys_by_user_id(&key.user_id).await?, &vec![key], "the keys of the user")
}

async fn update_key_to_a_taken_id_changes_nothing(cx: Users) -> CaseResult {
    let (key, other) = (stored_key(&cx).await?, stored_key(&cx).await?);
    let update = to_hash(Some(sample::hash())).with_id(other.id.clone());
    ensure_fails(cx.adapter.update_key(&key.id, &update).await, Kind::DuplicateKeyId, "a taken id")?;
    ensure_keys(&cx, &[&key, &other], "both keys").await?;
    // The key's own id does not count as taken.
    let own = KeyUpdate::default().with_id(key.id.clone());
    cx.adapter.update_key(&key.id, &own).await?;
    ensure_keys(&cx, &[&key], "the key under its old id").await
}

async fn update_key_with_another_hash_than_expected_conflicts(cx: Users) -> CaseResult {
    let mut key = stored_key(&cx).await?;
    let expecting = |hash: &HashedPassword| to_hash(Some(sample::hash())).with_expected_hashed_password(hash.clone());
    let refused = cx.adapter.update_key(&key.id, &expecting(&sample::hash())).await;
    ensure_fails(refused, Kind::Conflict, "another hash than expected")?;
    ensure_keys(&cx, &[&key], "the key that was not changed").await?;
    let without = KeySchema::new(sample::key_id(), key.user_id.clone());
    cx.adapter.set_key(&without).await?;
    let refused = cx.adapter.update_key(&without.id, &expecting(&sample::hash())).await;
    ensure_fails(refused, Kind::Conflict, "an expected hash of a key without one")?;
    ensure_keys(&cx, &[&without], "the key without a hash").await?;

    let stored = key.hashed_password.clone().unwrap_or_else(sample::hash);
    let updates: Vec<_> = (0..10).map(|_| expecting(&stored)).collect();
    let tasks = updates.iter().cloned().map(|update| {
        let (adapter, id) = (cx.adapter(), key.id.clone());
        task(async move { adapter.update_key(&id, &update).await })
    });
    let mut winners = Vec::new();
    for (update, outcome) in updates.iter().zip(cx.concurrently(tasks).await?) {
        match outcome {
            Ok(()) => winners.push(update),
            refused => ensure_fails(refused, Kind::Conflict, "a second winner")?,
        }
    }
    ensure(winners.len() == 1, format!("{} of 10 parallel calls replaced one hash", winners.len()))?;
    winners.iter().for_each(|update| key.apply(update));
    ensure_keys(&cx, &[&key], "the key with the winner's hash").await
}

async fn update_key_with_nothing_changes_nothing(cx: Users) -> CaseResult {
    let key = stored_key(&cx).await?;
    cx.adapter.update_key(&key.id, &KeyUpdate::default()).await?;
    ensure_keys(&cx, &[&key], "the key").await
}

async fn update_key_of_an_unknown_id_is_invalid(cx: Users) -> CaseResult {
    let (id, new) = (sample::key_id(), sample::key_id());
    let rename = KeyUpdate::default().with_id(new.clone());
    for update in [to_hash(Some(sample::hash())), to_hash(None), rename, KeyUpdate::default()] {
        ensure_fails(cx.adapter.update_key(&id, &update).await, Kind::InvalidKeyId, "an update of an unknown key")?;
    }
    for id in [id, new] {
        ensure_eq(&cx.adapter.get_key(&id).await?, &None, "a key that was only updated")?;
    }
    Ok(())
}
