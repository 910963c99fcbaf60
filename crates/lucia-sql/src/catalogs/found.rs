use crate::{
    config::AttributeType,
    tables::{Constraint, Limit},
};

/// A table, as the database describes it.
#[derive(Debug, Default)]
pub(crate) struct FoundTable {
    /// `table`, or the kind of object that it is instead.
    pub(crate) kind: String,
    /// The partitions, if the database reports them instead of the table.
    pub(crate) partitions: Vec<String>,
    pub(crate) columns: Vec<FoundColumn>,
    /// The columns with a unique index on that column alone.
    pub(crate) unique: Vec<Unique>,
    /// Unique and foreign keys by name, if the database reports violations by name.
    pub(crate) constraints: Vec<Constraint>,
    /// The privileges of an adapter that the database's user lacks, for example `INSERT`.
    pub(crate) denied: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct FoundColumn {
    pub(crate) name: String,
    /// The type as it is shown to people.
    pub(crate) declared: String,
    /// The type as it is written in a cast.
    pub(crate) sql_type: String,
    /// The collation, if the database does not compare the column with one of another collation. Empty otherwise.
    pub(crate) collation: String,
    /// The type of the values, or of their items if they are lists. `None` if attributes do not support it.
    pub(crate) kind: Option<AttributeType>,
    pub(crate) list: bool,
    pub(crate) limit: Limit,
    pub(crate) nullable: bool,
    pub(crate) has_default: bool,
    pub(crate) generated: bool,
    /// The reason why the column considers different strings equal, unless the dialect compensates for it.
    pub(crate) inexact: Option<Inexact>,
    /// `true` if this is a column of times whose newest value is a number.
    pub(crate) has_numbers: bool,
    /// `true` if the column stores values of every type unchanged.
    pub(crate) stores_any: bool,
}

/// A unique index on one column.
#[derive(Debug)]
pub(crate) struct Unique {
    pub(crate) column: String,
    /// The reason why the index considers different strings equal.
    pub(crate) inexact: Option<Inexact>,
}

/// The reason why a column or index considers different strings equal.
#[derive(Clone, Debug)]
pub(crate) struct Inexact {
    /// The type or collation that makes them equal.
    pub(crate) found: String,
    /// The required type or collation.
    pub(crate) needed: &'static str,
}
