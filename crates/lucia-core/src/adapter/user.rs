use std::fmt::Debug;

use async_trait::async_trait;

use crate::{AdapterResult, KeyId, KeySchema, KeyUpdate, UserId, UserSchema, UserUpdate};

/// Stores users and their keys.
///
/// Every method may also fail with [`Unavailable`](crate::AdapterErrorKind::Unavailable),
/// [`Decode`](crate::AdapterErrorKind::Decode) and [`Backend`](crate::AdapterErrorKind::Backend); "Errors" lists the rest.
///
/// ```
/// use lucia_core::{KeyId, KeySchema, UserAdapter, UserSchema, memory::MemoryAdapter};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let adapter = MemoryAdapter::new();
/// let key = KeySchema::new(KeyId::new("github", "583231")?, "u1");
/// adapter.set_user(&UserSchema::new("u1"), Some(&key)).await?;
/// assert_eq!(adapter.get_key(&key.id).await?, Some(key));
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not store users and keys",
    label = "not a `UserAdapter`",
    note = "`SplitAdapter::new(users, sessions)` takes the adapter for users and keys first",
    note = "an `Arc`, a `Box` or a `&'static` reference to an adapter is an adapter"
)]
#[async_trait]
pub trait UserAdapter: Debug + Send + Sync + 'static {
    /// Reads a user.
    ///
    /// # Contract
    /// - `get_user_returns_the_stored_row`: every attribute, as it was set.
    /// - `get_user_of_an_unknown_id_is_none`: and not an error.
    /// - `user_ids_never_alias`: whatever characters an id has, it round-trips or is refused, and reads no other's row.
    /// - `user_ids_are_compared_exactly`: ids that differ by case, accent or trailing space are different users.
    async fn get_user(&self, user_id: &UserId) -> AdapterResult<Option<UserSchema>>;

    /// Inserts a user, and with it a key, or nothing at all.
    ///
    /// # Contract
    /// - `set_user_without_key_inserts_the_user`: and no key.
    /// - `set_user_with_key_inserts_both`: in one atomic step.
    /// - `set_user_with_a_duplicate_user_id_changes_nothing`: and never reports the key instead (bugs P2, S6).
    /// - `set_user_with_a_duplicate_key_id_changes_nothing`: the user does not exist afterwards, the key is as it was.
    /// - `set_user_with_a_duplicate_attribute_changes_nothing`: where the store has unique attributes.
    /// - `set_user_with_another_users_key_is_refused`: `key.user_id` must be `user.id`.
    /// - `parallel_set_user_with_one_key_id_has_one_winner`: the others get the duplicate error and leave no user.
    /// - `set_user_that_is_dropped_inserts_both_or_neither`: a future may be dropped at any point, and nothing that is written
    ///   after it is lost with it.
    /// - `set_user_refuses_hostile_attribute_names`: a name that is no column is an error, never SQL (bug S2).
    ///
    /// # Errors
    /// [`DuplicateUserId`](crate::AdapterErrorKind::DuplicateUserId),
    /// [`DuplicateKeyId`](crate::AdapterErrorKind::DuplicateKeyId),
    /// [`DuplicateAttribute`](crate::AdapterErrorKind::DuplicateAttribute),
    /// [`InvalidAttribute`](crate::AdapterErrorKind::InvalidAttribute),
    /// [`UnsupportedId`](crate::AdapterErrorKind::UnsupportedId), and
    /// [`InvalidUserId`](crate::AdapterErrorKind::InvalidUserId) if the key names another user.
    async fn set_user(&self, user: &UserSchema, key: Option<&KeySchema>) -> AdapterResult<()>;

    /// Sets some attributes of a user.
    ///
    /// # Contract
    /// - `update_user_keeps_other_attributes`: only those named change.
    /// - `update_user_stores_null`: where the attribute may be null.
    /// - `update_user_with_nothing_changes_nothing`: and succeeds (bug S1).
    /// - `update_user_of_an_unknown_id_is_invalid`: even if the update is empty; nothing is created (bug P1).
    /// - `update_user_to_a_taken_attribute_changes_nothing`: where the store has unique attributes.
    /// - `update_user_refuses_hostile_attribute_names`: as `set_user` does (bug S2).
    ///
    /// # Errors
    /// [`InvalidUserId`](crate::AdapterErrorKind::InvalidUserId),
    /// [`DuplicateAttribute`](crate::AdapterErrorKind::DuplicateAttribute),
    /// [`InvalidAttribute`](crate::AdapterErrorKind::InvalidAttribute).
    async fn update_user(&self, user_id: &UserId, update: &UserUpdate) -> AdapterResult<()>;

    /// Deletes a user.
    ///
    /// Keys and sessions go with it where the store cascades; `lucia-auth` deletes them first, for those that do not.
    ///
    /// # Contract
    /// - `delete_user_deletes_the_user`: and no other.
    /// - `delete_user_twice_succeeds`: deleting an unknown id is not an error (bug P5).
    /// - `delete_user_deletes_its_keys`: where the store cascades.
    /// - `delete_user_deletes_its_sessions`: where the store cascades.
    async fn delete_user(&self, user_id: &UserId) -> AdapterResult<()>;

    /// Reads a key.
    ///
    /// # Contract
    /// - `get_key_returns_the_stored_row`: hash included.
    /// - `get_key_of_an_unknown_id_is_none`: and not an error.
    /// - `key_ids_never_alias`: colons, percent signs, slashes and unicode in the provider's user id survive.
    /// - `key_ids_are_compared_exactly`: case, accents and trailing spaces count.
    async fn get_key(&self, key_id: &KeyId) -> AdapterResult<Option<KeySchema>>;

    /// Reads all keys of a user, in no particular order.
    ///
    /// # Contract
    /// - `get_keys_by_user_id_returns_all_of_the_user`: and none of another.
    /// - `get_keys_by_user_id_of_an_unknown_user_is_empty`: and not an error.
    async fn get_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<KeySchema>>;

    /// Inserts a key.
    ///
    /// # Contract
    /// - `set_key_inserts_the_key`: with or without a hash.
    /// - `set_key_with_a_duplicate_id_changes_nothing`: the stored key keeps its user and hash.
    /// - `set_key_of_an_unknown_user_is_invalid`: where the store has foreign keys; nothing is stored.
    /// - `parallel_set_key_with_one_id_has_one_winner`: the others get the duplicate error.
    ///
    /// # Errors
    /// [`DuplicateKeyId`](crate::AdapterErrorKind::DuplicateKeyId),
    /// [`InvalidUserId`](crate::AdapterErrorKind::InvalidUserId),
    /// [`UnsupportedId`](crate::AdapterErrorKind::UnsupportedId).
    async fn set_key(&self, key: &KeySchema) -> AdapterResult<()>;

    /// Changes the hash of a key, or its id, or both.
    ///
    /// # Contract
    /// - `update_key_sets_the_hash`: and keeps the user.
    /// - `update_key_clears_the_hash`: on `Some(None)`.
    /// - `update_key_renames_the_key`: the hash stays; the old id is unknown afterwards.
    /// - `update_key_to_a_taken_id_changes_nothing`: neither key.
    /// - `update_key_with_another_hash_than_expected_conflicts`: and changes nothing; of parallel ones, one wins.
    /// - `update_key_with_nothing_changes_nothing`: and succeeds.
    /// - `update_key_of_an_unknown_id_is_invalid`: even if the update is empty; nothing is created.
    ///
    /// # Errors
    /// [`InvalidKeyId`](crate::AdapterErrorKind::InvalidKeyId),
    /// [`DuplicateKeyId`](crate::AdapterErrorKind::DuplicateKeyId),
    /// [`Conflict`](crate::AdapterErrorKind::Conflict),
    /// [`UnsupportedId`](crate::AdapterErrorKind::UnsupportedId).
    async fn update_key(&self, key_id: &KeyId, update: &KeyUpdate) -> AdapterResult<()>;

    /// Deletes a key.
    ///
    /// # Contract
    /// - `delete_key_deletes_only_that_key`: not one whose id begins with it or differs by case.
    /// - `delete_key_twice_succeeds`: deleting an unknown id is not an error.
    async fn delete_key(&self, key_id: &KeyId) -> AdapterResult<()>;

    /// Deletes all keys of a user.
    ///
    /// # Contract
    /// - `delete_keys_by_user_id_deletes_all_of_the_user`: and none of another.
    /// - `delete_keys_by_user_id_of_an_unknown_user_succeeds`: it is not an error.
    async fn delete_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<()>;
}
