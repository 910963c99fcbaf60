use super::{number::number, writer::Writer};
use crate::{
    dialects::Dialect,
    driver::{Query, SqlValue, Statement},
    tables::SessionTable,
};

/// The statements that delete the oldest sessions of a user: one for each attribute that is an integer.
#[derive(Debug)]
pub(crate) struct DeleteOldest(Vec<(String, Statement)>);

impl DeleteOldest {
    pub(super) fn new(dialect: &'static dyn Dialect, session: &SessionTable) -> Self {
        let SessionTable { table, id, user_id: owner, idle_expires, attributes, .. } = session;
        let attributes = attributes.iter().filter(|attribute| attribute.column.is_integer());
        let statements = attributes.map(|attribute| {
            let created_at = &attribute.column;
            let text = Writer::new(dialect, "DELETE").rows(table, owner);
            // MySQL reads the table that it writes, and a limit in a subquery, only in a derived table.
            let text = text.push(" AND ").column(table, id).push(" NOT IN (SELECT kept.id FROM (SELECT ");
            let text = text
                .column(table, id)
                .push(" AS id")
                .rows(table, owner)
                .push(" ORDER BY NOT (")
                .is(table, id)
                .push("), ");
            let text = text.column(table, created_at).push(" IS NULL, ");
            let text =
                text.list([created_at, idle_expires, id], |text, column| text.column(table, column).push(" DESC"));
            (attribute.name.clone(), text.push(" LIMIT ").number().push(") AS kept)").finish())
        });
        Self(statements.collect())
    }

    /// Deletes the sessions of a user except `keep` and those with the greatest values of an attribute. Null is the least
    /// value. Returns `None` if the attribute is not an integer.
    pub(crate) fn query(&self, created_at: &str, user_id: SqlValue, keep: SqlValue, max: usize) -> Option<Query> {
        let (_, statement) = self.0.iter().find(|(name, _)| name == created_at)?;
        Some(Query::of(statement.clone(), [user_id.clone(), user_id, keep, number(max)]))
    }
}
