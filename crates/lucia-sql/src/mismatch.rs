use std::borrow::Cow;

use crate::refusal::quoted;

/// One thing that does not fit, and what to change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Mismatch {
    /// A configured name contains characters that no name of a table, column or field should contain.
    #[error(
        "`{}` cannot be the name of a table, column or field: those have letters, digits, `_`, `$`, `-`, `.` and inner spaces, \
         and 63 bytes at most", .name.escape_debug()
    )]
    InvalidName {
        /// The name.
        name: String,
    },
    /// A configured type is not one.
    #[error(
        "`{}` cannot be the type of a column: those have letters, digits, `_`, spaces, brackets and commas", .name.escape_debug()
    )]
    InvalidType {
        /// The type.
        name: String,
    },
    /// Two of the three tables have the same name.
    #[error("table `{table}` is configured twice: users, sessions and keys need a table each")]
    SameTable {
        /// The name of both.
        table: String,
    },
    /// A column is mapped for a field that is not one of Lucia's own in this table.
    #[error(
        "table `{table}` has no field `{field}` of Lucia's own: map it as an attribute, with `Table::attribute` and \
         `Attribute::map`"
    )]
    UnknownField {
        /// The table's name.
        table: String,
        /// The field's name.
        field: String,
    },
    /// Two fields or attributes share a column, or two attributes a name.
    #[error("column `{column}` of table `{table}` is configured twice: give each field and attribute its own")]
    UsedTwice {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
    },
    /// An attribute has the name of one of Lucia's own fields.
    #[error(
        "`{name}` of table `{table}` cannot be an attribute, as Lucia has a field of this name: declare it under another name \
         with `Table::attribute` and `Attribute::map`, or leave it out with `Table::without_attribute`"
    )]
    ReservedAttribute {
        /// The table's name.
        table: String,
        /// The attribute's name.
        name: String,
    },
    /// An attribute is declared for the table of keys.
    #[error("table `{table}` cannot have the attribute `{name}`: keys have none")]
    KeyAttribute {
        /// The table's name.
        table: String,
        /// The attribute's name.
        name: String,
    },
    /// The connections have a setting with which values would be lost or changed.
    #[error("the connections have `{setting}` = `{found}` (needed: {needed})")]
    WrongSetting {
        /// The setting's name.
        setting: &'static str,
        /// What it is.
        found: String,
        /// What it should be.
        needed: &'static str,
    },
    /// The table does not exist.
    #[error("there is no table `{table}`: create it, or configure the name of the one that is there")]
    MissingTable {
        /// The table's name.
        table: String,
    },
    /// There is something of this name that cannot be written to.
    #[error("`{table}` is a {found} (needed: a table, of an engine with transactions)")]
    NotATable {
        /// The table's name.
        table: String,
        /// What it is.
        found: String,
    },
    /// The database's user may not do what an adapter does with a table.
    #[error("the database's user lacks the right to {denied} on table `{table}`: grant it")]
    NotAllowed {
        /// The table's name.
        table: String,
        /// What it may not do.
        denied: String,
    },
    /// A table lacks a column.
    #[error("table `{table}` has no column `{column}` (needed: {needed})")]
    MissingColumn {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
        /// The type that it should have.
        needed: Cow<'static, str>,
    },
    /// A table lacks the column of one of Lucia's own fields, and has one of a similar name.
    #[error(
        "table `{table}` has no column `{field}`, but `{column}`: if that is meant, map it with \
         `Table::column(\"{field}\", \"{column}\")`"
    )]
    UnmappedField {
        /// The table's name.
        table: String,
        /// The field's name.
        field: String,
        /// The column that may be meant.
        column: String,
    },
    /// A table lacks the column of an attribute, and has one of a similar name.
    #[error(
        "table `{table}` has no column for the attribute `{name}`, but `{column}`: if that is meant, map it with \
         `Attribute::map(\"{column}\")`"
    )]
    UnmappedAttribute {
        /// The table's name.
        table: String,
        /// The attribute's name.
        name: String,
        /// The column that may be meant.
        column: String,
    },
    /// A column that is to be left out, or filled by a trigger, is not there.
    #[error("table `{table}` has no column `{column}`, which `Table::{method}` names")]
    UnknownColumn {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
        /// The method that names it.
        method: &'static str,
    },
    /// A column has another type than is needed.
    #[error("column `{column}` of table `{table}` is {found} (needed: {needed})")]
    WrongType {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
        /// The type that it has.
        found: String,
        /// The type that it should have.
        needed: Cow<'static, str>,
    },
    /// Keys without a password could not be stored.
    #[error(
        "column `{column}` of table `{table}` is NOT NULL, and keys without a password could not be stored: allow null, or set \
         `password_keys_only` in the configuration if there are none"
    )]
    RequiredPassword {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
    },
    /// No row could be inserted: the column must not be null, has no default, and is of a type that no attribute has.
    #[error(
        "column `{column}` of table `{table}` is {found}, which no attribute can be, and required: give it a default, or allow \
         null, or name it with `Table::filled_by_trigger` if a trigger sets it"
    )]
    UnknownType {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
        /// The type that it has.
        found: String,
    },
    /// An attribute is a list, and the database has no lists.
    #[error("attribute `{name}` of table `{table}` is a list, which {database} does not have: declare it as JSON")]
    UnsupportedList {
        /// The table's name.
        table: String,
        /// The attribute's name.
        name: String,
        /// The database.
        database: &'static str,
    },
    /// A declared enum has a label that the column's type does not have.
    #[error(
        "column `{column}` of table `{table}` has no label `{label}`: its labels are {}; correct the name, or map it with \
         `Attribute::label`",
        quoted(.known)
    )]
    UnknownLabel {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
        /// The label, as it would be stored.
        label: String,
        /// The labels that the column has.
        known: Vec<String>,
    },
    /// An attribute has a default that it cannot have.
    #[error(
        "attribute `{name}` of table `{table}` cannot have this default: it must be a value of its type, and lists, JSON and \
         bytes have none"
    )]
    InvalidDefault {
        /// The table's name.
        table: String,
        /// The attribute's name.
        name: String,
    },
    /// Ids could occur twice.
    #[error("column `{column}` of table `{table}` is neither primary key nor unique: make it the primary key")]
    NotUnique {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
    },
    /// Ids that differ, by case for example, are equal to the database.
    #[error("column `{column}` of table `{table}` has {found}, so that different ids are equal (needed: {needed})")]
    InexactIds {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
        /// The type or collation that makes them equal.
        found: String,
        /// What to have instead.
        needed: &'static str,
    },
    /// No row could ever be inserted: the column has no default, must not be null, and is not written here.
    #[error(
        "column `{column}` of table `{table}` is required and would never be set: give it a default, declare it as an attribute \
         of the user or session with `Table::attribute`, or name it with `Table::filled_by_trigger` if a trigger sets it"
    )]
    NeverSet {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
    },
}
