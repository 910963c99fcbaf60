//! Steps that several cases share.

use lucia_core::KeySchema;

use crate::{
    context::Users,
    ensure::{CaseResult, ensure_eq},
    sample,
};

/// Stores a user with a key.
pub(super) async fn stored_key(cx: &Users) -> CaseResult<KeySchema> {
    let key = sample::key(&cx.user().await?);
    cx.adapter.set_key(&key).await?;
    Ok(key)
}

pub(super) async fn ensure_keys(cx: &Users, stored: &[&KeySchema], what: &str) -> CaseResult {
    for key in stored {
        ensure_eq(&cx.adapter.get_key(&key.id).await?.as_ref(), &Some(*key), what)?;
    }
    Ok(())
}
