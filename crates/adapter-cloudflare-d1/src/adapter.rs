use std::sync::Arc;

use async_trait::async_trait;
use lucia_core::{
    AdapterErrorKind as Kind, AdapterResult, Attributes, HashedPassword, KeyId, KeySchema, KeyUpdate, UserAdapter,
    UserId, UserSchema, UserUpdate,
};
use worker::D1Database;

use crate::{
    D1Config, D1Value, Database, Error, Failure, InvalidD1Config, Statement, Statements, Thrown, failure::is_column,
    value,
};

/// Users and keys in a D1 database.
///
/// Every operation is one round trip, except those that have to say why they did nothing. What takes several statements runs
/// as a batch, which D1 makes one transaction.
///
/// Keys go with their user, and none is stored without one, whether the table has a foreign key or not.
#[derive(Clone, Debug)]
pub struct D1UserAdapter {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    database: Database,
    config: D1Config,
    sql: Statements,
}

impl D1UserAdapter {
    /// Users and keys in the tables of `config`, in the database behind a binding: `env.d1("DB")?`.
    ///
    /// # Errors
    /// [`InvalidD1Config`], if the names make no tables. The database is not asked.
    pub fn new(database: D1Database, config: D1Config) -> Result<Self, InvalidD1Config> {
        config.validate()?;
        let sql = Statements::new(&config);
        Ok(Self { inner: Arc::new(Inner { database: Database(database), config, sql }) })
    }
}

#[async_trait]
impl UserAdapter for D1UserAdapter {
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
        let keys = self.inner.keys(&self.inner.sql.get_key, key_id.as_str()).await;
        keys.map(|keys| keys.into_iter().next()).map_err(|error| error.during("get_key"))
    }

    async fn get_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<KeySchema>> {
        let keys = self.inner.keys(&self.inner.sql.get_keys_by_user, user_id.as_str()).await;
        keys.map_err(|error| error.during("get_keys_by_user_id"))
    }

    async fn set_key(&self, key: &KeySchema) -> AdapterResult<()> {
        self.inner.set_key(key).await.map_err(|error| error.during("set_key"))
    }

    async fn update_key(&self, key_id: &KeyId, update: &KeyUpdate) -> AdapterResult<()> {
        self.inner.update_key(key_id, update).await.map_err(|error| error.during("update_key"))
    }

    async fn delete_key(&self, key_id: &KeyId) -> AdapterResult<()> {
        let deletion = self.inner.rows(&self.inner.sql.delete_key, key_id.as_str()).await;
        deletion.map(drop).map_err(|error| error.during("delete_key"))
    }

    async fn delete_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        let deletion = self.inner.rows(&self.inner.sql.delete_keys_by_user, user_id.as_str()).await;
        deletion.map(drop).map_err(|error| error.during("delete_keys_by_user_id"))
    }
}

impl Inner {
    async fn get_user(&self, user_id: &UserId) -> Result<Option<UserSchema>, Error> {
        let rows = self.rows(&self.sql.get_user, user_id.as_str()).await?;
        rows.into_iter().next().map(|row| user(&self.config, row)).transpose()
    }

    async fn set_user(&self, user: &UserSchema, key: Option<&KeySchema>) -> Result<(), Error> {
        if key.is_some_and(|key| key.user_id != user.id) {
            return Err(Error::Refused(Kind::InvalidUserId));
        }
        let (written, parameters) = self.parameters(&user.id, user.attributes())?;
        let sql = self.sql.insert_user(&written);
        let mut statements = vec![Statement { sql: &sql, parameters }];
        statements.extend(key.map(|key| self.insert_key(key)));
        let Err(thrown) = self.database.batch(&statements).await else {
            return Ok(());
        };
        let error = self.write_error(thrown);
        // SQLite may look at an attribute's index before it looks at the id's.
        if error.kind() == Kind::DuplicateAttribute && self.exists(&self.sql.user_exists, user.id.as_str()).await? {
            return Err(Error::Refused(Kind::DuplicateUserId));
        }
        Err(error)
    }

    async fn update_user(&self, user_id: &UserId, update: &UserUpdate) -> Result<(), Error> {
        let updated = if update.is_empty() {
            self.exists(&self.sql.user_exists, user_id.as_str()).await?
        } else {
            let (written, parameters) = self.parameters(user_id, update.attributes())?;
            let sql = self.sql.update_user(&written);
            let rows = self.database.query(&Statement { sql: &sql, parameters }).await;
            !rows.map_err(|thrown| self.write_error(thrown))?.is_empty()
        };
        if updated { Ok(()) } else { Err(Error::Refused(Kind::InvalidUserId)) }
    }

    async fn delete_user(&self, user_id: &UserId) -> Result<(), Error> {
        let statement = |sql| Statement { sql, parameters: vec![D1Value::text(user_id.as_str())] };
        let batch = [statement(self.sql.delete_keys_by_user.as_str()), statement(self.sql.delete_user.as_str())];
        self.database.batch(&batch).await.map(drop).map_err(Thrown::plain)
    }

    async fn set_key(&self, key: &KeySchema) -> Result<(), Error> {
        let rows = self.database.query(&self.insert_key(key)).await.map_err(|thrown| self.write_error(thrown))?;
        if rows.is_empty() { Err(Error::Refused(Kind::InvalidUserId)) } else { Ok(()) }
    }

    async fn update_key(&self, key_id: &KeyId, update: &KeyUpdate) -> Result<(), Error> {
        if update.is_empty() {
            let exists = self.exists(&self.sql.key_exists, key_id.as_str()).await?;
            return if exists { Ok(()) } else { Err(Error::Refused(Kind::InvalidKeyId)) };
        }
        let hash = update.hashed_password.as_ref();
        let parameters = vec![
            D1Value::text(key_id.as_str()),
            update.id.as_ref().map_or(D1Value::Null, |id| D1Value::text(id.as_str())),
            D1Value::Number(hash.is_some().into()),
            hash_value(hash.and_then(Option::as_ref)),
            hash_value(update.expected_hashed_password.as_ref()),
        ];
        let update = Statement { sql: &self.sql.update_key, parameters };
        let exists = Statement { sql: &self.sql.key_exists, parameters: vec![D1Value::text(key_id.as_str())] };
        let rows = self.database.batch(&[update, exists]).await.map_err(|thrown| self.write_error(thrown))?;
        match rows.as_slice() {
            [updated, _] if *updated > 0 => Ok(()),
            [_, found] if *found > 0 => Err(Error::Refused(Kind::Conflict)),
            _ => Err(Error::Refused(Kind::InvalidKeyId)),
        }
    }

    fn insert_key(&self, key: &KeySchema) -> Statement<'_> {
        let parameters = vec![
            D1Value::text(key.id.as_str()),
            D1Value::text(key.user_id.as_str()),
            hash_value(key.hashed_password.as_ref()),
        ];
        Statement { sql: &self.sql.insert_key, parameters }
    }

    /// Runs a statement whose one parameter is an id.
    async fn rows(&self, sql: &str, id: &str) -> Result<Vec<Vec<D1Value>>, Error> {
        let statement = Statement { sql, parameters: vec![D1Value::text(id)] };
        self.database.query(&statement).await.map_err(Thrown::plain)
    }

    async fn exists(&self, sql: &str, id: &str) -> Result<bool, Error> {
        Ok(!self.rows(sql, id).await?.is_empty())
    }

    async fn keys(&self, sql: &str, id: &str) -> Result<Vec<KeySchema>, Error> {
        self.rows(sql, id).await?.into_iter().map(key).collect()
    }

    /// The numbers of the attributes, and the id and the values in their order.
    fn parameters(&self, user_id: &UserId, attributes: &Attributes) -> Result<(Vec<usize>, Vec<D1Value>), Error> {
        let known = &self.config.attributes;
        if let Some((name, _)) = attributes.iter().find(|(name, _)| known.iter().all(|(known, _)| known != name)) {
            return Err(Error::attribute(name, "`D1Config` names no such attribute"));
        }
        let (mut written, mut parameters) = (Vec::new(), vec![D1Value::text(user_id.as_str())]);
        for (index, (name, kind)) in known.iter().enumerate() {
            if let Some(value) = attributes.get(name) {
                parameters.push(value::encode(*kind, value).map_err(|reason| Error::attribute(name, reason))?);
                written.push(index);
            }
        }
        Ok((written, parameters))
    }

    /// The error of a statement that writes a row.
    fn write_error(&self, thrown: Thrown) -> Error {
        let D1Config { user_table, key_table, attributes } = &self.config;
        let attribute = |place: &str| {
            let found = attributes.iter().find(|(name, _)| is_column(place, user_table, name));
            found.map(|(name, _)| name.clone())
        };
        let (kind, attribute) = match &thrown.failure {
            Failure::Unique(place) if is_column(place, user_table, "id") => (Kind::DuplicateUserId, None),
            Failure::Unique(place) if is_column(place, key_table, "id") => (Kind::DuplicateKeyId, None),
            Failure::Unique(place) => (Kind::DuplicateAttribute, attribute(place)),
            Failure::NotNull(place) => (Kind::InvalidAttribute, attribute(place)),
            Failure::Constraint => (Kind::InvalidAttribute, None),
            Failure::Unavailable | Failure::Other => return thrown.plain(),
        };
        thrown.into_error(kind, attribute)
    }
}

fn hash_value(hash: Option<&HashedPassword>) -> D1Value {
    hash.map_or(D1Value::Null, |hash| D1Value::text(hash.as_str()))
}

fn user(config: &D1Config, row: Vec<D1Value>) -> Result<UserSchema, Error> {
    let mut cells = row.into_iter();
    let Some(D1Value::Text(id)) = cells.next() else {
        return Err(Error::decode("id", "text"));
    };
    let mut attributes = Attributes::new();
    for ((name, kind), stored) in config.attributes.iter().zip(cells) {
        let value = value::decode(*kind, stored).map_err(|expected| Error::decode_attribute(name, expected))?;
        attributes.insert(name.as_str(), value);
    }
    UserSchema::new(id).with_stored_attributes(attributes).map_err(|_| Error::decode("id", "one column"))
}

fn key(row: Vec<D1Value>) -> Result<KeySchema, Error> {
    match <[D1Value; 3]>::try_from(row) {
        Ok([D1Value::Text(id), D1Value::Text(user_id), D1Value::Null]) => {
            Ok(KeySchema::new(KeyId::from_stored(id), user_id))
        }
        Ok([D1Value::Text(id), D1Value::Text(user_id), D1Value::Text(hash)]) => {
            Ok(KeySchema::new(KeyId::from_stored(id), user_id).with_hashed_password(HashedPassword::new(hash)))
        }
        Ok(_) | Err(_) => Err(Error::decode("id, user_id, hashed_password", "text")),
    }
}

#[cfg(test)]
mod tests {
    use lucia_core::UserUpdate;

    use super::*;
    use crate::AttributeType;

    #[test]
    fn json_that_others_nest_deeper_is_read_and_not_written() {
        let config = D1Config::new().user_attribute("data", AttributeType::Json);
        let read = |levels: usize| {
            let json = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
            user(&config, vec![D1Value::text("u1"), D1Value::text(json)])
        };
        for levels in [100, 101, 127] {
            let written = UserUpdate::default().with_attributes(read(levels).unwrap().attributes().clone());
            assert_eq!(written.is_ok(), levels == 100, "{levels} levels");
        }
        let error = read(128).unwrap_err().during("get_user");
        assert_eq!((error.kind(), error.attribute()), (Kind::Decode, Some("data")));
    }
}
