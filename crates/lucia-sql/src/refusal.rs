use std::{borrow::Cow, error::Error, fmt};

/// Why a value cannot be stored or read, as the end of a sentence. It says what was expected, never what was there: that may be
/// secret.
pub(crate) type Reason = Cow<'static, str>;

/// The reason of a write that the adapter or the database rejected: the [`source`](Error::source) of an
/// [`AdapterError`](lucia_core::AdapterError).
///
/// It names tables, columns, types, labels and constraints, and never a value.
///
/// ```
/// use lucia_core::AdapterError;
/// use lucia_sql::Refusal;
///
/// fn reason(error: &AdapterError) -> Option<&Refusal> {
///     error.downcast_ref()
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// A column cannot hold the value.
    #[error("column `{column}` of table `{table}` is {column_type}: the value {reason}")]
    Value {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
        /// The column's type in the database's own words.
        column_type: String,
        /// What the value must be, as the end of a sentence.
        reason: Cow<'static, str>,
    },
    /// An insert lacks an attribute that nobody else fills in. Prisma Client makes some values itself that this adapter has to
    /// be given: those of `@updatedAt`, `cuid()` and `uuid()`.
    #[error(
        "column `{column}` of table `{table}` is required and has no default in the database: the insert must give the \
         attribute (Prisma Client makes `@updatedAt`, `cuid()` and `uuid()` itself)"
    )]
    Missing {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
    },
    /// The table has no column for the attribute.
    #[error("table `{table}` has no column for the attribute; its attributes are {}", quoted(.attributes))]
    Unknown {
        /// The table's name.
        table: String,
        /// The attributes that it has.
        attributes: Vec<String>,
    },
    /// The database found a constraint violated.
    #[error("{}", Violated { kind: *kind, name: name.as_deref(), table: table.as_deref(), column: column.as_deref() })]
    Constraint {
        /// What was violated.
        kind: ConstraintKind,
        /// The constraint's name, where the database tells it.
        name: Option<String>,
        /// The table's name, where it is known.
        table: Option<String>,
        /// The column's name, where it is known.
        column: Option<String>,
        /// The driver's own error.
        source: Box<dyn Error + Send + Sync>,
    },
}

/// The kind of a violated constraint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConstraintKind {
    /// A unique index: another row has the value.
    Unique,
    /// A foreign key: there is no row that the value refers to.
    ForeignKey,
    /// A foreign key of another table: its rows refer to the row that was to be deleted, or to get another id.
    Reference,
    /// `NOT NULL`.
    NotNull,
    /// A `CHECK`.
    Check,
    /// The type of a column: the value is too long, out of range, or malformed.
    Type,
}

impl ConstraintKind {
    /// Returns what drivers say of a violation in place of the database's own message, which may repeat values.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::Unique => "a unique constraint was violated",
            Self::ForeignKey | Self::Reference => "a foreign key was violated",
            Self::NotNull => "a column that must not be null was null",
            Self::Check => "a constraint was violated",
            Self::Type => "a value was refused",
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
            ConstraintKind::ForeignKey => ("foreign key", "there is no row that the value refers to"),
            ConstraintKind::Reference => {
                ("foreign key", "its rows refer to the one that was to be deleted or to get another id")
            }
            ConstraintKind::NotNull => ("NOT NULL constraint", "a value is required"),
            ConstraintKind::Check => ("CHECK constraint", "the database does not allow the values"),
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

/// Names in backquotes, with commas between them.
pub(crate) fn quoted<S: AsRef<str>>(names: &[S]) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    names.iter().map(|name| format!("`{}`", name.as_ref())).collect::<Vec<_>>().join(", ")
}
