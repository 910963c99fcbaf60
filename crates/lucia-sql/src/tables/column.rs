use super::Limit;
use crate::{
    config::AttributeType,
    refusal::{Reason, Refusal},
};

/// A column, as statements name it, and what it can hold.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// The name of its table.
    pub(crate) table: String,
    pub(crate) name: String,
    pub(crate) quoted: String,
    /// What its values are, or the items of each if they are lists.
    pub(crate) kind: AttributeType,
    pub(crate) list: bool,
    /// Its type, as a person would write it.
    pub(crate) declared: String,
    /// Its type in the database, as a cast names it.
    pub(crate) sql_type: String,
    pub(crate) limit: Limit,
}

impl Column {
    /// What is sent for a value: a list is sent as text.
    pub(crate) const fn sent(&self) -> AttributeType {
        if self.list { AttributeType::String } else { self.kind }
    }

    /// The reason for which it does not take a value.
    pub(crate) fn refuses(&self, reason: Reason) -> Refusal {
        let (table, column, column_type) = (self.table.clone(), self.name.clone(), self.declared.clone());
        Refusal::Value { table, column, column_type, reason }
    }
}

/// How a column of times is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeForm {
    /// `2023-07-06T05:04:03.021+00:00`
    WithOffset,
    /// `2023-07-06 05:04:03.021`
    Plain,
    /// Milliseconds since 1970.
    Millis,
}

/// A column that holds an attribute.
#[derive(Clone, Debug)]
pub(crate) struct AttributeColumn {
    /// The name of the attribute.
    pub(crate) name: String,
    pub(crate) column: Column,
    /// The labels of an enum and what is stored for them; empty if any string is allowed.
    pub(crate) labels: Vec<(String, String)>,
    pub(crate) nullable: bool,
    pub(crate) has_default: bool,
    /// Whether a trigger replaces the null of an insert.
    pub(crate) filled: bool,
    /// Computed by the database: read, never written.
    pub(crate) generated: bool,
    pub(crate) time_form: TimeForm,
    /// Whether text that looks like a number becomes one in it, and loses digits: SQLite's numeric affinity.
    pub(crate) numeric_affinity: bool,
}

impl AttributeColumn {
    /// Whether an insert must name it, if only with null, so that the text of most inserts is the same.
    pub(crate) const fn is_always_written(&self) -> bool {
        !self.generated && !self.has_default
    }
}
