use super::{ready::Ready, writer::Writer};
use crate::{
    dialect::Operand,
    driver::{Query, SqlValue, Statement},
    tables::{AttributeColumn, Column, Ident, UserTable},
};

/// An insert of one row: each column with its value.
#[derive(Debug)]
pub(crate) struct Insert<'t> {
    table: &'t Ident,
    columns: Vec<&'t Column>,
    values: Vec<SqlValue>,
}

impl<'t> Insert<'t> {
    pub(crate) fn into(table: &'t Ident) -> Self {
        Self { table, columns: Vec::new(), values: Vec::new() }
    }

    pub(crate) fn set(mut self, column: &'t Column, value: SqlValue) -> Self {
        self.columns.push(column);
        self.values.push(value);
        self
    }

    /// An insert of these columns, and of the attributes that every insert names, for its text alone.
    pub(super) fn usual<const N: usize>(
        table: &'t Ident,
        fields: [&'t Column; N],
        attributes: &'t [AttributeColumn],
    ) -> Self {
        let attributes = attributes.iter().filter(|attribute| attribute.is_always_written());
        let columns = fields.into_iter().chain(attributes.map(|attribute| &attribute.column));
        Self { columns: columns.collect(), ..Self::into(table) }
    }

    pub(super) fn ready(&self, render: impl FnOnce(&Self) -> Statement) -> Ready {
        Ready::new(&self.columns, render(self))
    }

    /// Returns the query. Its text is the ready one, if that is for the same columns.
    pub(super) fn query(self, ready: &Ready, render: impl FnOnce(&Self) -> Statement) -> Query {
        let statement = ready.statement(&self.columns).unwrap_or_else(|| render(&self));
        Query::of(statement, self.values)
    }

    pub(super) fn into_values(self) -> Vec<SqlValue> {
        self.values
    }

    /// `INSERT INTO <table> (<columns>) SELECT <parameters>`
    pub(super) fn write(&self, text: Writer) -> Writer {
        let text = text.push("INSERT INTO ").table(self.table).push(" (");
        let text = text.list(&self.columns, |text, column| text.name(column));
        let text = self.table.filled.iter().fold(text, |text, name| text.push(", ").push(name));
        let text = text.push(") SELECT ").list(&self.columns, |text, column| text.parameter(column));
        self.table.filled.iter().fold(text, |text, _| text.push(", NULL"))
    }

    /// The same, which inserts nothing unless there is a user whose id is the value of a column.
    pub(super) fn write_owned(&self, text: Writer, owner: &Column, user: &UserTable) -> Writer {
        let text = self.write(text).dual().push(" WHERE EXISTS (SELECT 1 FROM ").table(&user.table).push(" WHERE ");
        self.write_is_owner(text, owner, user).push(")")
    }

    /// Whether the id of a user is the value of a column.
    pub(super) fn write_is_owner(&self, text: Writer, owner: &Column, user: &UserTable) -> Writer {
        let place = self.columns.iter().position(|column| column.name == owner.name).unwrap_or_default();
        text.same_id(Operand::Column(&user.table, &user.id), Operand::Parameter(place + 1, &user.id))
    }
}
