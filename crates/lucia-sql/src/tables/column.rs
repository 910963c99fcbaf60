use super::Limit;
use crate::{
    config::AttributeType,
    refusal::{Reason, Refusal},
};

/// A column: its name in statements, and the values that it can store.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// The name of its table.
    pub(crate) table: String,
    pub(crate) name: String,
    pub(crate) quoted: String,
    /// The type of the values, or of their items if they are lists.
    pub(crate) kind: AttributeType,
    pub(crate) list: bool,
    /// The type as it is shown to people.
    pub(crate) declared: String,
    /// The type as it is written in a cast.
    pub(crate) sql_type: String,
    /// The collation, if the database does not compare the column with one of another collation. Empty otherwise.
    pub(crate) collation: String,
    pub(crate) limit: Limit,
}

impl Column {
    /// Returns the type of the parameter that is sent for a value. A list is sent as text.
    pub(crate) const fn sent(&self) -> AttributeType {
        if self.list { AttributeType::String } else { self.kind }
    }

    /// Returns `true` if the values are integers.
    pub(crate) const fn is_integer(&self) -> bool {
        !self.list && matches!(self.kind, AttributeType::Int | AttributeType::BigInt)
    }

    /// Returns the reason for rejecting a value, with the names of the column and its table.
    pub(crate) fn reject(&self, reason: Reason) -> Refusal {
        let (table, column, column_type) = (self.table.clone(), self.name.clone(), self.declared.clone());
        Refusal::Value { table, column, column_type, reason }
    }
}

/// The form in which times are written to a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeForm {
    /// `2023-07-06T05:04:03.021+00:00`
    WithOffset,
    /// `2023-07-06 05:04:03.021`
    Plain,
    /// Milliseconds since 1970.
    Millis,
}

/// A column that stores an attribute.
#[derive(Clone, Debug)]
pub(crate) struct AttributeColumn {
    /// The name of the attribute.
    pub(crate) name: String,
    pub(crate) column: Column,
    /// The labels of an enum and their stored forms. Empty if any string is allowed.
    pub(crate) labels: Vec<(String, String)>,
    pub(crate) nullable: bool,
    pub(crate) has_default: bool,
    /// `true` if a trigger replaces a null value of an insert.
    pub(crate) filled: bool,
    /// `true` if the database computes the value, so that it is read but never written.
    pub(crate) generated: bool,
    pub(crate) time_form: TimeForm,
    /// `true` if the column has SQLite's numeric affinity: it converts text that looks like a number to a number, which
    /// loses digits.
    pub(crate) numeric_affinity: bool,
}

impl AttributeColumn {
    /// Returns `true` if every insert names the column, if necessary with a null value, so that most inserts have the
    /// same text.
    pub(crate) const fn is_always_written(&self) -> bool {
        !self.generated && !self.has_default
    }
}
