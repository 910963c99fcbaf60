use super::{number::number, writer::Writer};
use crate::{
    dialects::Dialect,
    driver::{Query, SqlValue, Statement},
    tables::{Column, Constraint, Ident},
};

/// The statements that delete expired rows.
#[derive(Debug)]
pub(crate) enum DeleteExpired {
    Directly(DeleteDirectly),
    /// Returns a row for each deleted one, because D1 counts the rows that cascades and triggers delete, too.
    Returning(DeleteDirectly),
    ById(DeleteById),
}

/// Finds and deletes expired rows in one statement.
#[derive(Debug)]
pub(crate) struct DeleteDirectly(Statement);

/// Finds rows first, and deletes them by their ids if they are still expired.
#[derive(Debug)]
pub(crate) struct DeleteById {
    find: Statement,
    delete: Statement,
}

impl DeleteExpired {
    pub(super) fn new(
        dialect: &'static dyn Dialect,
        table: &Ident,
        id: &Column,
        expires: &Column,
        constraints: &[Constraint],
    ) -> Self {
        let expired = |text: Writer| text.push(" WHERE ").compare(table, expires, " < ");
        let find = |text: Writer| {
            let text = text.push("SELECT ").column(table, id).push(" FROM ").table(table);
            expired(text).push(" LIMIT ").number()
        };
        let Some(delete) = dialect.delete_by_id(table, id, constraints) else {
            let [before, after] = dialect.one_of();
            let text = Writer::new(dialect, "DELETE FROM ").table(table).push(" WHERE ").column(table, id);
            let text = find(text.push(before)).push(after);
            let text = if dialect.checks_again() {
                text.push(" AND ").column(table, expires).push(" < ").again(1, expires)
            } else {
                text
            };
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
    /// The number of rows that one statement deletes. It is small, so that they are locked only briefly.
    pub(crate) const DELETE_BATCH: usize = 100;

    pub(crate) fn find(&self, now: SqlValue, limit: usize) -> Query {
        Query::of(self.find.clone(), [now, number(limit)])
    }

    /// Deletes from 1 to [`DELETE_BATCH`](Self::DELETE_BATCH) rows.
    pub(crate) fn delete(&self, now: SqlValue, ids: &[SqlValue]) -> Query {
        // The statement has a fixed number of parameters: the last id fills the remaining ones.
        let ids = ids.iter().chain(ids.last().into_iter().cycle()).take(Self::DELETE_BATCH).cloned();
        Query::of(self.delete.clone(), std::iter::once(now).chain(ids).collect::<Vec<_>>())
    }
}
