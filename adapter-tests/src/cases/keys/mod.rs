mod delete_key;
mod get_key;
mod set_key;
mod update_key;

use lucia_core::{KeySchema, UserAdapter};

use crate::{
    case::Case,
    context::Users,
    ensure::{CaseResult, ensure_eq},
    sample,
};

pub(crate) const CASES: &[&[Case<dyn UserAdapter>]] =
    &[get_key::CASES, set_key::CASES, update_key::CASES, delete_key::CASES];

/// A user with a key.
async fn stored_key(cx: &Users) -> CaseResult<KeySchema> {
    let key = sample::key(&cx.user().await?);
    cx.adapter.set_key(&key).await?;
    Ok(key)
}

async fn ensure_keys(cx: &Users, stored: &[&KeySchema], what: &str) -> CaseResult {
    for key in stored {
        ensure_eq(&cx.adapter.get_key(&key.id).await?.as_ref(), &Some(*key), what)?;
    }
    Ok(())
}
