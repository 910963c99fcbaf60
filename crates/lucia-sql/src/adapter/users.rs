use lucia_core::{AdapterErrorKind as Kind, KeySchema, UserId, UserSchema, UserUpdate};

use super::{
    users_and_keys::{UsersAndKeys, exists, get},
    write,
};
use crate::{
    driver::Driver,
    error::Error,
    statement::{Insert, Update},
    tables::WriteTarget,
    value,
};

impl UsersAndKeys {
    pub(super) async fn get_user(&self, user_id: &UserId) -> Result<Option<UserSchema>, Error> {
        let query = self.users.get.find(&self.user.id, user_id.as_str());
        get(&*self.driver, query, |cells| self.user.read(cells)).await
    }

    pub(super) async fn set_user(
        &self,
        on: &dyn Driver,
        user: &UserSchema,
        key: Option<&KeySchema>,
    ) -> Result<(), Error> {
        if key.is_some_and(|key| key.user_id != user.id) {
            return Err(Error::wrong_user());
        }
        match self.insert_user(on, user, key).await {
            // If both the id and an attribute are taken, the database may report either.
            Err(error) if error.is_duplicate_attribute() && self.is_taken(on, &user.id).await? => {
                Err(error.into_kind(Kind::DuplicateUserId))
            }
            result => result,
        }
    }

    async fn insert_user(&self, on: &dyn Driver, user: &UserSchema, key: Option<&KeySchema>) -> Result<(), Error> {
        let table = &self.user;
        let insert =
            Insert::into(&table.table).set(&table.id, write::id(&table.id, user.id.as_str(), Kind::UnsupportedId)?);
        let insert = write::inserted(insert, &table.table, &table.attributes, user.attributes())?;
        let Some(key) = key else {
            let inserted = on.execute(&self.users.insert(insert)).await;
            return inserted.map(drop).map_err(|error| Error::of(table.write_target(), error));
        };
        match self.users.insert_with_key(insert, self.key_values(key)?) {
            Ok(query) => {
                let inserted = on.execute(&query).await;
                inserted.map(drop).map_err(|error| Error::of(self.of_table(error.table()), error))
            }
            Err((insert, of_key)) => {
                let queries = [self.users.insert(insert), self.keys.insert(of_key, &self.key, table)];
                on.execute_all(&queries).await.map_err(|error| match error.step {
                    Some(0) => Error::of(table.write_target(), error),
                    Some(1) => Error::of(self.key.write_target(), error),
                    _ => Error::of(self.of_table(error.table()), error),
                })
            }
        }
    }

    /// Returns the table whose write failed in a statement or transaction that writes both.
    fn of_table(&self, name: Option<&str>) -> WriteTarget<'_> {
        match name {
            Some(name) if self.key.table.is(name) => self.key.write_target(),
            _ => self.user.write_target(),
        }
    }

    pub(super) async fn update_user(&self, user_id: &UserId, update: &UserUpdate) -> Result<(), Error> {
        let table = &self.user;
        if update.is_empty() {
            let exists = self.user_exists(&*self.driver, user_id).await?;
            return if exists { Ok(()) } else { Err(Error::from(Kind::InvalidUserId)) };
        }
        let id = write::id(&table.id, user_id.as_str(), Kind::InvalidUserId)?;
        let row = Update::of(&table.table, &table.id, id);
        let row = write::updated(row, &table.table, &table.attributes, update.attributes())?;
        let updated = self.driver.execute(&self.users.update(row)).await;
        match updated.map_err(|error| Error::of(table.write_target(), error))? {
            0 => Err(Error::from(Kind::InvalidUserId)),
            _ => Ok(()),
        }
    }

    /// Deletes a user with what belongs to it, whether or not the database cascades.
    pub(super) async fn delete_user(&self, user_id: &UserId) -> Result<(), Error> {
        let Ok(id) = value::id(&self.user.id, user_id.as_str()) else {
            return Ok(());
        };
        let deleted = match self.users.delete.queries(&id).as_slice() {
            [query] => self.driver.execute(query).await.map(drop),
            queries => self.driver.execute_all(queries).await,
        };
        deleted.map_err(Error::plain)
    }

    /// Returns `true` if a user with this id exists. Returns `false` if the database rejects queries after a failure.
    async fn is_taken(&self, on: &dyn Driver, user_id: &UserId) -> Result<bool, Error> {
        if on.aborts_on_error() { Ok(false) } else { self.user_exists(on, user_id).await }
    }

    async fn user_exists(&self, on: &dyn Driver, user_id: &UserId) -> Result<bool, Error> {
        exists(on, self.users.exists.find(&self.user.id, user_id.as_str())).await
    }
}
