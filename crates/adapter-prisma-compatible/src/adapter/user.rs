use async_trait::async_trait;
use lucia_core::{
    AdapterErrorKind as Kind, AdapterResult, KeyId, KeySchema, KeyUpdate, UserAdapter, UserId, UserSchema, UserUpdate,
};

use super::{Inner, PrismaAdapter, rows::readable, write};
use crate::{
    driver::{Query, SqlValue},
    error::Error,
};

#[async_trait]
impl UserAdapter for PrismaAdapter {
    async fn get_user(&self, user_id: &UserId) -> AdapterResult<Option<UserSchema>> {
        self.inner.get_user(user_id).await.map_err(|error| error.during("get_user"))
    }

    async fn set_user(&self, user: &UserSchema, key: Option<&KeySchema>) -> AdapterResult<()> {
        self.inner.set_user(user, key).await.map_err(|error| error.during("set_user"))
    }

    async fn update_user(&self, user_id: &UserId, update: &UserUpdate) -> AdapterResult<()> {
        self.inner.update_user(user_id, update).await.map_err(|error| error.during("update_user"))
    }

    async fn delete_user(&self, user_id: &UserId) -> AdapterResult<()> {
        self.inner.delete_user(user_id).await.map_err(|error| error.during("delete_user"))
    }

    async fn get_key(&self, key_id: &KeyId) -> AdapterResult<Option<KeySchema>> {
        self.inner.get_key(key_id).await.map_err(|error| error.during("get_key"))
    }

    async fn get_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<KeySchema>> {
        self.inner.get_keys_by_user_id(user_id).await.map_err(|error| error.during("get_keys_by_user_id"))
    }

    async fn set_key(&self, key: &KeySchema) -> AdapterResult<()> {
        self.inner.set_key(key).await.map_err(|error| error.during("set_key"))
    }

    async fn update_key(&self, key_id: &KeyId, update: &KeyUpdate) -> AdapterResult<()> {
        self.inner.update_key(key_id, update).await.map_err(|error| error.during("update_key"))
    }

    async fn delete_key(&self, key_id: &KeyId) -> AdapterResult<()> {
        let deleted = self.inner.delete(&self.inner.statements.key.delete, key_id.as_str()).await;
        deleted.map_err(|error| error.during("delete_key"))
    }

    async fn delete_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        let deleted = self.inner.delete(&self.inner.statements.key.delete_by_user, user_id.as_str()).await;
        deleted.map_err(|error| error.during("delete_keys_by_user_id"))
    }
}

impl Inner {
    pub(super) async fn get_user(&self, user_id: &UserId) -> Result<Option<UserSchema>, Error> {
        let query = Query::new(&self.statements.user.get, [user_id.as_str().into()]);
        let row = self.driver.fetch_optional(&query).await.map_err(Error::plain)?;
        row.map(|row| self.schema.user.read(&mut row.into_iter())).transpose()
    }

    async fn set_user(&self, user: &UserSchema, key: Option<&KeySchema>) -> Result<(), Error> {
        if key.is_some_and(|key| key.user_id != user.id) {
            return Err(Error::Refused(Kind::InvalidUserId));
        }
        let table = &self.schema.user;
        let mut parameters = vec![user.id.as_str().into()];
        let columns = write::inserted(&table.attributes, user.attributes(), &mut parameters)?;
        let insert = Query { sql: self.statements.insert_user(table, &columns), parameters };

        let of_user = |error| Error::of_row(error, &table.id, &table.attributes, Kind::DuplicateUserId);
        let result = match key {
            None => self.driver.execute(&insert).await.map(drop).map_err(of_user),
            Some(key) => match self.driver.execute_all(&[insert, self.insert_key(key)]).await {
                Ok(()) => Ok(()),
                Err(failed) if failed.step == Some(0) => Err(of_user(failed.error)),
                Err(failed) if failed.step == Some(1) => Err(Error::of_key(failed.error)),
                Err(failed) => Err(Error::plain(failed.error)),
            },
        };
        match result {
            // Where both are taken, which of the two is reported is up to the database.
            Err(error) if error.is_duplicate_attribute() && self.user_exists(&user.id).await? => {
                Err(Error::Refused(Kind::DuplicateUserId))
            }
            result => result,
        }
    }

    async fn update_user(&self, user_id: &UserId, update: &UserUpdate) -> Result<(), Error> {
        let table = &self.schema.user;
        if update.is_empty() {
            return if self.user_exists(user_id).await? { Ok(()) } else { Err(Error::Refused(Kind::InvalidUserId)) };
        }
        let mut parameters = Vec::with_capacity(update.attributes().len() + 1);
        let columns = write::updated(&table.attributes, update.attributes(), &mut parameters)?;
        parameters.push(user_id.as_str().into());
        let query = Query { sql: self.statements.update_user(table, &columns), parameters };
        let of_user = |error| Error::of_row(error, &table.id, &table.attributes, Kind::DuplicateUserId);
        match self.driver.execute(&query).await.map_err(of_user)? {
            0 => Err(Error::Refused(Kind::InvalidUserId)),
            _ => Ok(()),
        }
    }

    /// Deletes what belongs to the user too, whether or not the database cascades.
    async fn delete_user(&self, user_id: &UserId) -> Result<(), Error> {
        let statements = &self.statements;
        let all = [&statements.session.delete_by_user, &statements.key.delete_by_user, &statements.user.delete];
        let queries = all.map(|sql| Query::new(sql, [user_id.as_str().into()]));
        self.driver.execute_all(&queries).await.map_err(|failed| Error::plain(failed.error))
    }

    async fn user_exists(&self, user_id: &UserId) -> Result<bool, Error> {
        self.exists(&self.statements.user.exists, user_id.as_str()).await
    }

    async fn get_key(&self, key_id: &KeyId) -> Result<Option<KeySchema>, Error> {
        let query = Query::new(&self.statements.key.get, [key_id.as_str().into()]);
        let row = self.driver.fetch_optional(&query).await.map_err(Error::plain)?;
        row.map(|row| self.schema.key.read(&mut row.into_iter())).transpose()
    }

    async fn get_keys_by_user_id(&self, user_id: &UserId) -> Result<Vec<KeySchema>, Error> {
        let query = Query::new(&self.statements.key.get_by_user, [user_id.as_str().into()]);
        let rows = self.driver.fetch_all(&query).await.map_err(Error::plain)?;
        Ok(readable(rows, |cells| self.schema.key.read(cells)))
    }

    fn insert_key(&self, key: &KeySchema) -> Query {
        let user_id = || SqlValue::from(key.user_id.as_str());
        let hash = key.hashed_password.as_ref().map_or(SqlValue::Null, |hash| hash.as_str().into());
        Query::new(&self.statements.key.insert, [key.id.as_str().into(), user_id(), hash, user_id()])
    }

    async fn set_key(&self, key: &KeySchema) -> Result<(), Error> {
        match self.driver.execute(&self.insert_key(key)).await.map_err(Error::of_key)? {
            0 => Err(Error::Refused(Kind::InvalidUserId)),
            _ => Ok(()),
        }
    }

    async fn update_key(&self, key_id: &KeyId, update: &KeyUpdate) -> Result<(), Error> {
        let exists = || self.exists(&self.statements.key.exists, key_id.as_str());
        if update.is_empty() {
            return if exists().await? { Ok(()) } else { Err(Error::Refused(Kind::InvalidKeyId)) };
        }
        let id = update.id.as_ref().map(|id| id.as_str().into());
        let hash = update.hashed_password.as_ref();
        let hash = hash.map(|hash| hash.as_ref().map_or(SqlValue::Null, |hash| hash.as_str().into()));
        let expected = update.expected_hashed_password.as_ref().map(|hash| SqlValue::from(hash.as_str()));

        let written = [id.is_some(), hash.is_some()];
        let sql = self.statements.update_key(&self.schema.key, written, expected.is_some());
        let conditional = expected.is_some();
        let values = id.into_iter().chain(hash).chain([key_id.as_str().into()]).chain(expected);
        let query = Query { sql, parameters: values.collect() };
        match self.driver.execute(&query).await.map_err(Error::of_key)? {
            0 if conditional && exists().await? => Err(Error::Refused(Kind::Conflict)),
            0 => Err(Error::Refused(Kind::InvalidKeyId)),
            _ => Ok(()),
        }
    }
}
