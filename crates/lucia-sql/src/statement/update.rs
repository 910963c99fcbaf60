use super::{rendered::Rendered, writer::Writer};
use crate::{
    dialects::Dialect,
    driver::{Query, SqlValue, Statement},
    tables::{Column, Ident},
};

/// An update of the row with an id: columns with their new values, and optionally a column with its expected value.
#[derive(Debug)]
pub(crate) struct Update<'t> {
    table: &'t Ident,
    columns: Vec<&'t Column>,
    values: Vec<SqlValue>,
    id: (&'t Column, SqlValue),
    expected: Option<(&'t Column, SqlValue)>,
}

impl<'t> Update<'t> {
    pub(crate) fn of(table: &'t Ident, id: &'t Column, value: SqlValue) -> Self {
        Self { table, columns: Vec::new(), values: Vec::new(), id: (id, value), expected: None }
    }

    pub(crate) fn set(mut self, column: &'t Column, value: impl Into<Option<SqlValue>>) -> Self {
        if let Some(value) = value.into() {
            self.columns.push(column);
            self.values.push(value);
        }
        self
    }

    pub(crate) fn expect(self, column: &'t Column, value: impl Into<Option<SqlValue>>) -> Self {
        Self { expected: value.into().map(|value| (column, value)), ..self }
    }

    pub(crate) const fn is_conditional(&self) -> bool {
        self.expected.is_some()
    }

    /// Renders the text for updates of the same columns.
    pub(super) fn rendered(&self, dialect: &'static dyn Dialect) -> Rendered {
        Rendered::new(&self.named(), self.render(dialect))
    }

    /// Returns the query. The text is taken from `rendered` if that has the same columns.
    pub(super) fn query(mut self, dialect: &'static dyn Dialect, rendered: Option<&Rendered>) -> Query {
        let statement = rendered.and_then(|rendered| rendered.statement(&self.named()));
        let statement = statement.unwrap_or_else(|| self.render(dialect));
        self.values.push(self.id.1);
        self.values.extend(self.expected.map(|(_, value)| value));
        Query::of(statement, self.values)
    }

    /// Returns the columns that are set, and the one whose value is expected.
    fn named(&self) -> Vec<&'t Column> {
        self.columns.iter().copied().chain(self.expected.iter().map(|(column, _)| *column)).collect()
    }

    fn render(&self, dialect: &'static dyn Dialect) -> Statement {
        let text = Writer::new(dialect, "UPDATE ").table(self.table).push(" SET ");
        let text = text.list(&self.columns, |text, column| text.name(column).push(" = ").parameter(column));
        let text = text.push(" WHERE ").is(self.table, self.id.0);
        match &self.expected {
            None => text.finish(),
            Some((column, _)) => text.push(" AND ").compare(self.table, column, " = ").finish(),
        }
    }
}
