use std::borrow::Cow;

use crate::refusal::quoted;

/// A difference between the configuration and the database, and its remedy.
///
/// Its variants are exhaustive, so that a test of an application can compare them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Mismatch {
    /// A configured name is empty or contains a character that is not allowed in names.
    #[error(
        "invalid name `{}` of a table, column or field: use at most 63 bytes of letters, digits, `_`, `$`, `-`, `.` and inner \
         spaces", .name.escape_debug()
    )]
    InvalidName {
        /// The name.
        name: String,
    },
    /// A configured SQL type is not valid.
    #[error(
        "invalid column type `{}`: use letters, digits, `_`, spaces, parentheses and commas", .name.escape_debug()
    )]
    InvalidType {
        /// The type.
        name: String,
    },
    /// Two tables have the same name.
    #[error("table `{table}` is configured twice: users, sessions, keys and tokens need different tables")]
    SameTable {
        /// The name of both tables.
        table: String,
    },
    /// [`Table::column`](crate::Table::column) names a field that Lucia does not have in this table.
    #[error(
        "`{field}` of table `{table}` is not one of Lucia's own fields: map it as an attribute, with `Table::attribute` and \
         `Attribute::map`"
    )]
    UnknownField {
        /// The table's name.
        table: String,
        /// The field's name.
        field: String,
    },
    /// [`Table::column`](crate::Table::column) names a field that keys or tokens do not have.
    #[error("`{field}` of table `{table}` is not a field: the table has the fields {} only", quoted(.fields))]
    NotAField {
        /// The table's name.
        table: String,
        /// The field's name.
        field: String,
        /// The fields that the table has.
        fields: &'static [&'static str],
    },
    /// Two fields or attributes have the same column, or two attributes have the same name.
    #[error(
        "column `{column}` of table `{table}` is configured twice: give each field and attribute a different column"
    )]
    UsedTwice {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
    },
    /// A query of the adapter would return more columns than the database allows.
    #[error(
        "a query for a session and its user would return {columns} columns (limit: {limit}): declare fewer attributes"
    )]
    TooManyColumns {
        /// The number of columns.
        columns: usize,
        /// The number that the database allows.
        limit: usize,
    },
    /// An attribute has the name of one of Lucia's own fields.
    #[error(
        "`{name}` of table `{table}` cannot be an attribute, because Lucia has a field with this name: declare it under another \
         name with `Table::attribute` and `Attribute::map`, or ignore the column with `Table::without_attribute`"
    )]
    ReservedAttribute {
        /// The table's name.
        table: String,
        /// The attribute's name.
        name: String,
    },
    /// An attribute is declared for the table of keys or of tokens.
    #[error("table `{table}` cannot have the attribute `{name}`: only users and sessions have attributes")]
    NoAttributes {
        /// The table's name.
        table: String,
        /// The attribute's name.
        name: String,
    },
    /// A setting of the connections would lose or change values.
    #[error("the connections have `{setting}` = `{found}` (needed: {needed})")]
    WrongSetting {
        /// The setting's name.
        setting: &'static str,
        /// The current value.
        found: String,
        /// The required value.
        needed: &'static str,
    },
    /// The table does not exist.
    #[error("table `{table}` does not exist: create it, or configure the name of the existing table")]
    MissingTable {
        /// The table's name.
        table: String,
    },
    /// The name does not belong to a table that can be written to in transactions.
    #[error("`{table}` is a {found} (needed: a table with support for transactions)")]
    NotATable {
        /// The name.
        table: String,
        /// The kind of object that has this name.
        found: String,
    },
    /// The database's user lacks a privilege that an adapter needs.
    #[error("the database's user lacks privileges on table `{table}`: grant {denied}")]
    NotAllowed {
        /// The table's name.
        table: String,
        /// The missing privileges.
        denied: String,
    },
    /// A table lacks the column of one of Lucia's own fields.
    #[error(
        "table `{table}` has no column `{column}` for the field `{field}` (needed: {needed}): create it, or name the \
         existing column with `Table::column(\"{field}\", ..)`"
    )]
    MissingField {
        /// The table's name.
        table: String,
        /// The field's name.
        field: String,
        /// The column's name.
        column: String,
        /// The required type.
        needed: Cow<'static, str>,
    },
    /// A table lacks the column of an attribute.
    #[error(
        "table `{table}` has no column `{column}` (needed: {needed}): create it, or name the existing column with \
         `Attribute::map`"
    )]
    MissingColumn {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
        /// The required type.
        needed: Cow<'static, str>,
    },
    /// A table lacks the column of one of Lucia's own fields, but has one with a similar name.
    #[error(
        "table `{table}` has no column `{field}`, but a column `{column}`: if this is the one, map it with \
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
    /// A table lacks the column of an attribute, but has one with a similar name.
    #[error(
        "table `{table}` has no column for the attribute `{name}`, but a column `{column}`: if this is the one, map it with \
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
    /// A column that is declared as ignored or filled by a trigger does not exist.
    #[error("table `{table}` has no column `{column}`, which `Table::{method}` names")]
    UnknownColumn {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
        /// The method that names it.
        method: &'static str,
    },
    /// A column has the wrong type.
    #[error("column `{column}` of table `{table}` is {found} (needed: {needed})")]
    WrongType {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
        /// The current type.
        found: String,
        /// The required type.
        needed: Cow<'static, str>,
    },
    /// The column of a session's user has another collation than the ids of users, so the database cannot compare them.
    #[error(
        "column `{column}` of table `{table}` has the collation {found}, and the ids of users have {needed}, so the database \
         cannot compare them: convert one of the tables"
    )]
    WrongCollation {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
        /// The current collation.
        found: String,
        /// The collation of the ids of users.
        needed: String,
    },
    /// `hashed_password` is `NOT NULL`, so keys without a password could not be stored.
    #[error(
        "column `{column}` of table `{table}` is NOT NULL, so keys without a password could not be stored: allow null, or set \
         `password_keys_only` in the configuration if every key has a password"
    )]
    RequiredPassword {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
    },
    /// `user_id` of the table of tokens is `NOT NULL`, so counters and tokens without a user could not be stored.
    #[error(
        "column `{column}` of table `{table}` is NOT NULL, so counters and tokens without a user could not be stored: allow null"
    )]
    RequiredUser {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
    },
    /// No row could be inserted, because a column is `NOT NULL`, has no default, and has a type that attributes do not
    /// support.
    #[error(
        "column `{column}` of table `{table}` is {found} and required, but attributes do not support this type: give it a \
         default, allow null, or name it with `Table::filled_by_trigger` if a trigger sets it"
    )]
    UnknownType {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
        /// The current type.
        found: String,
    },
    /// An attribute is a list, but the database does not support lists.
    #[error("attribute `{name}` of table `{table}` is a list, which {database} does not support: declare it as JSON")]
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
        /// The stored form of the label.
        label: String,
        /// The labels that the column has.
        known: Vec<String>,
    },
    /// The default of an attribute does not fit its type.
    #[error(
        "invalid default of attribute `{name}` of table `{table}`: use a value of its type; lists, JSON and bytes cannot have a \
         default"
    )]
    InvalidDefault {
        /// The table's name.
        table: String,
        /// The attribute's name.
        name: String,
    },
    /// The column of ids is not unique, so the same id could be stored twice.
    #[error("column `{column}` of table `{table}` is neither the primary key nor unique: make it the primary key")]
    NotUnique {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
    },
    /// The database considers different ids equal, for example ids that differ in case.
    #[error("column `{column}` of table `{table}` has {found}, so different ids could be equal (needed: {needed})")]
    InexactIds {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
        /// The type or collation that makes them equal.
        found: String,
        /// The required type or collation.
        needed: &'static str,
    },
    /// No key or token could be inserted, because a column is `NOT NULL`, has no default, and is not one of Lucia's own
    /// fields.
    #[error(
        "column `{column}` of table `{table}` is required, but never set, because the table has no attributes: give it a \
         default, allow null, map it with `Table::column` if it holds one of the fields {}, or name it with \
         `Table::filled_by_trigger` if a trigger sets it",
        quoted(.fields)
    )]
    UnsetColumn {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
        /// The fields that the table has.
        fields: &'static [&'static str],
    },
    /// No row could be inserted, because a column is `NOT NULL`, has no default, and is not an attribute.
    #[error(
        "column `{column}` of table `{table}` is required, but never set: give it a default, declare it as an attribute of the \
         user or session with `Table::attribute`, or name it with `Table::filled_by_trigger` if a trigger sets it"
    )]
    NeverSet {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
    },
}
