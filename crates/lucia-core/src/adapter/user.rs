use std::fmt::Debug;

use async_trait::async_trait;

use crate::{AdapterResult, KeyId, KeySchema, KeyUpdate, UserId, UserSchema, UserUpdate};

/// Stores users and their keys.
///
/// Every method may also return [`Unavailable`](crate::AdapterErrorKind::Unavailable),
/// [`Decode`](crate::AdapterErrorKind::Decode) and [`Backend`](crate::AdapterErrorKind::Backend) errors; "Errors" lists
/// the others.
///
/// The methods keep the names of Lucia's `UserAdapter`.
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
    /// Returns a user.
    ///
    /// A session whose user does not exist is deleted when it is read. So a store with replicas must read what it wrote.
    ///
    /// # Contract
    /// - `get_user_returns_the_stored_row`: every attribute as it was set.
    /// - `get_user_of_an_unknown_id_is_none`: it is not an error.
    /// - `user_ids_never_alias`: an id of any characters round-trips or is rejected, and never reads another row.
    /// - `user_ids_are_compared_exactly`: case, accents and trailing spaces are significant.
    async fn get_user(&self, user_id: &UserId) -> AdapterResult<Option<UserSchema>>;

    /// Inserts a user and, if given, their key, atomically.
    ///
    /// # Contract
    /// - `set_user_without_key_inserts_the_user`: and no key.
    /// - `set_user_with_key_inserts_both`: atomically.
    /// - `set_user_with_a_duplicate_user_id_changes_nothing`: and does not report the key instead.
    /// - `set_user_with_a_duplicate_key_id_changes_nothing`: afterwards the user does not exist, and the key is
    ///   unchanged.
    /// - `set_user_with_a_duplicate_attribute_changes_nothing`: if the store has unique attributes.
    /// - `set_user_with_another_users_key_is_refused`: `key.user_id` must be `user.id`.
    /// - `parallel_set_user_with_one_key_id_has_one_winner`: the others get the duplicate error, and their users do not
    ///   exist.
    /// - `set_user_that_is_dropped_inserts_both_or_neither`: the future may be dropped at any `await`, and
    ///   later writes are not lost with it.
    /// - `set_user_refuses_hostile_attribute_names`: a name without a column is an error, never SQL.
    ///
    /// # Errors
    /// [`DuplicateUserId`](crate::AdapterErrorKind::DuplicateUserId),
    /// [`DuplicateKeyId`](crate::AdapterErrorKind::DuplicateKeyId),
    /// [`DuplicateAttribute`](crate::AdapterErrorKind::DuplicateAttribute),
    /// [`InvalidAttribute`](crate::AdapterErrorKind::InvalidAttribute),
    /// [`UnsupportedId`](crate::AdapterErrorKind::UnsupportedId), and
    /// [`InvalidUserId`](crate::AdapterErrorKind::InvalidUserId) if the key names another user.
    async fn set_user(&self, user: &UserSchema, key: Option<&KeySchema>) -> AdapterResult<()>;

    /// Updates some attributes of a user.
    ///
    /// # Contract
    /// - `update_user_keeps_other_attributes`: only the given attributes change.
    /// - `update_user_stores_null`: if the attribute may be null.
    /// - `update_user_with_nothing_changes_nothing`: and succeeds.
    /// - `update_user_of_an_unknown_id_is_invalid`: even if the update is empty; nothing is created.
    /// - `update_user_to_a_taken_attribute_changes_nothing`: if the store has unique attributes.
    /// - `update_user_refuses_hostile_attribute_names`: like `set_user`.
    ///
    /// # Errors
    /// [`InvalidUserId`](crate::AdapterErrorKind::InvalidUserId),
    /// [`DuplicateAttribute`](crate::AdapterErrorKind::DuplicateAttribute),
    /// [`InvalidAttribute`](crate::AdapterErrorKind::InvalidAttribute).
    async fn update_user(&self, user_id: &UserId, update: &UserUpdate) -> AdapterResult<()>;

    /// Deletes a user.
    ///
    /// A store that cascades deletes the user's keys and sessions too; for others `lucia-auth` deletes them first.
    ///
    /// # Contract
    /// - `delete_user_deletes_the_user`: and no other user.
    /// - `delete_user_twice_succeeds`: deleting an unknown id is not an error.
    /// - `delete_user_deletes_its_keys`: if the store cascades.
    /// - `delete_user_deletes_its_sessions`: if the store cascades.
    /// - `parallel_delete_user_and_set_key_leave_no_key`: if the store cascades; the key is deleted or refused.
    /// - `parallel_delete_user_and_set_session_leave_no_session`: if the store cascades; the session is deleted or
    ///   refused.
    /// - `parallel_delete_user_and_set_user_leave_both_or_neither`: a user who is stored again meanwhile keeps the key,
    ///   or is deleted with it.
    async fn delete_user(&self, user_id: &UserId) -> AdapterResult<()>;

    /// Returns a key.
    ///
    /// # Contract
    /// - `get_key_returns_the_stored_row`: including the hash.
    /// - `get_key_of_an_unknown_id_is_none`: it is not an error.
    /// - `key_ids_never_alias`: colons, percent signs, slashes and Unicode in the provider's user id are preserved.
    /// - `key_ids_are_compared_exactly`: case, accents and trailing spaces are significant.
    async fn get_key(&self, key_id: &KeyId) -> AdapterResult<Option<KeySchema>>;

    /// Returns all keys of a user, in no particular order.
    ///
    /// # Contract
    /// - `get_keys_by_user_id_returns_all_of_the_user`: and no other user's.
    /// - `get_keys_by_user_id_of_an_unknown_user_is_empty`: it is not an error.
    async fn get_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<KeySchema>>;

    /// Inserts a key.
    ///
    /// # Contract
    /// - `set_key_inserts_the_key`: with or without a hash.
    /// - `set_key_with_a_duplicate_id_changes_nothing`: the stored key keeps its user and hash.
    /// - `set_key_of_an_unknown_user_is_invalid`: if the store has foreign keys; nothing is stored.
    /// - `parallel_set_key_with_one_id_has_one_winner`: the others get the duplicate error.
    ///
    /// # Errors
    /// [`DuplicateKeyId`](crate::AdapterErrorKind::DuplicateKeyId),
    /// [`InvalidUserId`](crate::AdapterErrorKind::InvalidUserId),
    /// [`UnsupportedId`](crate::AdapterErrorKind::UnsupportedId).
    async fn set_key(&self, key: &KeySchema) -> AdapterResult<()>;

    /// Updates the hash of a key, its id, or both.
    ///
    /// # Contract
    /// - `update_key_sets_the_hash`: and keeps the user.
    /// - `update_key_clears_the_hash`: for `Some(None)`.
    /// - `update_key_renames_the_key`: the hash is kept; afterwards the old id is unknown.
    /// - `update_key_to_a_taken_id_changes_nothing`: neither key.
    /// - `update_key_with_another_hash_than_expected_conflicts`: and changes nothing; of parallel updates, one
    ///   succeeds.
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
    /// - `delete_key_deletes_only_that_key`: not those whose id starts with it or differs in case.
    /// - `delete_key_twice_succeeds`: deleting an unknown id is not an error.
    async fn delete_key(&self, key_id: &KeyId) -> AdapterResult<()>;

    /// Deletes all keys of a user.
    ///
    /// # Contract
    /// - `delete_keys_by_user_id_deletes_all_of_the_user`: and no other user's.
    /// - `delete_keys_by_user_id_of_an_unknown_user_succeeds`: it is not an error.
    async fn delete_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<()>;
}
