use lucia_core::AdapterErrorKind as Kind;

use super::{AttributeColumn, Column, Ident, Limit};
use crate::driver::Place;

/// The name of a constraint or unique index, and its column. Of several columns, it is the last one.
#[derive(Clone, Debug)]
pub(crate) struct Constraint {
    pub(crate) name: String,
    pub(crate) column: String,
    /// The table that a foreign key refers to.
    pub(crate) references: Option<String>,
}

/// The part of a table from which the error of a violated constraint is derived.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WriteTarget<'a> {
    pub(crate) table: &'a Ident,
    pub(crate) id: &'a Column,
    pub(crate) user_id: Option<&'a Column>,
    pub(crate) attributes: &'a [AttributeColumn],
    pub(crate) constraints: &'a [Constraint],
    /// The error if the id is taken.
    pub(crate) duplicate: Kind,
}

impl<'a> WriteTarget<'a> {
    /// Returns the name of the column whose constraint was violated.
    pub(crate) fn column(&self, place: &'a Place) -> Option<&'a str> {
        let named = || {
            let name = place.constraint.as_deref()?;
            Some(self.constraints.iter().find(|constraint| constraint.name == name)?.column.as_str())
        };
        place.column.as_deref().or_else(named)
    }
}

impl WriteTarget<'_> {
    /// Returns `true` if the violated constraint belongs to another table: one that a trigger writes to, or one that
    /// refers to this table.
    pub(crate) fn is_elsewhere(&self, place: &Place) -> bool {
        let is_own = |name: &str| self.constraints.iter().any(|constraint| constraint.name == name);
        place.table.as_ref().is_some_and(|table| !self.table.is(table))
            && !place.constraint.as_deref().is_some_and(is_own)
    }

    pub(crate) fn has_column(&self, name: &str) -> bool {
        self.table.columns.iter().any(|column| column.eq_ignore_ascii_case(name))
    }

    /// Returns the only attribute whose format the server checks. `None` if there are several, because the server does
    /// not report which one it rejected.
    pub(crate) fn only_format(&self) -> Option<String> {
        let mut formats = self.attributes.iter().filter(|attribute| attribute.column.limit == Limit::Format);
        let format = formats.next()?;
        formats.next().is_none().then(|| format.name.clone())
    }
}
