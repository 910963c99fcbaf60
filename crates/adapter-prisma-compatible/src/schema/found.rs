/// A table as the database describes it.
#[derive(Debug)]
pub(crate) struct FoundTable {
    /// `table`, or what it is instead.
    pub(crate) kind: String,
    pub(crate) columns: Vec<FoundColumn>,
    /// The columns that are unique by themselves.
    pub(crate) unique: Vec<Unique>,
}

#[derive(Debug)]
pub(crate) struct FoundColumn {
    pub(crate) name: String,
    pub(crate) declared: String,
    pub(crate) nullable: bool,
    pub(crate) has_default: bool,
    pub(crate) generated: bool,
    /// Of a column of times: whether its newest value is a number.
    pub(crate) holds_numbers: bool,
}

/// A unique index on one column. `exact` means that no two different strings are equal to it.
#[derive(Debug)]
pub(crate) struct Unique {
    pub(crate) column: String,
    pub(crate) exact: bool,
}
