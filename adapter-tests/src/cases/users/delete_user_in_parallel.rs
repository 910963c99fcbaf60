use lucia_core::{AdapterErrorKind as Kind, UserAdapter};

use super::steps::ensure_key;
use crate::{
    Promise,
    case::{Case, Requirement::Needs, case},
    context::{Users, pause, task},
    ensure::{CaseResult, ensure, ensure_eq, ensure_ok_or},
    sample,
};

pub(super) const CASES: &[Case<dyn UserAdapter>] = &[
    case!(parallel_delete_user_and_set_key_leave_no_key, Needs(Promise::KeysReferenceUsers)),
    case!(
        parallel_delete_user_and_set_user_leave_both_or_neither,
        Needs(Promise::KeysReferenceUsers),
        Needs(Promise::AtomicUserAndKey)
    ),
];

/// The number of users who are deleted. A database runs a statement in less than a millisecond, so few calls meet.
const USERS: usize = 40;

async fn parallel_delete_user_and_set_key_leave_no_key(cx: Users) -> CaseResult {
    for _ in 0..USERS {
        let user = sample::user(&sample::user_id());
        cx.adapter.set_user(&user, None).await?;
        let keys: Vec<_> = (0..6).map(|_| sample::key(&user.id)).collect();
        let deletion = {
            let (adapter, id) = (cx.adapter(), user.id.clone());
            task(async move {
                pause(1).await;
                adapter.delete_user(&id).await
            })
        };
        let inserts = keys.iter().cloned().enumerate().map(|(lag, key)| {
            let adapter = cx.adapter();
            task(async move {
                pause(lag).await;
                adapter.set_key(&key).await
            })
        });
        let mut outcomes = cx.concurrently(std::iter::once(deletion).chain(inserts)).await?.into_iter();
        outcomes.next().transpose()?;
        for inserted in outcomes {
            ensure_ok_or(inserted, &[Kind::InvalidUserId], "a key of a user who is being deleted")?;
        }
        for key in &keys {
            ensure_eq(&cx.adapter.get_key(&key.id).await?, &None, "a key of the deleted user")?;
        }
    }
    Ok(())
}

/// An application may store a user again under the same id.
async fn parallel_delete_user_and_set_user_leave_both_or_neither(cx: Users) -> CaseResult {
    for _ in 0..USERS {
        let user = sample::user(&sample::user_id());
        let keys: Vec<_> = (0..2).map(|_| sample::key(&user.id)).collect();
        cx.adapter.set_user(&user, Some(&keys[0])).await?;
        let deletions = (0..3).map(|lag| {
            let (adapter, id) = (cx.adapter(), user.id.clone());
            task(async move {
                pause(lag).await;
                adapter.delete_user(&id).await
            })
        });
        let inserts = (0..3).map(|lag| {
            let (adapter, user, key) = (cx.adapter(), user.clone(), keys[1].clone());
            task(async move {
                pause(lag).await;
                adapter.set_user(&user, Some(&key)).await
            })
        });
        for outcome in cx.concurrently(deletions.chain(inserts)).await? {
            let duplicates = [Kind::DuplicateUserId, Kind::DuplicateKeyId, Kind::DuplicateAttribute];
            ensure_ok_or(outcome, &duplicates, "a user who is deleted and stored again")?;
        }
        ensure_eq(&cx.adapter.get_key(&keys[0].id).await?, &None, "the key of the deleted user")?;
        if cx.adapter.get_user(&user.id).await?.is_some() {
            ensure_key(&*cx.adapter, &keys[1], "the key of the user who was stored again").await?;
        } else {
            ensure(cx.adapter.get_key(&keys[1].id).await?.is_none(), "a key without its user")?;
        }
    }
    Ok(())
}
