use super::writer::Writer;
use crate::{
    driver::{Query, SqlValue, Statement},
    tables::{Column, Ident},
    value,
};

/// A statement whose only parameter is an id: that of the row, or that of its user.
#[derive(Debug)]
pub(crate) struct ById(Statement);

impl ById {
    /// Renders `<start> FROM <table> WHERE <column> = <id>`.
    pub(super) fn new(start: Writer, table: &Ident, column: &Column) -> Self {
        Self::of(start.rows(table, column))
    }

    pub(super) fn of(text: Writer) -> Self {
        Self(text.finish())
    }

    pub(crate) fn query(&self, id: SqlValue) -> Query {
        Query::of(self.0.clone(), [id])
    }

    /// Returns the query, or `None` if the column cannot store the id, so that it has no row.
    pub(crate) fn find(&self, column: &Column, id: &str) -> Option<Query> {
        value::id(column, id).ok().map(|id| self.query(id))
    }
}
