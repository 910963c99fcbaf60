use std::fmt::Debug;

use super::{Operand, Text};
use crate::{
    config::AttributeType,
    tables::{Column, SessionTable},
};

/// A database's SQL.
pub(crate) trait Dialect: Debug + Send + Sync {
    /// An identifier, quoted.
    fn quote(&self, name: &str) -> String;

    /// The placeholder of the parameter number `index`, which counts from 1: a value of this kind for a column of this
    /// type. A dialect whose driver tells the server no types, or wrong ones, casts it.
    fn parameter(&self, index: usize, kind: AttributeType, sql_type: &str) -> String;

    /// Whether placeholders have no number. A parameter that occurs twice is then bound twice.
    fn is_positional(&self) -> bool {
        false
    }

    /// A column in the list of what is selected, cast to what the driver can read.
    fn selected(&self, sql: String, column: &Column) -> String {
        let _ = column;
        sql
    }

    /// Goes on with a column or a parameter.
    fn operand(&self, text: Text, operand: Operand<'_>) -> Text {
        match operand {
            Operand::Column(table, column) => text.column(table, column),
            Operand::Parameter(index, column) => {
                text.placeholder(index, &self.parameter(index, column.sent(), &column.sql_type))
            }
        }
    }

    /// Whether two ids are equal to the byte.
    fn same_id(&self, text: Text, one: Operand<'_>, other: Operand<'_>) -> Text {
        let text = self.operand(text, one).push(" = ");
        self.operand(text, other)
    }

    /// What stands between a list of values and its `WHERE`.
    fn dual(&self) -> &'static str {
        ""
    }

    /// What stands before and after a query for the rows to delete. Those that others have locked may be left out.
    fn one_of(&self) -> [&'static str; 2] {
        [" IN (", ")"]
    }

    /// Where a `DELETE` locks every row that it looks at, and not only those that it deletes: the start of one that looks for
    /// sessions by the index of their ids, up to its `WHERE`. The expired ones are then looked for without a lock.
    fn delete_by_id(&self, session: &SessionTable) -> Option<String> {
        let _ = session;
        None
    }

    /// Whether a write can be a part of another: `WITH … AS (INSERT …) INSERT …`.
    fn nests_writes(&self) -> bool {
        false
    }

    /// Whether text that looks like a number becomes one in columns of JSON and decimal numbers.
    fn has_numeric_affinity(&self) -> bool {
        false
    }

    /// Whether it has UUIDs, which it compares with no text, and lists.
    fn has_uuids_and_lists(&self) -> bool {
        false
    }

    /// Whether two names are one to the database.
    fn same_name(&self, one: &str, other: &str) -> bool;

    /// What a column of this type is declared as.
    fn declared_type(&self, kind: AttributeType) -> &'static str;
}
