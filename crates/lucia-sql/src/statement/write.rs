use super::writer::Writer;
use crate::{
    dialect::{Dialect, Operand},
    driver::Statement,
    tables::{AttributeColumn, Column, Ident, UserTable},
};

/// The attributes of an insert for which the statement is ready.
pub(super) fn usual(columns: &[AttributeColumn]) -> impl Iterator<Item = &Column> {
    columns.iter().filter(|attribute| attribute.is_always_written()).map(|attribute| &attribute.column)
}

pub(super) fn is_usual(columns: &[AttributeColumn], written: &[&AttributeColumn]) -> bool {
    usual(columns).count() == written.len() && written.iter().all(|column| column.is_always_written())
}

pub(super) fn columns<'a>(attributes: &[&'a AttributeColumn]) -> impl Iterator<Item = &'a Column> {
    attributes.iter().map(|attribute| &attribute.column)
}

/// `INSERT INTO <table> (<columns>) SELECT <parameters>`
pub(super) fn insert_columns<'a>(text: Writer, table: &Ident, columns: impl IntoIterator<Item = &'a Column>) -> Writer {
    let columns: Vec<_> = columns.into_iter().collect();
    let text = text.push("INSERT INTO ").table(table).push(" (").list(&columns, |text, column| text.name(column));
    let text = table.filled.iter().fold(text, |text, name| text.push(", ").push(name));
    let text = text.push(") SELECT ").list(&columns, |text, column| text.parameter(column));
    table.filled.iter().fold(text, |text, _| text.push(", NULL"))
}

/// An insert that inserts nothing unless there is a user with the id in the last parameter.
pub(super) fn insert_of_user<'a>(
    text: Writer,
    table: &Ident,
    columns: impl IntoIterator<Item = &'a Column>,
    user: &UserTable,
) -> Writer {
    insert_columns(text, table, columns)
        .dual()
        .push(" WHERE EXISTS (SELECT 1 FROM ")
        .table(&user.table)
        .push(" WHERE ")
        .is(&user.table, &user.id)
        .push(")")
}

/// An update of the row with an id, if the condition is met: the value of a column as it must be.
pub(super) fn update<'a>(
    dialect: &'static dyn Dialect,
    table: &Ident,
    columns: impl IntoIterator<Item = &'a Column>,
    id: &Column,
    condition: Option<&Column>,
) -> Statement {
    let text = Writer::new(dialect, "UPDATE ").table(table).push(" SET ");
    let text = text.list(columns, |text, column| text.name(column).push(" = ").parameter(column));
    let text = text.push(" WHERE ").is(table, id);
    match condition {
        None => text.finish(),
        Some(column) => text.push(" AND ").compare(table, column, " = ").finish(),
    }
}

/// Compares a column of one table with that of another.
pub(super) fn joined(text: Writer, one: (&Ident, &Column), other: (&Ident, &Column)) -> Writer {
    text.same_id(Operand::Column(one.0, one.1), Operand::Column(other.0, other.1))
}
