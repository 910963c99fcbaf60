//! The association of columns with fields and attributes.

use super::checker::Checker;
use crate::{
    catalogs::{FoundColumn, FoundTable},
    config::Table,
    mismatch::Mismatch,
};

impl Checker<'_> {
    /// Returns the column with this name.
    pub(super) fn column<'f>(&self, found: &'f FoundTable, name: &str) -> Option<&'f FoundColumn> {
        found.columns.iter().find(|column| self.dialect.same_name(&column.name, name))
    }

    /// Returns a column whose name differs from an unknown name only in case and punctuation, and that is probably
    /// meant.
    pub(super) fn similar<'f>(&self, table: &Table, found: &'f FoundTable, name: &str) -> Option<&'f FoundColumn> {
        let letters = |name: &str| name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        let wanted: String = letters(name);
        let is_meant = |column: &&FoundColumn| letters(&column.name) == wanted && !self.is_declared(table, column);
        if self.column(found, table.column_of(name)).is_some() { None } else { found.columns.iter().find(is_meant) }
    }

    /// Returns `true` if a column is one of Lucia's own fields, or has a similar name.
    pub(super) fn is_own(&self, table: &Table, found: &FoundTable, fields: &[&str], column: &FoundColumn) -> bool {
        fields.iter().any(|field| {
            let is_similar = self.similar(table, found, field).is_some_and(|other| other.name == column.name);
            is_similar || self.dialect.same_name(table.column_of(field), &column.name)
        })
    }

    pub(super) fn is_declared(&self, table: &Table, column: &FoundColumn) -> bool {
        let mut declared = table.attributes.iter().map(|(name, attribute)| attribute.column.as_ref().unwrap_or(name));
        declared.any(|name| self.dialect.same_name(name, &column.name))
    }

    pub(super) fn names(&self, names: &[String], column: &FoundColumn) -> bool {
        names.iter().any(|name| self.dialect.same_name(name, &column.name))
    }

    /// Returns `true` if the database sets a value when an insert omits the column.
    pub(super) fn is_filled(&self, table: &Table, column: &FoundColumn) -> bool {
        column.nullable || column.has_default || column.generated || self.names(&table.filled, column)
    }

    /// Returns the mismatch of a required column that no insert sets.
    pub(super) fn never_set(&self, table: &Table, column: &FoundColumn) -> Option<Mismatch> {
        let (table_name, name) = (table.name.clone(), column.name.clone());
        (!self.is_filled(table, column)).then_some(Mismatch::NeverSet { table: table_name, column: name })
    }

    /// Checks that the columns named in [`Table::without_attribute`] and [`Table::filled_by_trigger`] exist.
    pub(super) fn check_named(&mut self, table: &Table, found: &FoundTable) {
        if found.columns.is_empty() || self.trusts_config {
            return;
        }
        let left_out = table.left_out.iter().map(|name| (name, "without_attribute"));
        for (name, method) in left_out.chain(table.filled.iter().map(|name| (name, "filled_by_trigger"))) {
            if self.column(found, name).is_none() {
                let (table, column) = (table.name.clone(), name.clone());
                self.mismatches.push(Mismatch::UnknownColumn { table, column, method });
            }
        }
    }
}
