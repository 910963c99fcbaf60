#[cfg(feature = "password")]
use lucia_core::{AdapterErrorKind, HashedPassword};
use lucia_core::{InvalidKeyId, KeyId, KeySchema, KeyUpdate, UserId, UserSchema};

use super::Auth;
#[cfg(feature = "password")]
use crate::password::Origin;
use crate::{Error, Key, NewKey, VerifiedKey};

/// Keys.
///
/// The id of a key is a [`KeyId`], a reference to one, or a pair of the provider's id and the user's id there, such as
/// `("github", "583231")`.
impl<U, S> Auth<U, S> {
    /// Adds a key to a user.
    ///
    /// # Errors
    /// Returns [`InvalidUserId`](Error::InvalidUserId), [`DuplicateKeyId`](Error::DuplicateKeyId),
    /// [`MalformedKeyId`](Error::MalformedKeyId) or `Password`. After [`Adapter`](Error::Adapter), the key may be stored.
    pub async fn create_key(&self, user_id: &UserId, key: NewKey) -> Result<Key, Error> {
        let user = self.get_user_row(user_id).await?;
        let row = self.prepare_key(&user, key).await?;
        self.adapter().set_key(&row).await?;
        // Not every store has foreign keys: a deletion may have listed the keys before this one was stored. If the user is
        // still there, the deletion has yet to list them.
        if let Err(error) = self.get_user_row(user_id).await {
            if matches!(error, Error::InvalidUserId { .. }) {
                self.delete_orphan_key(&row.id, user_id).await?;
            }
            return Err(error);
        }
        tracing::debug!(%user_id, provider_id = row.id.provider_id(), "key created");
        Ok(self.transform_database_key(&row))
    }

    /// Prepares the row of a key for a user, who may be [prepared](crate::PreparedUser::row) too: checks the rules and
    /// hashes the password, as [`create_key`](Self::create_key) does. Nothing is stored.
    ///
    /// # Errors
    /// Returns [`MalformedKeyId`](Error::MalformedKeyId), [`Busy`](Error::Busy) or `Password`.
    pub async fn prepare_key(&self, user: &UserSchema, key: NewKey) -> Result<KeySchema, Error> {
        let row = KeySchema::new(key.id?, user.id.clone());
        #[cfg(feature = "password")]
        if let Some(password) = key.password {
            let hash = self.passwords().hash_new(&password, &row.id, Some(user), Origin::Unknown).await?;
            return Ok(row.with_hashed_password(hash));
        }
        Ok(row)
    }

    /// Deletes a key of a user who does not exist, unless its id belongs to another user by now: another deletion may have
    /// freed it. The look before narrows that race.
    pub(super) async fn delete_orphan_key(&self, key_id: &KeyId, user_id: &UserId) -> Result<(), Error> {
        if self.adapter().get_key(key_id).await?.is_some_and(|found| found.user_id == *user_id) {
            self.adapter().delete_key(key_id).await?;
        }
        Ok(())
    }

    /// Returns a key, without verifying a password.
    ///
    /// # Errors
    /// Returns [`InvalidKeyId`](Error::InvalidKeyId) or [`MalformedKeyId`](Error::MalformedKeyId).
    pub async fn get_key(&self, key_id: impl TryInto<KeyId, Error: Into<InvalidKeyId>>) -> Result<Key, Error> {
        let row = self.get_key_row(&parse(key_id)?).await?;
        Ok(self.transform_database_key(&row))
    }

    /// Returns all keys of a user.
    ///
    /// # Errors
    /// Returns [`InvalidUserId`](Error::InvalidUserId).
    pub async fn get_all_user_keys(&self, user_id: &UserId) -> Result<Vec<Key>, Error> {
        self.get_user_row(user_id).await?;
        let rows = self.adapter().get_keys_by_user_id(user_id).await?;
        Ok(rows.iter().map(|row| self.transform_database_key(row)).collect())
    }

    /// Verifies a key without a password, for a user whom the provider has authenticated, as with OAuth.
    ///
    /// Sign in with [`NewSession::for_key`](crate::NewSession::for_key).
    ///
    /// # Errors
    /// Returns [`InvalidKeyId`](Error::InvalidKeyId), [`MalformedKeyId`](Error::MalformedKeyId) or, if the key has a
    /// password, [`InvalidPassword`](Error::InvalidPassword). A hash that is the empty string counts as a password.
    ///
    /// ```
    /// use lucia_auth::{Auth, NewKey, NewSession, NewUser, memory::MemoryAdapter};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let auth = Auth::builder(MemoryAdapter::new()).build()?;
    /// let user = auth.create_user(NewUser::new().key(NewKey::new(("github", "583231")))).await?;
    /// let key = auth.use_key(("github", "583231")).await?;
    /// assert_eq!(key.user_id, user.id);
    /// let session = auth.create_session(NewSession::for_key(&key)).await?;
    /// # Ok(()) }
    /// ```
    pub async fn use_key(&self, key_id: impl TryInto<KeyId, Error: Into<InvalidKeyId>>) -> Result<VerifiedKey, Error> {
        let key_id = parse(key_id)?;
        let error = match self.adapter().get_key(&key_id).await? {
            Some(row) if row.hashed_password.is_none() => return Ok(self.verified(row)),
            Some(_) => Error::InvalidPassword,
            None => Error::InvalidKeyId { source: None },
        };
        #[cfg(feature = "password")]
        self.passwords().verify_dummy("", Origin::Unknown).await?;
        Err(refused(&key_id, error))
    }

    /// Sets or removes the password of a key. Sessions remain valid: call
    /// [`invalidate_other_user_sessions`](Self::invalidate_other_user_sessions) afterwards, in a task that is not
    /// dropped with the request, or old sessions may outlive the password.
    ///
    /// If the user has entered the present password, use [`replace_password`](Self::replace_password) instead.
    ///
    /// # Errors
    /// Returns [`InvalidKeyId`](Error::InvalidKeyId), [`MalformedKeyId`](Error::MalformedKeyId), `Password` or, if the
    /// password changed meanwhile, [`InvalidPassword`](Error::InvalidPassword).
    #[cfg(feature = "password")]
    pub async fn update_key_password(
        &self,
        key_id: impl TryInto<KeyId, Error: Into<InvalidKeyId>>,
        password: Option<&str>,
    ) -> Result<Key, Error> {
        let row = self.get_key_row(&parse(key_id)?).await?;
        Ok(self.transform_database_key(&self.change_password(row, password).await?))
    }

    /// Replaces the password that was verified. Sessions remain valid, as with
    /// [`update_key_password`](Self::update_key_password).
    ///
    /// Unlike that one, it sets nothing if the password has changed since its verification: whoever knows an old password
    /// cannot overwrite a newer one, such as that of a reset. The returned key can sign in.
    ///
    /// # Errors
    /// Returns [`InvalidPassword`](Error::InvalidPassword) if the password has changed, [`InvalidKeyId`](Error::InvalidKeyId)
    /// if the key was deleted or renamed, or [`Password`](Error::Password).
    ///
    /// ```
    /// use lucia_auth::{Auth, Error, NewKey, NewUser, memory::MemoryAdapter};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let auth = Auth::builder(MemoryAdapter::new()).build()?;
    /// let ada = ("username", "ada");
    /// auth.create_user(NewUser::new().key(NewKey::with_password(ada, "correct horse"))).await?;
    ///
    /// let key = auth.use_key_with_password(ada, "correct horse").await?;
    /// auth.replace_password(&key, "battery staple").await?;
    /// let late = auth.replace_password(&key, "of a thief").await;
    /// assert!(matches!(late, Err(Error::InvalidPassword)));
    /// # Ok(()) }
    /// ```
    #[cfg(feature = "password")]
    pub async fn replace_password(&self, key: &VerifiedKey, password: &str) -> Result<VerifiedKey, Error> {
        let row = self.get_key_row(&key.id).await?;
        if row.user_id != key.user_id || !key.proof.holds_for(&row) {
            return Err(Error::InvalidPassword);
        }
        let row = self.change_password(row, Some(password)).await?;
        Ok(VerifiedKey::new(self.transform_database_key(&row), row))
    }

    #[cfg(feature = "password")]
    async fn change_password(&self, row: KeySchema, password: Option<&str>) -> Result<KeySchema, Error> {
        let hash = match password {
            Some(password) => Some(self.hash_new_password(&row, password).await?),
            None => None,
        };
        let row = self.replace_hash(&row, hash).await.map_err(|error| match error {
            Error::Adapter(error) if error.kind() == AdapterErrorKind::Conflict => Error::InvalidPassword,
            error => error,
        })?;
        tracing::debug!(user_id = %row.user_id, provider_id = row.id.provider_id(), "password changed");
        Ok(row)
    }

    /// Changes the provider's user id of a key, such as an email address, and keeps the password.
    ///
    /// # Errors
    /// Returns [`InvalidKeyId`](Error::InvalidKeyId) for an unknown key, [`DuplicateKeyId`](Error::DuplicateKeyId) if
    /// the new id exists, or [`MalformedKeyId`](Error::MalformedKeyId).
    ///
    /// ```
    /// use lucia_auth::{Auth, NewKey, NewUser, memory::MemoryAdapter};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let auth = Auth::builder(MemoryAdapter::new()).build()?;
    /// auth.create_user(NewUser::new().key(NewKey::new(("email", "ada@old.example")))).await?;
    /// auth.update_key_provider_user_id(("email", "ada@old.example"), "ada@new.example").await?;
    /// assert!(auth.use_key(("email", "ada@new.example")).await.is_ok());
    /// # Ok(()) }
    /// ```
    pub async fn update_key_provider_user_id(
        &self,
        key_id: impl TryInto<KeyId, Error: Into<InvalidKeyId>>,
        new_provider_user_id: &str,
    ) -> Result<Key, Error> {
        let old = parse(key_id)?;
        let new = KeyId::new(old.provider_id(), new_provider_user_id)?;
        let update = KeyUpdate::default().with_id(new.clone());
        self.adapter().update_key(&old, &update).await?;
        let row = self.get_key_row(&new).await?;
        tracing::debug!(user_id = %row.user_id, provider_id = new.provider_id(), "key renamed");
        Ok(self.transform_database_key(&row))
    }

    /// Deletes a key. Deleting an unknown key is not an error.
    ///
    /// # Errors
    /// Returns [`MalformedKeyId`](Error::MalformedKeyId) or [`Adapter`](Error::Adapter).
    pub async fn delete_key(&self, key_id: impl TryInto<KeyId, Error: Into<InvalidKeyId>>) -> Result<(), Error> {
        let key_id = parse(key_id)?;
        self.adapter().delete_key(&key_id).await?;
        tracing::debug!(provider_id = key_id.provider_id(), "key deleted");
        Ok(())
    }

    /// Converts a row that the application read itself: Lucia's `transformDatabaseKey`.
    #[must_use]
    pub fn transform_database_key(&self, row: &KeySchema) -> Key {
        Key {
            id: row.id.clone(),
            user_id: row.user_id.clone(),
            // No password matches an empty hash.
            password_defined: row.hashed_password.as_ref().is_some_and(|hash| !hash.as_str().is_empty()),
        }
    }

    /// Hashes a new password of an existing key.
    #[cfg(feature = "password")]
    pub(crate) async fn hash_new_password(&self, key: &KeySchema, password: &str) -> Result<HashedPassword, Error> {
        let user =
            if self.passwords().rules().reads_users() { Some(self.get_user_row(&key.user_id).await?) } else { None };
        Ok(self.passwords().hash_new(password, &key.id, user.as_ref(), Origin::Key(key.id.clone())).await?)
    }

    /// Replaces the hash of a key, unless the key had one and it changed since it was read. Returns the updated row.
    #[cfg(feature = "password")]
    pub(crate) async fn replace_hash(&self, row: &KeySchema, new: Option<HashedPassword>) -> Result<KeySchema, Error> {
        let mut update = KeyUpdate::default().with_hashed_password(new);
        update.expected_hashed_password.clone_from(&row.hashed_password);
        self.adapter().update_key(&row.id, &update).await?;
        let mut row = row.clone();
        row.apply(&update);
        Ok(row)
    }

    async fn get_key_row(&self, key_id: &KeyId) -> Result<KeySchema, Error> {
        self.find_key_row(key_id).await?.ok_or(Error::InvalidKeyId { source: None })
    }

    pub(crate) async fn find_key_row(&self, key_id: &KeyId) -> Result<Option<KeySchema>, Error> {
        Ok(self.adapter().get_key(key_id).await?)
    }

    pub(crate) fn verified(&self, row: KeySchema) -> VerifiedKey {
        tracing::debug!(user_id = %row.user_id, provider_id = row.id.provider_id(), "key used");
        VerifiedKey::new(self.transform_database_key(&row), row)
    }
}

pub(super) fn parse(key_id: impl TryInto<KeyId, Error: Into<InvalidKeyId>>) -> Result<KeyId, InvalidKeyId> {
    key_id.try_into().map_err(Into::into)
}

pub(super) fn refused(key_id: &KeyId, error: Error) -> Error {
    tracing::debug!(provider_id = key_id.provider_id(), code = error.code(), "sign-in refused");
    error
}
