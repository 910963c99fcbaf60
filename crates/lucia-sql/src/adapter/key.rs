use lucia_core::{AdapterErrorKind as Kind, HashedPassword, KeyId, KeySchema, KeyUpdate, UserId};

use super::{
    rows::readable,
    users::{Users, delete, exists},
    write,
};
use crate::{
    driver::{Driver, Query, SqlValue},
    error::Error,
    value,
};

impl Users {
    pub(super) async fn get_key(&self, key_id: &KeyId) -> Result<Option<KeySchema>, Error> {
        let table = &self.key_table;
        let Ok(id) = value::id(&table.id, key_id.as_str()) else {
            return Ok(None);
        };
        let row = self.driver().fetch_optional(&Query::of(&self.key.get, [id])).await.map_err(Error::plain)?;
        row.map(|row| table.read(&mut row.into_iter())).transpose()
    }

    pub(super) async fn get_keys_by_user_id(&self, user_id: &UserId) -> Result<Vec<KeySchema>, Error> {
        let table = &self.key_table;
        let Ok(id) = value::id(&table.user_id, user_id.as_str()) else {
            return Ok(Vec::new());
        };
        let rows = self.driver().fetch_all(&Query::of(&self.key.get_by_user, [id])).await.map_err(Error::plain)?;
        Ok(readable(rows, |cells| table.read(cells)))
    }

    /// The three columns of a key.
    pub(super) fn key_values(&self, key: &KeySchema) -> Result<[SqlValue; 3], Error> {
        let table = &self.key_table;
        let id = write::id(&table.id, key.id.as_str(), Kind::UnsupportedId)?;
        let user_id = write::id(&table.user_id, key.user_id.as_str(), Kind::InvalidUserId)?;
        Ok([id, user_id, self.hash(key.hashed_password.as_ref())?])
    }

    fn hash(&self, hash: Option<&HashedPassword>) -> Result<SqlValue, Error> {
        let column = &self.key_table.hashed_password;
        let refused = |reason| Error::attribute("hashed_password", column.refuses(reason));
        let Some(hash) = hash else {
            let may_be_null = !self.key_table.requires_passwords;
            return may_be_null.then_some(SqlValue::Null).ok_or_else(|| refused("must not be null".into()));
        };
        value::id(column, hash.as_str()).map_err(refused)
    }

    pub(super) fn insert_key(&self, key: &KeySchema) -> Result<Query, Error> {
        let owner = write::id(&self.user_table.id, key.user_id.as_str(), Kind::InvalidUserId)?;
        let mut parameters = Vec::with_capacity(4);
        parameters.extend(self.key_values(key)?);
        parameters.push(owner);
        Ok(Query::of(&self.key.insert, parameters))
    }

    pub(super) async fn set_key(&self, on: &dyn Driver, key: &KeySchema) -> Result<(), Error> {
        let inserted = on.execute(&self.insert_key(key)?).await;
        match inserted.map_err(|error| Error::of(self.key_table.written(), error))? {
            0 => Err(Error::from(Kind::InvalidUserId)),
            _ => Ok(()),
        }
    }

    pub(super) async fn update_key(&self, key_id: &KeyId, update: &KeyUpdate) -> Result<(), Error> {
        let table = &self.key_table;
        let old = write::id(&table.id, key_id.as_str(), Kind::InvalidKeyId)?;
        let exists = || exists(self.driver(), &self.key.exists, value::id(&table.id, key_id.as_str()).ok());
        if update.is_empty() {
            return if exists().await? { Ok(()) } else { Err(Error::from(Kind::InvalidKeyId)) };
        }
        let mut parameters = Vec::with_capacity(4);
        if let Some(id) = &update.id {
            parameters.push(write::id(&table.id, id.as_str(), Kind::UnsupportedId)?);
        }
        if let Some(hash) = &update.hashed_password {
            parameters.push(self.hash(hash.as_ref())?);
        }
        parameters.push(old);
        let conditional = update.expected_hashed_password.is_some();
        if let Some(hash) = &update.expected_hashed_password {
            parameters.push(self.hash(Some(hash))?);
        }

        let written = [update.id.is_some(), update.hashed_password.is_some()];
        let query = Query { statement: self.key.update(table, written, conditional), parameters };
        match self.driver().execute(&query).await.map_err(|error| Error::of(table.written(), error))? {
            0 if conditional && exists().await? => Err(Error::from(Kind::Conflict)),
            0 => Err(Error::from(Kind::InvalidKeyId)),
            _ => Ok(()),
        }
    }

    pub(super) async fn delete_key(&self, key_id: &KeyId) -> Result<(), Error> {
        delete(self.driver(), &self.key.delete, value::id(&self.key_table.id, key_id.as_str()).ok()).await
    }

    pub(super) async fn delete_keys_by_user_id(&self, user_id: &UserId) -> Result<(), Error> {
        delete(self.driver(), &self.key.delete_by_user, value::id(&self.key_table.user_id, user_id.as_str()).ok()).await
    }
}
