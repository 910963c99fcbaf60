use std::{borrow::Cow, error::Error, fmt};

/// The reason why a value cannot be stored or read, as the end of a sentence. It describes the expected value and never
/// contains the actual one, which may be secret.
pub(crate) type Reason = Cow<'static, str>;

/// The reason why the adapter or the database rejected a write. It is the [`source`](Error::source) of an
/// [`AdapterError`](lucia_core::AdapterError).
///
/// It contains the names of tables, columns, types, labels and constraints, and never a value.
///
/// ```
/// use lucia_core::AdapterError;
/// # use lucia_sql::Refusal;
///
/// fn reason(error: &AdapterError) -> Option<&Refusal> {
///     error.downcast_ref()
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The column cannot store the value.
    #[error("column `{column}` of table `{table}` is {column_type}: the value {reason}")]
    #[non_exhaustive]
    Value {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
        /// The column's SQL type.
        column_type: String,
        /// The rule for the value, as the end of a sentence: "must be …".
        reason: Cow<'static, str>,
    },
    /// An insert lacks a required attribute that has no default in the database. Prisma Client generates the values of
    /// `@updatedAt`, `cuid()` and `uuid()`; with this adapter, the application provides them.
    #[error(
        "column `{column}` of table `{table}` is required and has no default in the database: provide the attribute (Prisma \
         Client generates `@updatedAt`, `cuid()` and `uuid()` itself)"
    )]
    #[non_exhaustive]
    Missing {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
    },
    /// The table does not have the attribute.
    #[error("table `{table}` has no column for the attribute; its attributes are {}", quoted(.attributes))]
    #[non_exhaustive]
    Unknown {
        /// The table's name.
        table: String,
        /// The attributes of the table.
        attributes: Vec<String>,
    },
    /// The write violates a constraint of the database.
    #[error("{}", Violated { kind: *kind, name: name.as_deref(), table: table.as_deref(), column: column.as_deref() })]
    #[non_exhaustive]
    Constraint {
        /// The kind of constraint.
        kind: ConstraintKind,
        /// The constraint's name, if the database reports it.
        name: Option<String>,
        /// The table's name, if it is known.
        table: Option<String>,
        /// The column's name, if it is known.
        column: Option<String>,
        /// The driver's own error.
        source: Box<dyn Error + Send + Sync>,
    },
}

/// The kind of constraint that a write violates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConstraintKind {
    /// A unique index: another row has the value.
    Unique,
    /// A foreign key: the row that the value refers to does not exist.
    ForeignKey,
    /// A foreign key of another table, whose rows refer to the row to delete or to the id to change.
    Reference,
    /// `NOT NULL`.
    NotNull,
    /// A `CHECK`.
    Check,
    /// The type of a column: the value is too long, out of range, or malformed.
    Type,
}

impl ConstraintKind {
    /// Returns the text with which drivers replace the database's message, because that may contain values.
    #[must_use]
    #[doc(hidden)]
    pub const fn message(self) -> &'static str {
        match self {
            Self::Unique => "a unique constraint was violated",
            Self::ForeignKey | Self::Reference => "a foreign key constraint was violated",
            Self::NotNull => "a NOT NULL constraint was violated",
            Self::Check => "a CHECK constraint was violated",
            Self::Type => "a value was rejected",
        }
    }
}

struct Violated<'a> {
    kind: ConstraintKind,
    name: Option<&'a str>,
    table: Option<&'a str>,
    column: Option<&'a str>,
}

impl fmt::Display for Violated<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (noun, meaning) = match self.kind {
            ConstraintKind::Unique => ("unique constraint", "another row has this value"),
            ConstraintKind::ForeignKey => ("foreign key", "the row that the value refers to does not exist"),
            ConstraintKind::Reference => ("foreign key", "its rows refer to the row to delete or to the id to change"),
            ConstraintKind::NotNull => ("NOT NULL constraint", "a value is required"),
            ConstraintKind::Check => ("CHECK constraint", "the database does not allow these values"),
            ConstraintKind::Type => ("type", "the value is too long, out of range or malformed"),
        };
        f.write_str(noun)?;
        if let Some(name) = self.name {
            write!(f, " `{name}`")?;
        }
        if let Some(column) = self.column {
            write!(f, " of column `{column}`")?;
        }
        if let Some(table) = self.table {
            write!(f, " of table `{table}`")?;
        }
        write!(f, ": {meaning}")
    }
}

/// Returns the names in backquotes, separated by commas.
pub(crate) fn quoted<S: AsRef<str>>(names: &[S]) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    names.iter().map(|name| format!("`{}`", name.as_ref())).collect::<Vec<_>>().join(", ")
}
