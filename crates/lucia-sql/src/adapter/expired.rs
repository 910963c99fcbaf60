use lucia_core::UnixMillis;

use super::sessions::Sessions;
use crate::{
    driver::{Query, SqlValue},
    error::Error,
    statement::{PURGED_AT_ONCE, Purge},
};

/// How many sessions are looked for at once, where they are deleted by their ids.
const FOUND_AT_ONCE: usize = 10_000;

impl Sessions {
    pub(super) async fn delete_expired(&self, now: UnixMillis, limit: usize) -> Result<usize, Error> {
        let now = SqlValue::Integer(now.get());
        let number = |limit: usize| SqlValue::Integer(i64::try_from(limit).unwrap_or(i64::MAX));
        let (find, delete) = match &self.statements.purge {
            Purge::AtOnce(statement) => return self.purge(&Query::of(statement, [now, number(limit)])).await,
            Purge::ById { find, delete } => (find, delete),
        };
        let mut deleted = 0;
        while deleted < limit {
            let wanted = (limit - deleted).min(FOUND_AT_ONCE);
            let query = Query::of(find, [now.clone(), number(wanted)]);
            let found: Vec<_> =
                self.driver.fetch_all(&query).await.map_err(Error::plain)?.into_iter().flatten().collect();
            for ids in found.chunks(PURGED_AT_ONCE) {
                // Where there are fewer than the statement has parameters for, the last one is given more than once.
                let ids = ids.iter().chain(ids.last().into_iter().cycle()).take(PURGED_AT_ONCE);
                let parameters: Vec<_> = std::iter::once(&now).chain(ids).cloned().collect();
                deleted += self.purge(&Query::of(delete, parameters)).await?;
            }
            if found.len() < wanted {
                break;
            }
        }
        Ok(deleted)
    }

    async fn purge(&self, query: &Query) -> Result<usize, Error> {
        let deleted = self.driver.execute(query).await.map_err(Error::plain)?;
        Ok(usize::try_from(deleted).unwrap_or(usize::MAX))
    }
}
