use std::sync::Arc;

use crate::{
    config::AttributeType,
    dialect::Dialect,
    schema::{Column, Ident},
};

/// A column to be written, and the type of its parameter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target<'a>(pub(super) &'a Ident, pub(super) AttributeType);

impl<'a> From<&'a Column> for Target<'a> {
    fn from(column: &'a Column) -> Self {
        Self(&column.ident, column.kind)
    }
}

/// Statement text under construction. Columns are qualified: SQLite takes an unknown `"column"` for a string.
pub(super) struct Text {
    dialect: &'static dyn Dialect,
    sql: String,
    parameters: usize,
}

impl Text {
    pub(super) fn new(dialect: &'static dyn Dialect, start: &str) -> Self {
        let mut sql = String::with_capacity(256);
        sql.push_str(start);
        Self { dialect, sql, parameters: 0 }
    }

    pub(super) fn push(mut self, part: &str) -> Self {
        self.sql.push_str(part);
        self
    }

    pub(super) fn name(self, name: &Ident) -> Self {
        self.push(&name.quoted)
    }

    pub(super) fn column(self, table: &Ident, column: &Ident) -> Self {
        self.name(table).push(".").name(column)
    }

    pub(super) fn parameter(mut self, kind: AttributeType) -> Self {
        self.parameters += 1;
        let parameter = self.dialect.parameter(self.parameters, kind);
        self.push(&parameter)
    }

    /// Renders each item, with a comma between two.
    pub(super) fn list<T>(self, items: impl IntoIterator<Item = T>, render: impl Fn(Self, T) -> Self) -> Self {
        items
            .into_iter()
            .enumerate()
            .fold(self, |text, (index, item)| render(if index == 0 { text } else { text.push(", ") }, item))
    }

    /// `"table"."column" <operator> <parameter>`
    pub(super) fn compare(self, table: &Ident, column: &Ident, operator: &str, kind: AttributeType) -> Self {
        self.column(table, column).push(operator).parameter(kind)
    }

    pub(super) fn finish(self) -> Arc<str> {
        Arc::from(self.sql)
    }
}
