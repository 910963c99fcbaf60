use std::time::Duration;

use lucia_core::{AdapterErrorKind as Kind, Count, UnixMillis};

use super::{
    rows::{text, time},
    tokens::Tokens,
    write,
};
use crate::{
    driver::{Row, SqlValue},
    error::Error,
    statement::Returned,
};

/// The kind of the rows that are counters. No token has it, because of the colon.
const COUNTER: &str = ":counter";

/// The limit of a sum. An amount beyond it has the same effect.
const MAX: i64 = 1 << 53;

impl Tokens {
    pub(super) async fn add_to_counter(
        &self,
        key: &str,
        by: i64,
        window: Duration,
        now: UnixMillis,
    ) -> Result<Count, Error> {
        let id = write::id(&self.token.id, key, Kind::UnsupportedId)?;
        let kind = SqlValue::from(COUNTER);
        let at = SqlValue::Integer(now.get());
        let end = SqlValue::Integer(now.saturating_add(window).get());
        let row = match by.clamp(-MAX, MAX) {
            0 => {
                let query = self.statements.count(id, kind, [at, SqlValue::Integer(i64::MAX)]);
                self.driver.fetch_optional(&query).await.map_err(Error::plain)?
            }
            by @ 1.. => self.returned(self.statements.add(id, kind, by, MAX, at, end)).await?,
            by => self.returned(self.statements.subtract(id, kind, -by, [at, end])).await?,
        };
        match row.map(|row| self.count(key, row)).transpose()?.flatten() {
            Some(count) => Ok(count),
            None if by > 0 => Err(Error::from(Kind::DuplicateTokenId)),
            None => Ok(Count { value: 0, expires: now }),
        }
    }

    async fn returned(&self, write: Returned) -> Result<Option<Row>, Error> {
        let rows = match write {
            Returned::Directly(query) => self.driver.write_and_fetch(&query).await,
            Returned::ByQuery(queries) => self.driver.write_all_and_fetch(&queries).await,
        };
        let rows = rows.map_err(|error| Error::of(self.token.write_target(), error))?;
        Ok(rows.into_iter().next())
    }

    /// Reads a counter. Returns `None` for a token, and for a row whose id is only equal by a collation.
    fn count(&self, key: &str, row: Row) -> Result<Option<Count>, Error> {
        let mut cells = row.into_iter();
        let (id, kind) = (text(&mut cells, &self.token.id)?, text(&mut cells, &self.token.kind)?);
        if id != key || kind != COUNTER {
            return Ok(None);
        }
        let value = text(&mut cells, &self.token.data)?.parse();
        let value = value.map_err(|_| Error::unreadable(&self.token.data, "the value of a counter"))?;
        Ok(Some(Count { value, expires: time(&mut cells, &self.token.expires)? }))
    }
}
