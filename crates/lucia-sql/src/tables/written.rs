use lucia_core::AdapterErrorKind as Kind;

use super::{AttributeColumn, Column, Ident, Limit};
use crate::driver::Place;

/// The name of a constraint or unique index, and its column: the last one, if it has several.
#[derive(Clone, Debug)]
pub(crate) struct Constraint {
    pub(crate) name: String,
    pub(crate) column: String,
    /// The table that a foreign key is to.
    pub(crate) references: Option<String>,
}

/// What has to be known of a table to say what a violated constraint means.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written<'a> {
    pub(crate) table: &'a Ident,
    pub(crate) id: &'a Column,
    pub(crate) user_id: Option<&'a Column>,
    pub(crate) attributes: &'a [AttributeColumn],
    pub(crate) constraints: &'a [Constraint],
    /// The error of an id that is taken.
    pub(crate) duplicate: Kind,
}

impl<'a> Written<'a> {
    /// The name of the column where a constraint was violated.
    pub(crate) fn column(&self, place: &'a Place) -> Option<&'a str> {
        let named = || {
            let name = place.constraint.as_deref()?;
            Some(self.constraints.iter().find(|constraint| constraint.name == name)?.column.as_str())
        };
        place.column.as_deref().or_else(named)
    }
}

impl Written<'_> {
    /// Whether it is another table whose constraint was violated: one that a trigger writes to, or that refers to this one.
    pub(crate) fn is_elsewhere(&self, place: &Place) -> bool {
        let is_own = |name: &str| self.constraints.iter().any(|constraint| constraint.name == name);
        place.table.as_ref().is_some_and(|table| !self.table.is(table))
            && !place.constraint.as_deref().is_some_and(is_own)
    }

    pub(crate) fn has_column(&self, name: &str) -> bool {
        self.table.columns.iter().any(|column| column.eq_ignore_ascii_case(name))
    }

    /// The attribute whose form the server checks, if there is one alone: the server does not say which it refused.
    pub(crate) fn only_form(&self) -> Option<String> {
        let mut forms = self.attributes.iter().filter(|attribute| attribute.column.limit == Limit::Form);
        let form = forms.next()?;
        forms.next().is_none().then(|| form.name.clone())
    }
}
