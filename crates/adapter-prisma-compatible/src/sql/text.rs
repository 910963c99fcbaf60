use std::sync::Arc;

use crate::{
    config::AttributeType,
    dialect::Dialect,
    driver::Statement,
    schema::{Column, Ident},
};

/// What is compared with an id.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Operand<'a> {
    /// The column of a table.
    Column(&'a Ident, &'a Column),
    /// The parameter of this number, which is a value of the column.
    Parameter(usize, &'a Column),
}

/// Statement text under construction. Columns are qualified: SQLite takes an unknown `"column"` for a string.
#[derive(Debug)]
pub(crate) struct Text {
    dialect: &'static dyn Dialect,
    sql: String,
    parameters: usize,
    /// The parameter of each placeholder, counted from 0.
    order: Vec<usize>,
}

impl Text {
    pub(crate) fn new(dialect: &'static dyn Dialect, start: &str) -> Self {
        let mut sql = String::with_capacity(256);
        sql.push_str(start);
        Self { dialect, sql, parameters: 0, order: Vec::new() }
    }

    pub(crate) fn push(mut self, part: &str) -> Self {
        self.sql.push_str(part);
        self
    }

    pub(crate) fn table(self, table: &Ident) -> Self {
        self.push(&table.quoted)
    }

    /// The column's name alone.
    pub(crate) fn name(self, column: &Column) -> Self {
        self.push(&column.quoted)
    }

    /// `"table"."column"`
    pub(crate) fn column(self, table: &Ident, column: &Column) -> Self {
        self.table(table).push(".").name(column)
    }

    /// `"table"."column"` in a list of what is selected.
    pub(crate) fn selected(self, table: &Ident, column: &Column) -> Self {
        let selected = self.dialect.selected(format!("{}.{}", table.quoted, column.quoted), column);
        self.push(&selected)
    }

    /// The next parameter, a value of the column.
    pub(crate) fn parameter(mut self, column: &Column) -> Self {
        self.parameters += 1;
        let index = self.parameters;
        self.placeholder(index, column.sent(), &column.sql_type)
    }

    /// The next parameter, an integer.
    pub(crate) fn number(mut self) -> Self {
        self.parameters += 1;
        let (index, kind) = (self.parameters, AttributeType::BigInt);
        let sql_type = self.dialect.declared_type(kind);
        self.placeholder(index, kind, sql_type)
    }

    fn placeholder(mut self, index: usize, kind: AttributeType, sql_type: &str) -> Self {
        self.order.push(index - 1);
        let placeholder = self.dialect.parameter(index, kind, sql_type);
        self.push(&placeholder)
    }

    pub(crate) fn operand(self, operand: Operand<'_>) -> Self {
        match operand {
            Operand::Column(table, column) => self.column(table, column),
            Operand::Parameter(index, column) => self.placeholder(index, column.sent(), &column.sql_type),
        }
    }

    /// What stands between a list of values and its `WHERE`.
    pub(crate) fn dual(self) -> Self {
        let dual = self.dialect.dual();
        self.push(dual)
    }

    /// Renders each item, with a comma between two.
    pub(crate) fn list<T>(self, items: impl IntoIterator<Item = T>, render: impl Fn(Self, T) -> Self) -> Self {
        items
            .into_iter()
            .enumerate()
            .fold(self, |text, (index, item)| render(if index == 0 { text } else { text.push(", ") }, item))
    }

    /// `"table"."column" = <parameter>`, for an id.
    pub(crate) fn is(mut self, table: &Ident, column: &Column) -> Self {
        self.parameters += 1;
        let parameter = Operand::Parameter(self.parameters, column);
        self.same_id(Operand::Column(table, column), parameter)
    }

    /// Whether two ids are the same.
    pub(crate) fn same_id(self, one: Operand<'_>, other: Operand<'_>) -> Self {
        self.dialect.same_id(self, one, other)
    }

    /// `"table"."column" <operator> <parameter>`
    pub(crate) fn compare(self, table: &Ident, column: &Column, operator: &str) -> Self {
        self.column(table, column).push(operator).parameter(column)
    }

    pub(crate) fn finish(self) -> Statement {
        let repeats = self.order.iter().enumerate().any(|(place, index)| place != *index);
        let order = (repeats && self.dialect.is_positional()).then(|| Arc::from(self.order));
        Statement { sql: Arc::from(self.sql), order }
    }
}
