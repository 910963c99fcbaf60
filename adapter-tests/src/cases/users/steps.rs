//! Steps that several cases share.

use lucia_core::{AdapterErrorKind as Kind, KeySchema, UserAdapter, UserId, UserSchema};

use crate::ensure::{CaseResult, ensure_eq};

/// The error kinds of an attribute that the store cannot hold.
pub(super) const ATTRIBUTE_REFUSED: &[Kind] = &[Kind::InvalidAttribute];

pub(super) async fn ensure_user(
    adapter: &dyn UserAdapter,
    id: &UserId,
    expected: Option<&UserSchema>,
    what: &str,
) -> CaseResult {
    let found = adapter.get_user(id).await?;
    // The report shows the values, which `Debug` hides.
    let text = |user: &UserSchema| (user.id.to_string(), serde_json::to_value(user.attributes()).unwrap_or_default());
    ensure_eq(&found.as_ref().map(text), &expected.map(text), what)
}

pub(super) async fn ensure_key(adapter: &dyn UserAdapter, key: &KeySchema, what: &str) -> CaseResult {
    let found = adapter.get_key(&key.id).await?;
    ensure_eq(&found.as_ref(), &Some(key), what)
}
