use super::{number::number, writer::Writer};
use crate::{
    dialects::Dialect,
    driver::{Query, SqlValue, Statement},
    tables::{Column, Ident},
};

/// The statements that read the ids of a table in pages, in the order of its primary key.
#[derive(Debug)]
pub(crate) struct Scan {
    first: Statement,
    next: Statement,
}

impl Scan {
    pub(super) fn new(dialect: &'static dyn Dialect, table: &Ident, id: &Column) -> Self {
        let select = || Writer::new(dialect, "SELECT ").column(table, id).push(" FROM ").table(table);
        let page = |text: Writer| text.push(" ORDER BY ").column(table, id).push(" LIMIT ").number().finish();
        Self { first: page(select()), next: page(select().push(" WHERE ").compare(table, id, " > ")) }
    }

    /// Reads the first page, or the one after an id.
    pub(crate) fn page(&self, after: Option<SqlValue>, limit: usize) -> Query {
        match after {
            None => Query::of(self.first.clone(), [number(limit)]),
            Some(id) => Query::of(self.next.clone(), [id, number(limit)]),
        }
    }
}
