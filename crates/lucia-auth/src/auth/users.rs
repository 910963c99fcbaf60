use lucia_core::{Attributes, UserId, UserSchema, UserUpdate};
use serde::Serialize;

use super::Auth;
use crate::{Error, NewUser, PreparedUser, User};

/// Users.
impl<U, S> Auth<U, S> {
    /// Creates a user and, if given, their key, atomically.
    ///
    /// The result contains the attributes that were passed in, without values that the database fills in by default.
    /// Give such a field a default in `U` too, and read it with [`get_user`](Self::get_user).
    ///
    /// # Errors
    /// Returns [`DuplicateKeyId`](Error::DuplicateKeyId), [`DuplicateUserId`](Error::DuplicateUserId),
    /// [`DuplicateAttribute`](Error::DuplicateAttribute), [`InvalidAttribute`](Error::InvalidAttribute),
    /// [`MalformedKeyId`](Error::MalformedKeyId), [`Attributes`](Error::Attributes) or `Password`.
    /// Nothing is stored then.
    ///
    /// ```
    /// use lucia_auth::{Auth, Error, NewKey, NewUser, memory::MemoryAdapter};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let auth = Auth::builder(MemoryAdapter::new()).build()?;
    /// let ada = || NewUser::new().key(NewKey::new(("github", "583231")));
    /// let user = auth.create_user(ada()).await?;
    /// assert_eq!(user.id.as_str().len(), 15);
    /// assert!(matches!(auth.create_user(ada()).await, Err(Error::DuplicateKeyId { .. })));
    /// # Ok(()) }
    /// ```
    pub async fn create_user(&self, user: NewUser) -> Result<User<U>, Error> {
        let PreparedUser { row, key } = self.prepare_user(user).await?;
        let created = self.transform_database_user(&row)?;
        self.adapter().set_user(&row, key.as_ref()).await?;
        tracing::debug!(user_id = %row.id, with_key = key.is_some(), "user created");
        Ok(created)
    }

    /// Prepares the rows of a user and, if given, of their key: generates the id, checks the rules and hashes the
    /// password, as [`create_user`](Self::create_user) does. Nothing is stored.
    ///
    /// An application that must store its own rows at the same time inserts all of them in one transaction: the adapters for
    /// SQL have the methods `set_user_in`, `set_key_in` and `set_session_in` for that. Hashing takes its time, so prepare
    /// before the transaction begins. Once it is committed,
    /// [`transform_database_user`](Self::transform_database_user) returns the user.
    ///
    /// # Errors
    /// Returns [`MalformedKeyId`](Error::MalformedKeyId), [`Attributes`](Error::Attributes), [`Busy`](Error::Busy) or
    /// `Password`.
    ///
    /// ```
    /// use lucia_auth::{Auth, NewKey, NewUser, UserAdapter, memory::MemoryAdapter};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let adapter = MemoryAdapter::new();
    /// let auth = Auth::builder(adapter.clone()).build()?;
    /// let new = NewUser::new().key(NewKey::with_password(("username", "ada"), "correct horse"));
    /// let prepared = auth.prepare_user(new).await?;
    ///
    /// // With a database: `adapter.set_user_in(&mut *transaction, ..)`.
    /// adapter.set_user(&prepared.row, prepared.key.as_ref()).await?;
    /// let user = auth.transform_database_user(&prepared.row)?;
    /// assert_eq!(auth.use_key_with_password(("username", "ada"), "correct horse").await?.user_id, user.id);
    /// # Ok(()) }
    /// ```
    pub async fn prepare_user(&self, user: NewUser) -> Result<PreparedUser, Error> {
        let id = match user.id {
            Some(id) => id,
            None => self.new_user_id()?,
        };
        let row = UserSchema::new(id).with_attributes(user.attributes?)?;
        // Attributes that do not fit `U` must not be stored.
        self.user_attributes(&row)?;
        let key = match user.key {
            Some(key) => Some(self.prepare_key(&row, key).await?),
            None => None,
        };
        Ok(PreparedUser::new(row, key))
    }

    /// Returns a user.
    ///
    /// # Errors
    /// Returns [`InvalidUserId`](Error::InvalidUserId).
    pub async fn get_user(&self, user_id: &UserId) -> Result<User<U>, Error> {
        self.transform_database_user(&self.get_user_row(user_id).await?)
    }

    /// Sets some attributes of a user and returns it. A field that serialises to null is set to null; omit unchanged
    /// fields with `skip_serializing_if`.
    ///
    /// # Errors
    /// Returns [`InvalidUserId`](Error::InvalidUserId), [`DuplicateAttribute`](Error::DuplicateAttribute),
    /// [`InvalidAttribute`](Error::InvalidAttribute) or [`Attributes`](Error::Attributes).
    pub async fn update_user_attributes(
        &self,
        user_id: &UserId,
        attributes: &(impl Serialize + Sync + ?Sized),
    ) -> Result<User<U>, Error> {
        let update = UserUpdate::default().with_attributes(Attributes::from_serialize(attributes)?)?;
        self.adapter().update_user(user_id, &update).await?;
        self.get_user(user_id).await
    }

    /// Deletes a user with all keys and sessions. An unknown id is not an error.
    ///
    /// Sessions and keys are deleted first, for stores whose foreign keys do not cascade, and again after the user, for
    /// stores without foreign keys, where the user may have signed in meanwhile. If it fails halfway, call it again.
    ///
    /// Do not reuse ids. A user who is stored again under the same id while the deletion runs may lose sessions and, if two
    /// deletions run at once, a key, and may get a session or a key that the deleted one was given meanwhile.
    ///
    /// # Errors
    /// Returns [`Adapter`](Error::Adapter).
    pub async fn delete_user(&self, user_id: &UserId) -> Result<(), Error> {
        let adapter = self.adapter();
        adapter.delete_sessions_by_user_id(user_id).await?;
        adapter.delete_keys_by_user_id(user_id).await?;
        adapter.delete_user(user_id).await?;
        self.delete_orphans(user_id).await?;
        tracing::debug!(%user_id, "user deleted");
        Ok(())
    }

    /// Deletes what was stored for a user while it was deleted.
    ///
    /// Sessions are deleted by their user, because one that is listed may be rotated before it is deleted. A key stays the
    /// same row. If the user does not exist after the row was read, it belongs to no later user of that id.
    async fn delete_orphans(&self, user_id: &UserId) -> Result<(), Error> {
        let adapter = self.adapter();
        let keys = adapter.get_keys_by_user_id(user_id).await?;
        if adapter.get_user(user_id).await?.is_some() {
            return Ok(());
        }
        adapter.delete_sessions_by_user_id(user_id).await?;
        for key in keys {
            self.delete_orphan_key(&key.id, user_id).await?;
        }
        Ok(())
    }

    /// Converts a row that the application read itself: Lucia's `transformDatabaseUser`.
    ///
    /// # Errors
    /// Returns [`Attributes`](Error::Attributes) if the row does not fit `U`.
    pub fn transform_database_user(&self, row: &UserSchema) -> Result<User<U>, Error> {
        Ok(User { id: row.id.clone(), attributes: self.user_attributes(row)? })
    }

    pub(super) async fn get_user_row(&self, user_id: &UserId) -> Result<UserSchema, Error> {
        self.adapter().get_user(user_id).await?.ok_or(Error::InvalidUserId { source: None })
    }
}
