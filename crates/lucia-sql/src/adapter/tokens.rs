use lucia_core::{AdapterErrorKind as Kind, TokenId, TokenKind, TokenSchema, UnixMillis, UserId};

use super::{
    expired::delete_expired,
    rows::{Cells, text, time},
    users_and_keys::delete,
    write,
};
use crate::{
    config::SqlConfig,
    dialects::{self, Returning},
    driver::{Driver, Query, Row, SqlValue},
    error::Error,
    statement::TokenStatements,
    tables::{TokenTable, UserTable},
    value,
};

/// The table of tokens, its statements, the table of users if tokens refer to it, and the driver.
#[derive(Debug)]
pub(super) struct Tokens {
    pub(super) driver: Box<dyn Driver>,
    pub(super) token: TokenTable,
    user: Option<UserTable>,
    pub(super) statements: TokenStatements,
}

impl Tokens {
    pub(super) fn new(
        driver: Box<dyn Driver>,
        token: TokenTable,
        user: Option<UserTable>,
        returning: Returning,
        config: &SqlConfig,
    ) -> Self {
        let dialect = dialects::configured(driver.database(), config);
        let statements = TokenStatements::new(dialect, returning, &token, user.as_ref());
        Self { driver, token, user, statements }
    }

    /// Returns an id and a kind as parameters, or `None` if the column cannot store the id.
    fn named(&self, kind: &TokenKind, token_id: &TokenId) -> Option<(SqlValue, SqlValue)> {
        let id = value::id(&self.token.id, token_id.as_str()).ok()?;
        Some((id, kind.as_str().into()))
    }

    pub(super) async fn get_token(&self, kind: &TokenKind, token_id: &TokenId) -> Result<Option<TokenSchema>, Error> {
        let Some((id, name)) = self.named(kind, token_id) else { return Ok(None) };
        let row = self.driver.fetch_optional(&self.statements.get(id, name)).await.map_err(Error::plain)?;
        row.map(|row| self.read(kind, token_id, row)).transpose()
    }

    pub(super) async fn set_token(&self, on: &dyn Driver, token: &TokenSchema) -> Result<(), Error> {
        let query = self.insert(token)?;
        match on.execute(&query).await.map_err(|error| Error::of(self.token.write_target(), error))? {
            0 => Err(Error::from(Kind::InvalidUserId)),
            _ => Ok(()),
        }
    }

    /// Returns the insert of a token. The user id must also fit the column of ids in the table of users.
    fn insert(&self, token: &TokenSchema) -> Result<Query, Error> {
        let table = &self.token;
        let id = write::id(&table.id, token.id.as_str(), Kind::UnsupportedId)?;
        let user_id = match &token.user_id {
            None => SqlValue::Null,
            Some(user_id) => {
                if let Some(users) = &self.user {
                    write::id(&users.id, user_id.as_str(), Kind::InvalidUserId)?;
                }
                write::id(&table.user_id, user_id.as_str(), Kind::InvalidUserId)?
            }
        };
        let data = value::id(&table.data, &token.data);
        let data = data.map_err(|reason| Error::attribute("data", table.data.reject(reason)))?;
        let expires = SqlValue::Integer(token.expires.get());
        let values = [id, token.kind.as_str().into(), user_id, data, expires];
        Ok(self.statements.insert(values, token.user_id.is_some()))
    }

    pub(super) async fn take_token(&self, kind: &TokenKind, token_id: &TokenId) -> Result<Option<TokenSchema>, Error> {
        let Some((id, name)) = self.named(kind, token_id) else { return Ok(None) };
        let row = match self.statements.take(id.clone(), name.clone()) {
            Some(take) => self.driver.write_and_fetch(&take).await.map_err(Error::plain)?.into_iter().next(),
            None => self.take_unchanged(id, name).await?,
        };
        row.map(|row| self.read(kind, token_id, row)).transpose()
    }

    /// Reads a token, and deletes it if it is still the same. Of many calls, one deletes it.
    async fn take_unchanged(&self, id: SqlValue, kind: SqlValue) -> Result<Option<Row>, Error> {
        let found = self.driver.fetch_optional(&self.statements.get(id.clone(), kind.clone())).await;
        let Some(row) = found.map_err(Error::plain)? else { return Ok(None) };
        let cells = <[SqlValue; 3]>::try_from(row.clone()).map_err(|_| Error::unreadable(&self.token.data, "text"))?;
        let taken = self.driver.execute(&self.statements.take_unchanged(id, kind, cells)).await;
        Ok((taken.map_err(Error::plain)? > 0).then_some(row))
    }

    fn read(&self, kind: &TokenKind, token_id: &TokenId, row: Row) -> Result<TokenSchema, Error> {
        let cells: &mut Cells = &mut row.into_iter();
        let user_id = match cells.as_slice().first() {
            Some(SqlValue::Null) => {
                cells.next();
                None
            }
            _ => Some(UserId::new(text(cells, &self.token.user_id)?)),
        };
        let (data, expires) = (text(cells, &self.token.data)?, time(cells, &self.token.expires)?);
        Ok(TokenSchema { id: token_id.clone(), kind: kind.clone(), user_id, data, expires })
    }

    pub(super) async fn delete_tokens(&self, kind: Option<&TokenKind>, user_id: &UserId) -> Result<(), Error> {
        let query = match kind {
            None => self.statements.delete_by_user.find(&self.token.user_id, user_id.as_str()),
            Some(kind) => {
                let user_id = value::id(&self.token.user_id, user_id.as_str()).ok();
                user_id.map(|user_id| self.statements.delete_by_user_and_kind(user_id, kind.as_str().into()))
            }
        };
        delete(&*self.driver, query).await
    }

    pub(super) async fn delete_expired_tokens(&self, now: UnixMillis, limit: usize) -> Result<usize, Error> {
        delete_expired(&*self.driver, &self.statements.expired, now, limit).await
    }
}
