//! Which column is which.

use super::checker::Checker;
use crate::{
    catalog::{FoundColumn, FoundTable},
    config::Table,
    mismatch::Mismatch,
};

impl Checker<'_> {
    /// The column of a name.
    pub(super) fn column<'f>(&self, found: &'f FoundTable, name: &str) -> Option<&'f FoundColumn> {
        found.columns.iter().find(|column| self.dialect.same_name(&column.name, name))
    }

    /// A column that may be meant by a name that there is not, as it differs by case and punctuation alone.
    pub(super) fn stand_in<'f>(&self, table: &Table, found: &'f FoundTable, name: &str) -> Option<&'f FoundColumn> {
        let letters = |name: &str| name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        let wanted: String = letters(name);
        let is_meant = |column: &&FoundColumn| letters(&column.name) == wanted && !self.is_declared(table, column);
        if self.column(found, table.column_of(name)).is_some() { None } else { found.columns.iter().find(is_meant) }
    }

    /// Whether a column is one of Lucia's own fields, or may be meant for one.
    pub(super) fn is_own(&self, table: &Table, found: &FoundTable, fields: &[&str], column: &FoundColumn) -> bool {
        fields.iter().any(|field| {
            let stands_in = self.stand_in(table, found, field).is_some_and(|other| other.name == column.name);
            stands_in || self.dialect.same_name(table.column_of(field), &column.name)
        })
    }

    pub(super) fn is_declared(&self, table: &Table, column: &FoundColumn) -> bool {
        let mut declared = table.attributes.iter().map(|(name, attribute)| attribute.column.as_ref().unwrap_or(name));
        declared.any(|name| self.dialect.same_name(name, &column.name))
    }

    pub(super) fn names(&self, names: &[String], column: &FoundColumn) -> bool {
        names.iter().any(|name| self.dialect.same_name(name, &column.name))
    }

    /// Whether the database has a value where an insert leaves a column out.
    pub(super) fn is_filled(&self, table: &Table, column: &FoundColumn) -> bool {
        column.nullable || column.has_default || column.generated || self.names(&table.filled, column)
    }

    /// What is wrong with a column that no insert sets.
    pub(super) fn never_set(&self, table: &Table, column: &FoundColumn) -> Option<Mismatch> {
        let (table_name, name) = (table.name.clone(), column.name.clone());
        (!self.is_filled(table, column)).then_some(Mismatch::NeverSet { table: table_name, column: name })
    }

    /// Columns that are named by themselves have to be there.
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
