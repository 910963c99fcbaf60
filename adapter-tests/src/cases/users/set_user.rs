use lucia_core::{AdapterErrorKind as Kind, KeySchema, UserAdapter, UserSchema};

use super::steps::{ensure_key, ensure_user};
use crate::{
    Promise,
    case::{
        Case,
        Requirement::{Needs, Without},
        case,
    },
    context::{Users, drop_at_wait, pause, task},
    ensure::{CaseResult, ensure, ensure_eq, ensure_fails},
    sample,
};

pub(super) const CASES: &[Case<dyn UserAdapter>] = &[
    case!(set_user_without_key_inserts_the_user),
    case!(set_user_with_key_inserts_both),
    case!(set_user_with_a_duplicate_user_id_changes_nothing),
    case!(set_user_with_a_duplicate_key_id_changes_nothing, Needs(Promise::AtomicUserAndKey)),
    case!(set_user_with_a_duplicate_key_id_reports_it, Without(Promise::AtomicUserAndKey)),
    case!(set_user_with_another_users_key_is_refused),
    case!(parallel_set_user_with_one_key_id_has_one_winner, Needs(Promise::AtomicUserAndKey)),
    case!(parallel_set_user_with_one_key_id_keeps_one_key, Without(Promise::AtomicUserAndKey)),
    case!(set_user_that_is_dropped_inserts_both_or_neither, Needs(Promise::AtomicUserAndKey)),
];

async fn set_user_without_key_inserts_the_user(cx: Users) -> CaseResult {
    let user = sample::user(&sample::user_id());
    cx.adapter.set_user(&user, None).await?;
    ensure_user(&*cx.adapter, &user.id, Some(&user), "the user").await?;
    ensure_eq(&cx.adapter.get_keys_by_user_id(&user.id).await?, &vec![], "the keys of a user without any")
}

async fn set_user_with_key_inserts_both(cx: Users) -> CaseResult {
    let user = sample::user(&sample::user_id());
    let key = sample::key(&user.id);
    cx.adapter.set_user(&user, Some(&key)).await?;
    ensure_user(&*cx.adapter, &user.id, Some(&user), "the user").await?;
    ensure_key(&*cx.adapter, &key, "the key").await?;
    ensure_eq(&cx.adapter.get_keys_by_user_id(&user.id).await?, &vec![key], "the keys of the user")
}

async fn set_user_with_a_duplicate_user_id_changes_nothing(cx: Users) -> CaseResult {
    let user = sample::user(&sample::user_id());
    let key = sample::key(&user.id);
    cx.adapter.set_user(&user, Some(&key)).await?;
    let again = sample::user(&user.id);
    let new_key = sample::key(&user.id);
    ensure_fails(cx.adapter.set_user(&again, None).await, Kind::DuplicateUserId, "without a key")?;
    ensure_fails(cx.adapter.set_user(&again, Some(&new_key)).await, Kind::DuplicateUserId, "with a new key")?;
    ensure_eq(&cx.adapter.get_key(&new_key.id).await?, &None, "the key of a user who was refused")?;
    ensure_user(&*cx.adapter, &user.id, Some(&user), "the first user").await?;
    ensure_eq(&cx.adapter.get_keys_by_user_id(&user.id).await?, &vec![key], "the keys of that user")
}

async fn set_user_with_a_duplicate_key_id_changes_nothing(cx: Users) -> CaseResult {
    let owner = sample::user(&sample::user_id());
    let key = sample::key(&owner.id);
    cx.adapter.set_user(&owner, Some(&key)).await?;
    let late = sample::user(&sample::user_id());
    let mut same_id = sample::key(&late.id);
    same_id.id = key.id.clone();
    ensure_fails(cx.adapter.set_user(&late, Some(&same_id)).await, Kind::DuplicateKeyId, "a taken key id")?;
    ensure_user(&*cx.adapter, &late.id, None, "the user whose key was refused").await?;
    ensure_eq(&cx.adapter.get_keys_by_user_id(&late.id).await?, &vec![], "the keys of that user")?;
    ensure_key(&*cx.adapter, &key, "the first key").await?;
    // The user can try another name, because no part of the first attempt remains.
    let other = sample::key(&late.id);
    cx.adapter.set_user(&late, Some(&other)).await?;
    ensure_key(&*cx.adapter, &other, "the key of the second attempt").await
}

async fn set_user_with_a_duplicate_key_id_reports_it(cx: Users) -> CaseResult {
    let owner = sample::user(&sample::user_id());
    let key = sample::key(&owner.id);
    cx.adapter.set_user(&owner, Some(&key)).await?;
    let late = sample::user(&sample::user_id());
    let mut same_id = sample::key(&late.id);
    same_id.id = key.id.clone();
    ensure_fails(cx.adapter.set_user(&late, Some(&same_id)).await, Kind::DuplicateKeyId, "a taken key id")?;
    ensure_eq(&cx.adapter.get_keys_by_user_id(&late.id).await?, &vec![], "the keys of the user who was refused")?;
    ensure_user(&*cx.adapter, &owner.id, Some(&owner), "the owner of the key").await?;
    ensure_key(&*cx.adapter, &key, "the first key").await
}

async fn set_user_with_another_users_key_is_refused(cx: Users) -> CaseResult {
    let other = sample::user(&sample::user_id());
    cx.adapter.set_user(&other, None).await?;
    let user = sample::user(&sample::user_id());
    for owner in [&other.id, &sample::user_id()] {
        let key = sample::key(owner);
        ensure_fails(cx.adapter.set_user(&user, Some(&key)).await, Kind::InvalidUserId, "a key of another user")?;
        ensure_user(&*cx.adapter, &user.id, None, "the user who was refused").await?;
        ensure_eq(&cx.adapter.get_key(&key.id).await?, &None, "the key that was refused")?;
    }
    Ok(())
}

async fn parallel_set_user_with_one_key_id_has_one_winner(cx: Users) -> CaseResult {
    let (users, winners) = race_for_a_key(&cx).await?;
    for user in &users {
        let expected = winners.contains(&user.id).then_some(user);
        ensure_user(&*cx.adapter, &user.id, expected, "a user of the race").await?;
    }
    Ok(())
}

async fn parallel_set_user_with_one_key_id_keeps_one_key(cx: Users) -> CaseResult {
    race_for_a_key(&cx).await.map(|_| ())
}

/// Sets twenty users with the same key id in parallel. Returns all users and those that were inserted.
async fn race_for_a_key(cx: &Users) -> CaseResult<(Vec<UserSchema>, Vec<lucia_core::UserId>)> {
    let key_id = sample::key_id();
    let users: Vec<_> = (0..20).map(|_| sample::user(&sample::user_id())).collect();
    let tasks = users.iter().cloned().map(|user| {
        let (adapter, mut key) = (cx.adapter(), sample::key(&user.id));
        key.id = key_id.clone();
        task(async move { adapter.set_user(&user, Some(&key)).await })
    });
    let outcomes = cx.concurrently(tasks).await?;
    let mut winners = Vec::new();
    for (user, outcome) in users.iter().zip(outcomes) {
        match outcome {
            Ok(()) => winners.push(user.id.clone()),
            refused => ensure_fails(refused, Kind::DuplicateKeyId, "a second winner")?,
        }
    }
    ensure(winners.len() == 1, format!("{} of 20 parallel calls got one key id", winners.len()))?;
    let owner = cx.adapter.get_key(&key_id).await?.map(|key| key.user_id);
    ensure_eq(&owner.as_ref(), &winners.first(), "the user of the key")?;
    Ok((users, winners))
}

/// A caller that disconnects drops its call at any point. Other calls go on, on the same connections if there are any.
async fn set_user_that_is_dropped_inserts_both_or_neither(cx: Users) -> CaseResult {
    const MOST_WAITS: usize = 30;
    for nth in 1..=MOST_WAITS {
        let user = sample::user(&sample::user_id());
        let key = sample::key(&user.id);
        let outcome = drop_at_wait(nth, cx.adapter.set_user(&user, Some(&key))).await;
        let next = sample::user(&sample::user_id());
        cx.adapter.set_user(&next, None).await?;
        let reads = (0..8).map(|_| {
            let (adapter, id) = (cx.adapter(), next.id.clone());
            task(async move { adapter.get_user(&id).await })
        });
        for read in cx.concurrently(reads).await? {
            ensure(read?.is_some(), "every reader sees a write that follows a dropped call")?;
        }
        ensure(has_both_or_neither(&cx, &user, &key).await?, "a dropped call inserts both or neither")?;
        if let Some(outcome) = outcome {
            return Ok(outcome?);
        }
    }
    Ok(())
}

/// The store may still be working between the two reads.
async fn has_both_or_neither(cx: &Users, user: &UserSchema, key: &KeySchema) -> CaseResult<bool> {
    for _ in 0..20 {
        let has_user = cx.adapter.get_user(&user.id).await?.is_some();
        if cx.adapter.get_key(&key.id).await?.is_some() == has_user {
            return Ok(true);
        }
        pause(100).await;
    }
    Ok(false)
}
