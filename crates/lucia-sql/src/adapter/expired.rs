use lucia_core::UnixMillis;

use crate::{
    driver::{Driver, Query, SqlValue},
    error::Error,
    statement::{DeleteById, DeleteExpired},
};

/// The number of expired rows that one query finds before they are deleted by their ids.
const FIND_BATCH: usize = 10_000;

/// Deletes at most `limit` rows that expired before `now`, and returns how many they were.
pub(super) async fn delete_expired(
    on: &dyn Driver,
    expired: &DeleteExpired,
    now: UnixMillis,
    limit: usize,
) -> Result<usize, Error> {
    let now = SqlValue::Integer(now.get());
    let by_id = match expired {
        DeleteExpired::Directly(statement) => return count(on, &statement.delete(now, limit)).await,
        DeleteExpired::Returning(statement) => {
            let deleted = on.write_and_fetch(&statement.delete(now, limit)).await;
            return deleted.map(|rows| rows.len()).map_err(Error::plain);
        }
        DeleteExpired::ById(statements) => statements,
    };
    let mut deleted = 0;
    while deleted < limit {
        let wanted = (limit - deleted).min(FIND_BATCH);
        let rows = on.fetch_all(&by_id.find(now.clone(), wanted)).await.map_err(Error::plain)?;
        let found: Vec<_> = rows.into_iter().flatten().collect();
        for ids in found.chunks(DeleteById::DELETE_BATCH) {
            deleted += count(on, &by_id.delete(now.clone(), ids)).await?;
        }
        if found.len() < wanted {
            break;
        }
    }
    Ok(deleted)
}

/// Runs a statement and returns how many rows it deleted.
async fn count(on: &dyn Driver, query: &Query) -> Result<usize, Error> {
    let deleted = on.execute(query).await.map_err(Error::plain)?;
    Ok(usize::try_from(deleted).unwrap_or(usize::MAX))
}
