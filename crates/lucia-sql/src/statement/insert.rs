use super::{rendered::Rendered, writer::Writer};
use crate::{
    dialects::Operand,
    driver::{Query, SqlValue, Statement},
    tables::{AttributeColumn, Column, Ident, Owner},
};

/// An insert of one row: columns with their values.
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

    /// Returns an insert of these columns and of the attributes that every insert names. Only its text is used.
    pub(super) fn template<const N: usize>(
        table: &'t Ident,
        fields: [&'t Column; N],
        attributes: &'t [AttributeColumn],
    ) -> Self {
        let attributes = attributes.iter().filter(|attribute| attribute.is_always_written());
        let columns = fields.into_iter().chain(attributes.map(|attribute| &attribute.column));
        Self { columns: columns.collect(), ..Self::into(table) }
    }

    pub(super) fn rendered(&self, render: impl FnOnce(&Self) -> Statement) -> Rendered {
        Rendered::new(&self.columns, render(self))
    }

    /// Returns the query. The text is taken from `rendered` if that has the same columns.
    pub(super) fn query(self, rendered: &Rendered, render: impl FnOnce(&Self) -> Statement) -> Query {
        let statement = rendered.statement(&self.columns).unwrap_or_else(|| render(&self));
        Query::of(statement, self.values)
    }

    pub(super) fn into_values(self) -> Vec<SqlValue> {
        self.values
    }

    /// Appends `INSERT INTO <table> (<columns>) SELECT <parameters>`.
    pub(super) fn write(&self, text: Writer) -> Writer {
        let text = text.push("INSERT INTO ").table(self.table).push(" (");
        let text = text.list(&self.columns, |text, column| text.name(column));
        let text = self.table.filled.iter().fold(text, |text, name| text.push(", ").push(name));
        let text = text.push(") SELECT ").list(&self.columns, |text, column| text.parameter(column));
        self.table.filled.iter().fold(text, |text, _| text.push(", NULL"))
    }

    /// Appends the same insert with the condition that the user exists. Without a foreign key, the user is locked as the
    /// check of a foreign key would do, so that it is deleted either before or after the insert.
    pub(super) fn write_owned(&self, text: Writer, owner: Owner<'_>) -> Writer {
        let users = &owner.users.table;
        match text.lock_against_deletion().filter(|_| !owner.is_referenced) {
            Some(lock) => {
                let text = self.write(text).push(" FROM ").table(users).push(" WHERE ");
                self.write_is_owner(text, owner).push(lock)
            }
            None => {
                let text = self.write(text).dual().push(" WHERE EXISTS (SELECT 1 FROM ").table(users).push(" WHERE ");
                self.write_is_owner(text, owner).push(")")
            }
        }
    }

    /// Appends the condition that the user id of the row is the id of a user.
    pub(super) fn write_is_owner(&self, text: Writer, owner: Owner<'_>) -> Writer {
        let Owner { column: user_id, users, .. } = owner;
        let place = self.columns.iter().position(|column| column.name == user_id.name).unwrap_or_default();
        text.same_id(Operand::Column(&users.table, &users.id), Operand::Parameter(place + 1, &users.id))
    }
}
