use lucia_core::UserAdapter;

use super::steps::{ensure_key, ensure_user};
use crate::{
    Promise,
    case::{
        Case,
        Requirement::{Needs, Without},
        case,
    },
    context::Users,
    ensure::{CaseResult, ensure_eq},
    sample,
};

pub(super) const CASES: &[Case<dyn UserAdapter>] = &[
    case!(delete_user_deletes_the_user),
    case!(delete_user_twice_succeeds),
    case!(delete_user_deletes_its_keys, Needs(Promise::KeysReferenceUsers)),
    case!(delete_user_leaves_its_keys, Without(Promise::KeysReferenceUsers)),
];

async fn delete_user_deletes_the_user(cx: Users) -> CaseResult {
    let (user, other) = (sample::user(&sample::user_id()), sample::user(&sample::user_id()));
    cx.adapter.set_user(&user, None).await?;
    cx.adapter.set_user(&other, None).await?;
    cx.adapter.delete_user(&user.id).await?;
    ensure_user(&*cx.adapter, &user.id, None, "the deleted user").await?;
    ensure_user(&*cx.adapter, &other.id, Some(&other), "another user").await
}

async fn delete_user_twice_succeeds(cx: Users) -> CaseResult {
    let user = sample::user(&sample::user_id());
    cx.adapter.set_user(&user, None).await?;
    cx.adapter.delete_user(&user.id).await?;
    cx.adapter.delete_user(&user.id).await?;
    cx.adapter.delete_user(&"*".into()).await?;
    ensure_user(&*cx.adapter, &user.id, None, "the deleted user").await
}

async fn delete_user_deletes_its_keys(cx: Users) -> CaseResult {
    let (user, other) = (sample::user(&sample::user_id()), sample::user(&sample::user_id()));
    let (key, second, others) = (sample::key(&user.id), sample::key(&user.id), sample::key(&other.id));
    cx.adapter.set_user(&user, Some(&key)).await?;
    cx.adapter.set_key(&second).await?;
    cx.adapter.set_user(&other, Some(&others)).await?;
    cx.adapter.delete_user(&user.id).await?;
    for key in [&key, &second] {
        ensure_eq(&cx.adapter.get_key(&key.id).await?, &None, "a key of the deleted user")?;
    }
    ensure_key(&*cx.adapter, &others, "a key of another user").await
}

async fn delete_user_leaves_its_keys(cx: Users) -> CaseResult {
    let user = sample::user(&sample::user_id());
    let key = sample::key(&user.id);
    cx.adapter.set_user(&user, Some(&key)).await?;
    cx.adapter.delete_user(&user.id).await?;
    ensure_key(&*cx.adapter, &key, "the key of the deleted user").await?;
    cx.adapter.delete_keys_by_user_id(&user.id).await?;
    ensure_eq(&cx.adapter.get_key(&key.id).await?, &None, "the key, deleted by its user's id")
}
