use std::sync::Arc;

use crate::{
    driver::Statement,
    tables::{Column, Ident},
};

/// An operand in a comparison of ids.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Operand<'a> {
    /// The column of a table.
    Column(&'a Ident, &'a Column),
    /// The parameter with this number, a value of the column.
    Parameter(usize, &'a Column),
}

/// Statement text under construction.
#[derive(Debug)]
pub(crate) struct Text {
    sql: String,
    /// The index of each placeholder's parameter, counted from 0.
    order: Vec<usize>,
}

impl Text {
    pub(crate) fn new(start: &str) -> Self {
        let mut sql = String::with_capacity(256);
        sql.push_str(start);
        Self { sql, order: Vec::new() }
    }

    pub(crate) fn push(mut self, part: &str) -> Self {
        self.sql.push_str(part);
        self
    }

    /// Appends `"table"."column"`. The name is qualified, because SQLite reads an unknown `"column"` as a string.
    pub(crate) fn column(self, table: &Ident, column: &Column) -> Self {
        self.push(&table.quoted).push(".").push(&column.quoted)
    }

    /// Appends the placeholder of the parameter number `index`, counted from 1.
    pub(crate) fn placeholder(mut self, index: usize, sql: &str) -> Self {
        self.order.push(index - 1);
        self.push(sql)
    }

    /// Returns the statement. If `positional` is `true`, its placeholders have no numbers.
    pub(crate) fn finish(self, positional: bool) -> Statement {
        let repeats = self.order.iter().enumerate().any(|(place, index)| place != *index);
        let order = (repeats && positional).then(|| Arc::from(self.order));
        Statement { sql: Arc::from(self.sql), order }
    }
}
