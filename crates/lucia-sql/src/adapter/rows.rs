use lucia_core::{Attributes, HashedPassword, KeyId, KeySchema, SessionSchema, UnixMillis, UserSchema};

use crate::{
    driver::{Row, SqlValue},
    error::Error,
    tables::{AttributeColumn, Column, KeyTable, SessionTable, UserTable},
    value::{decode, integer},
};

/// The remaining values of a row.
pub(super) type Cells = std::vec::IntoIter<SqlValue>;

/// Returns the rows of a list that can be read. An unreadable row is left out, so that the others can still be listed
/// and revoked.
pub(super) fn readable<T>(rows: Vec<Row>, read: impl Fn(&mut Cells) -> Result<T, Error>) -> Vec<T> {
    let read = rows.into_iter().map(|row| read(&mut row.into_iter()));
    read.filter_map(|read| {
        read.inspect_err(|error| tracing::warn!(%error, "left an unreadable row out of a list")).ok()
    })
    .collect()
}

impl UserTable {
    pub(super) fn read(&self, cells: &mut Cells) -> Result<UserSchema, Error> {
        let user = UserSchema::new(text(cells, &self.id)?);
        Ok(user.with_stored_attributes(attributes(cells, &self.attributes)?)?)
    }
}

impl SessionTable {
    pub(super) fn read(&self, cells: &mut Cells) -> Result<SessionSchema, Error> {
        let (id, user_id) = (text(cells, &self.id)?, text(cells, &self.user_id)?);
        let (active, idle) = (time(cells, &self.active_expires)?, time(cells, &self.idle_expires)?);
        let session = SessionSchema::new(id, user_id, active, idle);
        Ok(session.with_stored_attributes(attributes(cells, &self.attributes)?)?)
    }
}

impl KeyTable {
    pub(super) fn read(&self, cells: &mut Cells) -> Result<KeySchema, Error> {
        let key = KeySchema::new(KeyId::from_stored(text(cells, &self.id)?), text(cells, &self.user_id)?);
        match cells.next() {
            Some(SqlValue::Null) => Ok(key),
            Some(SqlValue::Text(hash)) => Ok(key.with_hashed_password(HashedPassword::new(hash))),
            _ => Err(Error::unreadable(&self.hashed_password, "text")),
        }
    }
}

pub(super) fn text(cells: &mut Cells, column: &Column) -> Result<String, Error> {
    match cells.next() {
        Some(SqlValue::Text(text)) => Ok(text),
        _ => Err(Error::unreadable(column, "text")),
    }
}

pub(super) fn time(cells: &mut Cells, column: &Column) -> Result<UnixMillis, Error> {
    let millis = cells.next().as_ref().and_then(integer);
    millis.map(UnixMillis::new).ok_or_else(|| Error::unreadable(column, "milliseconds"))
}

fn attributes(cells: &mut Cells, columns: &[AttributeColumn]) -> Result<Attributes, Error> {
    let mut attributes = Attributes::new();
    for (column, cell) in columns.iter().zip(cells) {
        let value = decode(column, cell).map_err(|expected| Error::unreadable_attribute(column, expected))?;
        attributes.insert(column.name.as_str(), value);
    }
    Ok(attributes)
}
