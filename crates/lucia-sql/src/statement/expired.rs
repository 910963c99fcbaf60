use super::writer::Writer;
use crate::{
    dialects::Dialect,
    driver::{Query, SqlValue, Statement},
    tables::SessionTable,
};

/// The statements that delete expired sessions.
#[derive(Debug)]
pub(crate) enum DeleteExpired {
    Directly(DeleteDirectly),
    /// Returns a row for each session, because D1 counts the rows that cascades and triggers delete, too.
    Returning(DeleteDirectly),
    ById(DeleteById),
}

/// Finds and deletes expired sessions in one statement.
#[derive(Debug)]
pub(crate) struct DeleteDirectly(Statement);

/// Finds sessions first, and deletes them by their ids if they are still expired.
#[derive(Debug)]
pub(crate) struct DeleteById {
    find: Statement,
    delete: Statement,
}

impl DeleteExpired {
    pub(super) fn new(dialect: &'static dyn Dialect, session: &SessionTable) -> Self {
        let SessionTable { table, id, idle_expires, .. } = session;
        let expired = |text: Writer| text.push(" WHERE ").compare(table, idle_expires, " < ");
        let find = |text: Writer| {
            let text = text.push("SELECT ").column(table, id).push(" FROM ").table(table);
            expired(text).push(" LIMIT ").number()
        };
        let Some(delete) = dialect.delete_by_id(session) else {
            let [before, after] = dialect.one_of();
            let text = Writer::new(dialect, "DELETE FROM ").table(table).push(" WHERE ").column(table, id);
            let text = find(text.push(before)).push(after);
            return if dialect.returns_queries() {
                Self::Returning(DeleteDirectly(text.push(" RETURNING 1").finish()))
            } else {
                Self::Directly(DeleteDirectly(text.finish()))
            };
        };
        let delete = expired(Writer::new(dialect, &delete)).push(" AND ").column(table, id).push(" IN (");
        let ids = std::iter::repeat_n(id, DeleteById::DELETE_BATCH);
        Self::ById(DeleteById {
            find: find(Writer::new(dialect, "")).finish(),
            delete: delete.list(ids, Writer::parameter).push(")").finish(),
        })
    }
}

impl DeleteDirectly {
    pub(crate) fn delete(&self, now: SqlValue, limit: usize) -> Query {
        Query::of(self.0.clone(), [now, number(limit)])
    }
}

impl DeleteById {
    /// The number of sessions that one statement deletes. It is small, so that they are locked only briefly.
    pub(crate) const DELETE_BATCH: usize = 100;

    pub(crate) fn find(&self, now: SqlValue, limit: usize) -> Query {
        Query::of(self.find.clone(), [now, number(limit)])
    }

    /// Deletes from 1 to [`DELETE_BATCH`](Self::DELETE_BATCH) sessions.
    pub(crate) fn delete(&self, now: SqlValue, ids: &[SqlValue]) -> Query {
        // The statement has a fixed number of parameters: the last id fills the remaining ones.
        let ids = ids.iter().chain(ids.last().into_iter().cycle()).take(Self::DELETE_BATCH).cloned();
        Query::of(self.delete.clone(), std::iter::once(now).chain(ids).collect::<Vec<_>>())
    }
}

pub(super) fn number(limit: usize) -> SqlValue {
    SqlValue::Integer(i64::try_from(limit).unwrap_or(i64::MAX))
}
