use lucia_core::{AdapterErrorKind as Kind, HashedPassword, KeyId, KeySchema, KeyUpdate, UserId};

use super::{
    users_and_keys::{UsersAndKeys, delete, exists, get, list},
    write,
};
use crate::{
    driver::{Driver, SqlValue},
    error::Error,
    statement::{Insert, Update},
    value,
};

impl UsersAndKeys {
    pub(super) async fn get_key(&self, key_id: &KeyId) -> Result<Option<KeySchema>, Error> {
        let query = self.keys.get.find(&self.key.id, key_id.as_str());
        get(&*self.driver, query, |cells| self.key.read(cells)).await
    }

    pub(super) async fn get_keys_by_user_id(&self, user_id: &UserId) -> Result<Vec<KeySchema>, Error> {
        let query = self.keys.get_by_user.find(&self.key.user_id, user_id.as_str());
        list(&*self.driver, query, |cells| self.key.read(cells)).await
    }

    pub(super) async fn set_key(&self, on: &dyn Driver, key: &KeySchema) -> Result<(), Error> {
        let query = self.keys.insert(self.key_values(key)?, &self.key, &self.user);
        match on.execute(&query).await.map_err(|error| Error::of(self.key.write_target(), error))? {
            0 => Err(Error::from(Kind::InvalidUserId)),
            _ => Ok(()),
        }
    }

    /// Returns the insert of a key. The user id must also fit the column of ids in the table of users.
    pub(super) fn key_values(&self, key: &KeySchema) -> Result<Insert<'_>, Error> {
        let table = &self.key;
        let id = write::id(&table.id, key.id.as_str(), Kind::UnsupportedId)?;
        let user_id = write::id(&table.user_id, key.user_id.as_str(), Kind::InvalidUserId)?;
        write::id(&self.user.id, key.user_id.as_str(), Kind::InvalidUserId)?;
        let insert = Insert::into(&table.table).set(&table.id, id).set(&table.user_id, user_id);
        Ok(insert.set(&table.hashed_password, self.hash(key.hashed_password.as_ref())?))
    }

    fn hash(&self, hash: Option<&HashedPassword>) -> Result<SqlValue, Error> {
        let column = &self.key.hashed_password;
        let rejected = |reason| Error::attribute("hashed_password", column.reject(reason));
        let Some(hash) = hash else {
            let may_be_null = !self.key.requires_passwords;
            return may_be_null.then_some(SqlValue::Null).ok_or_else(|| rejected("must not be null".into()));
        };
        value::id(column, hash.as_str()).map_err(rejected)
    }

    pub(super) async fn update_key(&self, key_id: &KeyId, update: &KeyUpdate) -> Result<(), Error> {
        let table = &self.key;
        let old = write::id(&table.id, key_id.as_str(), Kind::InvalidKeyId)?;
        let key_exists = async || exists(&*self.driver, self.keys.exists.find(&table.id, key_id.as_str())).await;
        if update.is_empty() {
            return if key_exists().await? { Ok(()) } else { Err(Error::from(Kind::InvalidKeyId)) };
        }
        let id = update.id.as_ref().map(|id| write::id(&table.id, id.as_str(), Kind::UnsupportedId)).transpose()?;
        let hash = update.hashed_password.as_ref().map(|hash| self.hash(hash.as_ref())).transpose()?;
        let expected = update.expected_hashed_password.as_ref().map(|hash| self.hash(Some(hash))).transpose()?;
        let row = Update::of(&table.table, &table.id, old)
            .set(&table.id, id)
            .set(&table.hashed_password, hash)
            .expect(&table.hashed_password, expected);
        let is_conditional = row.is_conditional();
        let updated = self.driver.execute(&self.keys.update(row)).await;
        match updated.map_err(|error| Error::of(table.write_target(), error))? {
            0 if is_conditional && key_exists().await? => Err(Error::from(Kind::Conflict)),
            0 => Err(Error::from(Kind::InvalidKeyId)),
            _ => Ok(()),
        }
    }

    pub(super) async fn delete_key(&self, key_id: &KeyId) -> Result<(), Error> {
        delete(&*self.driver, self.keys.delete.find(&self.key.id, key_id.as_str())).await
    }

    pub(super) async fn delete_keys_by_user_id(&self, user_id: &UserId) -> Result<(), Error> {
        delete(&*self.driver, self.keys.delete_by_user.find(&self.key.user_id, user_id.as_str())).await
    }
}
