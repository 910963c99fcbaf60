use crate::{
    config::AttributeType,
    dialects::{Dialect, Operand, Text},
    driver::Statement,
    tables::{Column, Ident},
};

/// Writes the text of a statement, and counts its parameters.
#[derive(Debug)]
pub(super) struct Writer {
    dialect: &'static dyn Dialect,
    text: Text,
    parameters: usize,
}

impl Writer {
    pub(super) fn new(dialect: &'static dyn Dialect, start: &str) -> Self {
        Self { dialect, text: Text::new(start), parameters: 0 }
    }

    pub(super) fn push(self, part: &str) -> Self {
        Self { text: self.text.push(part), ..self }
    }

    pub(super) fn table(self, table: &Ident) -> Self {
        self.push(&table.quoted)
    }

    /// Appends the name of the column without the table.
    pub(super) fn name(self, column: &Column) -> Self {
        self.push(&column.quoted)
    }

    /// Appends `"table"."column"`.
    pub(super) fn column(self, table: &Ident, column: &Column) -> Self {
        Self { text: self.text.column(table, column), ..self }
    }

    /// Appends `"table"."column"` in the list of a `SELECT`.
    pub(super) fn selected(self, table: &Ident, column: &Column) -> Self {
        let selected = self.dialect.selected(format!("{}.{}", table.quoted, column.quoted), column);
        self.push(&selected)
    }

    /// Appends the next parameter, a value of the column.
    pub(super) fn parameter(self, column: &Column) -> Self {
        let index = self.parameters + 1;
        let text = self.dialect.operand(self.text, Operand::Parameter(index, column));
        Self { text, parameters: index, ..self }
    }

    /// Appends the parameter number `index`, a value of the column, again.
    pub(super) fn again(self, index: usize, column: &Column) -> Self {
        Self { text: self.dialect.operand(self.text, Operand::Parameter(index, column)), ..self }
    }

    /// Appends the next parameter, an integer.
    pub(super) fn number(self) -> Self {
        let (index, kind) = (self.parameters + 1, AttributeType::BigInt);
        let sql = self.dialect.parameter(index, kind, self.dialect.declared_type(kind));
        Self { text: self.text.placeholder(index, &sql), parameters: index, ..self }
    }

    /// Appends the text between a list of values and its `WHERE`.
    pub(super) fn dual(self) -> Self {
        let dual = self.dialect.dual();
        self.push(dual)
    }

    /// Returns the end of a query that locks rows against deletion, unless the database runs one write at a time.
    pub(super) fn lock_against_deletion(&self) -> Option<&'static str> {
        self.dialect.lock_against_deletion()
    }

    /// Renders the items, separated by commas.
    pub(super) fn list<T>(self, items: impl IntoIterator<Item = T>, render: impl Fn(Self, T) -> Self) -> Self {
        items
            .into_iter()
            .enumerate()
            .fold(self, |writer, (index, item)| render(if index == 0 { writer } else { writer.push(", ") }, item))
    }

    /// Appends columns in the list of a `SELECT`.
    pub(super) fn select<'c>(self, table: &Ident, columns: impl IntoIterator<Item = &'c Column>) -> Self {
        self.list(columns, |text, column| text.selected(table, column))
    }

    /// Appends ` FROM <table> WHERE <column> = <parameter>`, for a column of ids.
    pub(super) fn rows(self, table: &Ident, column: &Column) -> Self {
        self.push(" FROM ").table(table).push(" WHERE ").is(table, column)
    }

    /// Appends the condition that a column of ids equals the next parameter.
    pub(super) fn is(self, table: &Ident, column: &Column) -> Self {
        let index = self.parameters + 1;
        let (one, other) = (Operand::Column(table, column), Operand::Parameter(index, column));
        Self { parameters: index, ..self.same_id(one, other) }
    }

    /// Appends the condition that two ids are equal.
    pub(super) fn same_id(self, one: Operand<'_>, other: Operand<'_>) -> Self {
        Self { text: self.dialect.same_id(self.text, one, other), ..self }
    }

    /// Appends the condition that an id is a parameter. A database that reads a row with a constant id once, before the
    /// statement runs, does not do so for one of two ids.
    pub(super) fn same_id_at_execution(self, table: &Ident, column: &Column, index: usize) -> Self {
        let Self { dialect, text, parameters } = self.column(table, column).push(" IN ('', ");
        let parameter = Operand::Parameter(index, column);
        let text = dialect.operand(text, parameter).push(") AND ");
        Self { dialect, text: dialect.same_bytes(text, Operand::Column(table, column), parameter), parameters }
    }

    /// Appends `"table"."column" <operator> <parameter>`.
    pub(super) fn compare(self, table: &Ident, column: &Column, operator: &str) -> Self {
        let index = self.parameters + 1;
        let Self { dialect, text, .. } = self.column(table, column).push(operator);
        Self { dialect, text: dialect.compared(text, Operand::Parameter(index, column)), parameters: index }
    }

    pub(super) fn finish(self) -> Statement {
        self.text.finish(self.dialect.is_positional())
    }
}
