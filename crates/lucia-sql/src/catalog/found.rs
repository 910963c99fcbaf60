use crate::{
    config::AttributeType,
    tables::{Constraint, Limit},
};

/// A table as the database describes it.
#[derive(Debug, Default)]
pub(crate) struct FoundTable {
    /// `table`, or what it is instead.
    pub(crate) kind: String,
    /// Its partitions, where the database reports those as the table.
    pub(crate) partitions: Vec<String>,
    pub(crate) columns: Vec<FoundColumn>,
    /// The columns that are unique by themselves.
    pub(crate) unique: Vec<Unique>,
    /// Unique and foreign keys by name, where the database reports them by name.
    pub(crate) constraints: Vec<Constraint>,
    /// What the database's user may not do with it, of all that an adapter does: `INSERT`, for example.
    pub(crate) denied: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct FoundColumn {
    pub(crate) name: String,
    /// Its type, as a person would write it.
    pub(crate) declared: String,
    /// Its type, as a cast names it.
    pub(crate) sql_type: String,
    /// What its values are, or the items of its lists, if that is something an attribute can be.
    pub(crate) kind: Option<AttributeType>,
    pub(crate) list: bool,
    pub(crate) limit: Limit,
    pub(crate) nullable: bool,
    pub(crate) has_default: bool,
    pub(crate) generated: bool,
    /// Why different strings are equal in it, where the dialect cannot help it.
    pub(crate) inexact: Option<Inexact>,
    /// Of a column of times: whether its newest value is a number.
    pub(crate) holds_numbers: bool,
    /// Whether it keeps a value of any type as it is.
    pub(crate) keeps_any: bool,
}

/// A unique index on one column.
#[derive(Debug)]
pub(crate) struct Unique {
    pub(crate) column: String,
    /// Why different strings are equal to it.
    pub(crate) inexact: Option<Inexact>,
}

/// Why different strings are equal to a column or index.
#[derive(Clone, Debug)]
pub(crate) struct Inexact {
    /// What it is that makes them equal: a type or collation.
    pub(crate) found: String,
    /// What to have instead.
    pub(crate) needed: &'static str,
}
