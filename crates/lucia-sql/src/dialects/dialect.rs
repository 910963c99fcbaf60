use std::fmt::Debug;

use super::{Operand, Text};
use crate::{
    config::AttributeType,
    tables::{Column, Constraint, Ident},
};

/// The SQL of a database.
pub(crate) trait Dialect: Debug + Send + Sync {
    /// Quotes an identifier.
    fn quote(&self, name: &str) -> String;

    /// Returns the placeholder of the parameter number `index`, counted from 1: a value of type `kind` for a column of
    /// type `sql_type`. It is cast if drivers send no type or the wrong type to the server.
    fn parameter(&self, index: usize, kind: AttributeType, sql_type: &str) -> String;

    /// Returns `true` if placeholders have no number. A parameter that occurs twice is then bound twice.
    fn is_positional(&self) -> bool {
        false
    }

    /// Returns a column in the list of a `SELECT`, cast to a type that drivers can read.
    fn selected(&self, sql: String, column: &Column) -> String {
        let _ = column;
        sql
    }

    /// Appends a column or a parameter.
    fn operand(&self, text: Text, operand: Operand<'_>) -> Text {
        match operand {
            Operand::Column(table, column) => text.column(table, column),
            Operand::Parameter(index, column) => {
                text.placeholder(index, &self.parameter(index, column.sent(), &column.sql_type))
            }
        }
    }

    /// Appends what a column is compared with.
    fn compared(&self, text: Text, operand: Operand<'_>) -> Text {
        self.operand(text, operand)
    }

    /// Appends the condition that two ids have the same bytes.
    fn same_id(&self, text: Text, one: Operand<'_>, other: Operand<'_>) -> Text {
        let text = self.operand(text, one).push(" = ");
        self.compared(text, other)
    }

    /// Appends the part of this condition that compares bytes, for which MySQL uses no index.
    fn same_bytes(&self, text: Text, one: Operand<'_>, other: Operand<'_>) -> Text {
        self.same_id(text, one, other)
    }

    /// Returns the text between a list of values and its `WHERE`.
    fn dual(&self) -> &'static str {
        ""
    }

    /// Returns the end of a query that locks the rows that it finds against deletion, until its transaction ends: the lock
    /// with which the database checks a foreign key.
    ///
    /// Returns `None` if the database runs one write at a time.
    fn lock_against_deletion(&self) -> Option<&'static str> {
        None
    }

    /// Returns the text before and after a query for the rows to delete. The query may skip rows that other
    /// transactions have locked.
    fn one_of(&self) -> [&'static str; 2] {
        [" IN (", ")"]
    }

    /// Returns `true` if rows may change between that query and their deletion, so that the deletion must check them
    /// again.
    fn checks_again(&self) -> bool {
        false
    }

    /// Returns the start of a `DELETE` that finds rows by the index of their ids, up to its `WHERE`. Expired rows are then
    /// found first, without a lock.
    ///
    /// Returns `None` if a `DELETE` locks only the rows that it deletes, and not every row that it reads.
    fn delete_by_id(&self, table: &Ident, id: &Column, constraints: &[Constraint]) -> Option<String> {
        let _ = (table, id, constraints);
        None
    }

    /// Returns the text after an insert, up to the columns that are set instead if the id is taken.
    fn on_duplicate(&self, id: &Column) -> String {
        format!(" ON CONFLICT ({}) DO UPDATE SET ", id.quoted)
    }

    /// Returns the types by which text is cast to an integer, and an integer to text.
    fn integer_and_text(&self) -> [&'static str; 2] {
        ["BIGINT", "TEXT"]
    }

    /// Returns `true` if a write can be part of another: `WITH … AS (INSERT …) INSERT …`.
    fn nests_writes(&self) -> bool {
        false
    }

    /// Returns `true` if a write can return the result of a query: `INSERT … RETURNING (SELECT …)`.
    fn returns_queries(&self) -> bool {
        false
    }

    /// Returns `true` if columns of JSON and decimal numbers convert text that looks like a number to a number.
    fn has_numeric_affinity(&self) -> bool {
        false
    }

    /// Returns `true` if the database supports lists, and UUIDs, which it does not compare with text.
    fn has_uuids_and_lists(&self) -> bool {
        false
    }

    /// Returns `true` if the database considers two names equal.
    fn same_name(&self, one: &str, other: &str) -> bool;

    /// Returns the SQL type of a column for text of 64 KiB.
    fn long_text(&self) -> &'static str {
        self.declared_type(AttributeType::String)
    }

    /// Returns the SQL type of a column of this type.
    fn declared_type(&self, kind: AttributeType) -> &'static str;
}
