use std::{error::Error, fmt};

use crate::driver::{DriverError, Failure};

/// Why no adapter, or no table, could be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The configuration and the tables do not fit together. Every difference is listed.
    #[error("{}", Listed(.0))]
    Mismatch(Vec<Mismatch>),
    /// The database could not be reached, or did not answer in time. Trying again may help.
    #[error("the database is unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// The database refused; the source is the driver's own error.
    #[error("the database refused a statement")]
    Database(#[source] Box<dyn Error + Send + Sync>),
}

/// One thing that does not fit, and what to change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Mismatch {
    /// A configured name holds characters that no name of a table, column or field should (bug S2).
    #[error("`{}` cannot be the name of a table, column or field", .name.escape_debug())]
    InvalidName {
        /// The name.
        name: String,
    },
    /// Two of the three tables have the same name.
    #[error("`{table}` cannot be two of the tables of users, sessions and keys")]
    SameTable {
        /// The name of both.
        table: String,
    },
    /// A column is mapped for a field that is not one of Lucia's own in this table.
    #[error("table `{table}` has no field `{field}` of Lucia's own: declare it as an attribute")]
    UnknownField {
        /// The table's name.
        table: String,
        /// The field's name.
        field: String,
    },
    /// Two fields or attributes share a column, or two attributes a name.
    #[error("column `{column}` of table `{table}` is used twice")]
    UsedTwice {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
    },
    /// An attribute has the name of one of Lucia's own fields (bug C8).
    #[error(
        "`{name}` of table `{table}` cannot be an attribute: declare it under another name, or only those you want"
    )]
    ReservedAttribute {
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
    /// There is no such table.
    #[error("there is no table `{table}`")]
    MissingTable {
        /// The table's name.
        table: String,
    },
    /// There is something of this name that cannot be written to.
    #[error("`{table}` is a {found}, and a table is needed")]
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
        needed: &'static str,
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
        needed: &'static str,
    },
    /// A column would be an attribute, but has a type that no attribute has.
    #[error("column `{column}` of table `{table}` is {found}, which no attribute is: declare only those you want")]
    UnknownType {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
        /// The type that it has.
        found: String,
    },
    /// A declared enum has a label that the column's type has not.
    #[error(
        "column `{column}` of table `{table}` has no label `{label}`: correct it, or map it to the one that is stored"
    )]
    UnknownLabel {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
        /// The label, as it would be stored.
        label: String,
    },
    /// An attribute has a default that it cannot have.
    #[error("`{name}` of table `{table}` cannot have this default")]
    InvalidDefault {
        /// The table's name.
        table: String,
        /// The attribute's name.
        name: String,
    },
    /// Ids could occur twice.
    #[error("column `{column}` of table `{table}` is neither primary key nor unique")]
    NotUnique {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
    },
    /// Ids that differ, by case for example, are equal to the database.
    #[error("column `{column}` of table `{table}` takes different ids for equal: change its collation")]
    InexactIds {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
    },
    /// No row could ever be inserted: the column has no default, must not be null, and is not written here.
    #[error("column `{column}` of table `{table}` is required and would never be set: give it a default")]
    NeverSet {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
    },
}

struct Listed<'a>(&'a [Mismatch]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration does not fit the database: ")?;
        for (index, mismatch) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            mismatch.fmt(f)?;
        }
        Ok(())
    }
}

impl From<DriverError> for SetupError {
    fn from(error: DriverError) -> Self {
        match error.failure {
            Failure::Unavailable => Self::Unavailable(error.source),
            _ => Self::Database(error.source),
        }
    }
}
