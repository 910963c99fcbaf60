use std::sync::Arc;

use crate::{
    driver::Statement,
    tables::{Column, Ident},
};

/// What is compared with an id.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Operand<'a> {
    /// The column of a table.
    Column(&'a Ident, &'a Column),
    /// The parameter of this number, which is a value of the column.
    Parameter(usize, &'a Column),
}

/// Statement text under construction.
#[derive(Debug)]
pub(crate) struct Text {
    sql: String,
    /// The parameter of each placeholder, counted from 0.
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

    /// `"table"."column"`: qualified, as SQLite takes an unknown `"column"` for a string.
    pub(crate) fn column(self, table: &Ident, column: &Column) -> Self {
        self.push(&table.quoted).push(".").push(&column.quoted)
    }

    /// The placeholder of the parameter number `index`, which counts from 1.
    pub(crate) fn placeholder(mut self, index: usize, sql: &str) -> Self {
        self.order.push(index - 1);
        self.push(sql)
    }

    /// Ends the text, whose placeholders have no numbers if it is positional.
    pub(crate) fn finish(self, positional: bool) -> Statement {
        let repeats = self.order.iter().enumerate().any(|(place, index)| place != *index);
        let order = (repeats && positional).then(|| Arc::from(self.order));
        Statement { sql: Arc::from(self.sql), order }
    }
}
