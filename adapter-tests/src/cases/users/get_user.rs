use lucia_core::{AdapterErrorKind as Kind, UserAdapter, UserId};
use serde_json::json;

use super::steps::ensure_user;
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
    case!(get_user_returns_the_stored_row),
    case!(get_user_of_an_unknown_id_is_none),
    case!(user_ids_never_alias),
    case!(user_ids_are_compared_exactly, Needs(Promise::ExactIds)),
    case!(user_ids_that_the_store_equates_are_not_mixed, Without(Promise::ExactIds)),
];

async fn get_user_returns_the_stored_row(cx: Users) -> CaseResult {
    let countries = [json!("NZ"), json!(""), json!(null), json!("\u{e9}\u{65e5}\u{1f600}' \" \\ ` %")];
    for country in countries {
        let user = sample::user_with(&sample::user_id(), &sample::text(12), &country);
        cx.adapter.set_user(&user, None).await?;
        ensure_user(&*cx.adapter, &user.id, Some(&user), "the user as it was set").await?;
    }
    Ok(())
}

async fn get_user_of_an_unknown_id_is_none(cx: Users) -> CaseResult {
    cx.adapter.set_user(&sample::user(&sample::user_id()), None).await?;
    for id in [UserId::new("*"), UserId::new(""), UserId::new("%"), sample::user_id()] {
        ensure_user(&*cx.adapter, &id, None, "an unknown user").await?;
    }
    Ok(())
}

async fn user_ids_never_alias(cx: Users) -> CaseResult {
    let base = sample::text(10);
    let ids = sample::TRICKY_ENDINGS.iter().map(|ending| format!("{base}{ending}"));
    let mut users = Vec::new();
    for id in ids.chain([String::new(), "..".to_owned(), format!(" {base}"), sample::text(400)]) {
        let user = sample::user(&UserId::new(id));
        ensure_user(&*cx.adapter, &user.id, None, "a user before it was set").await?;
        let refusals = cx.refusals(Kind::DuplicateUserId);
        let stored = ensure_ok_or(cx.adapter.set_user(&user, None).await, &refusals, "set_user")?;
        users.push((user, stored));
    }
    for (user, stored) in &users {
        ensure_user(&*cx.adapter, &user.id, stored.then_some(user), "the user of this id").await?;
    }
    // Deleting one user leaves all others.
    if let Some((first, _)) = users.first() {
        cx.adapter.delete_user(&first.id).await?;
        for (user, stored) in &users[1..] {
            ensure_user(&*cx.adapter, &user.id, stored.then_some(user), "another user than the deleted one").await?;
        }
    }
    Ok(())
}

async fn user_ids_are_compared_exactly(cx: Users) -> CaseResult {
    for (one, other) in sample::EQUATED_ENDINGS {
        let base = sample::text(10);
        let one = sample::user(&UserId::new(format!("{base}{one}")));
        let other = sample::user(&UserId::new(format!("{base}{other}")));
        cx.adapter.set_user(&one, None).await?;
        ensure_user(&*cx.adapter, &other.id, None, "a user before it was set").await?;
        cx.adapter.set_user(&other, None).await?;
        ensure_user(&*cx.adapter, &one.id, Some(&one), "one of two users of similar ids").await?;
        ensure_user(&*cx.adapter, &other.id, Some(&other), "one of two users of similar ids").await?;
        cx.adapter.delete_user(&one.id).await?;
        ensure_user(&*cx.adapter, &other.id, Some(&other), "the user of an id similar to a deleted one").await?;
    }
    Ok(())
}

async fn user_ids_that_the_store_equates_are_not_mixed(cx: Users) -> CaseResult {
    for (one, other) in sample::EQUATED_ENDINGS {
        let base = sample::text(10);
        let one = sample::user(&UserId::new(format!("{base}{one}")));
        let other = sample::user(&UserId::new(format!("{base}{other}")));
        cx.adapter.set_user(&one, None).await?;
        let found = cx.adapter.get_user(&other.id).await?;
        ensure_eq(&found, &None, "a similar id reads no other row")?;
        let refusals = [Kind::DuplicateUserId, Kind::UnsupportedId];
        let stored = ensure_ok_or(cx.adapter.set_user(&other, None).await, &refusals, "set_user")?;
        let found = cx.adapter.get_user(&other.id).await?;
        ensure(found == stored.then_some(other), "a similar id reads its own row, if it was stored, and no other")?;
        ensure_user(&*cx.adapter, &one.id, Some(&one), "the first user").await?;
    }
    Ok(())
}
