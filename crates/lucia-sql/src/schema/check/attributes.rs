//! The columns of attributes.

use super::checker::{Checker, type_name, wrong_type};
use crate::{
    catalogs::{FoundColumn, FoundTable},
    config::{Attribute, AttributeType, Table},
    dialects,
    driver::Database,
    mismatch::Mismatch,
    tables::{AttributeColumn, Column, Limit},
};

impl Checker<'_> {
    /// Returns the column of an attribute, if it can store values of the attribute's type.
    pub(super) fn typed<'f>(
        &mut self,
        table: &Table,
        found: &'f FoundTable,
        name: &str,
        attribute: &Attribute,
    ) -> Option<&'f FoundColumn> {
        if let Some(mismatch) = unsupported_list(self.driver.database(), table, name, attribute) {
            self.mismatches.push(mismatch);
            return None;
        }
        let column = attribute.column.as_deref().unwrap_or(name);
        let needed = self.dialect.declared_type(attribute.kind);
        let needed = if attribute.list { format!("{needed}[]").into() } else { needed.into() };
        let Some(column) = self.column(found, column) else {
            let (table_name, column) = (table.name.clone(), column.to_owned());
            self.mismatches.push(match self.similar(table, found, name) {
                Some(found) => {
                    let (name, column) = (name.to_owned(), found.name.clone());
                    Mismatch::UnmappedAttribute { table: table_name, name, column }
                }
                None => Mismatch::MissingColumn { table: table_name, column, needed },
            });
            return None;
        };
        if column.kind.is_some_and(|stored| can_store(stored, attribute.kind)) && column.list == attribute.list {
            return Some(column);
        }
        self.mismatches.push(wrong_type(table, &column.name, column, needed));
        None
    }

    /// Returns the declared attributes and those of the other columns, in the order of the columns.
    pub(super) fn attributes(&mut self, table: &Table, found: &FoundTable, fields: &[&str]) -> Vec<AttributeColumn> {
        if found.columns.is_empty() {
            return Vec::new();
        }
        self.check_named(table, found);
        let mut attributes = Vec::new();
        for (name, attribute) in &table.attributes {
            if let Some(column) = self.typed(table, found, name, attribute) {
                self.check_labels(table, column, attribute);
                attributes.push(self.attribute(table, name, column, attribute));
            }
        }
        for column in &found.columns {
            if self.is_own(table, found, fields, column) || self.is_declared(table, column) {
                continue;
            }
            let name = column.name.clone();
            match column.kind {
                _ if table.only_declared || self.names(&table.left_out, column) => {
                    self.mismatches.extend(self.never_set(table, column));
                }
                _ if fields.contains(&name.as_str()) => {
                    self.mismatches.push(Mismatch::ReservedAttribute { table: table.name.clone(), name });
                }
                Some(kind) => {
                    let attribute = Attribute { list: column.list, ..Attribute::new(kind) };
                    attributes.push(self.attribute(table, &name, column, &attribute));
                }
                None if self.is_filled(table, column) => {
                    let (table, column_type) = (&table.name, &column.declared);
                    tracing::warn!(
                        table,
                        column = name,
                        column_type,
                        "ignored a column of an unsupported type; silence this warning with `Table::without_attribute`"
                    );
                }
                None => {
                    let (table, found) = (table.name.clone(), type_name(&column.declared));
                    self.mismatches.push(Mismatch::UnknownType { table, column: name, found });
                }
            }
        }
        let position =
            |attribute: &AttributeColumn| found.columns.iter().position(|column| column.name == attribute.column.name);
        attributes.sort_by_key(position);
        attributes
    }

    pub(super) fn attribute(
        &self,
        table: &Table,
        name: &str,
        column: &FoundColumn,
        attribute: &Attribute,
    ) -> AttributeColumn {
        AttributeColumn {
            name: name.to_owned(),
            column: Column {
                table: table.name.clone(),
                name: column.name.clone(),
                quoted: self.dialect.quote(&column.name),
                kind: attribute.kind,
                list: attribute.list,
                declared: column.declared.clone(),
                sql_type: column.sql_type.clone(),
                collation: column.collation.clone(),
                limit: column.limit.clone(),
            },
            labels: attribute.labels.clone(),
            nullable: column.nullable,
            has_default: column.has_default,
            filled: self.names(&table.filled, column),
            generated: column.generated,
            time_form: self.catalog.time_form(column, self.format),
            numeric_affinity: self.dialect.has_numeric_affinity(),
        }
    }

    /// Checks that the column has every declared label.
    pub(super) fn check_labels(&mut self, table: &Table, column: &FoundColumn, attribute: &Attribute) {
        let Limit::Labels(known) = &column.limit else {
            return;
        };
        for (_, label) in attribute.labels.iter().filter(|(_, stored)| !known.contains(stored)) {
            let (table, column, label) = (table.name.clone(), column.name.clone(), label.clone());
            self.mismatches.push(Mismatch::UnknownLabel { table, column, label, known: known.clone() });
        }
    }
}

/// Returns the mismatch of a list attribute if the database does not support lists.
pub(in crate::schema) fn unsupported_list(
    database: Database,
    table: &Table,
    name: &str,
    attribute: &Attribute,
) -> Option<Mismatch> {
    let dialect = dialects::of(database);
    let (table, name, database) = (table.name.clone(), name.to_owned(), database.name());
    (attribute.list && !dialect.has_uuids_and_lists()).then_some(Mismatch::UnsupportedList { table, name, database })
}

/// Returns `true` if a column with values of type `stored` can store an attribute of type `kind`.
fn can_store(stored: AttributeType, kind: AttributeType) -> bool {
    use AttributeType::{BigInt, Int, Json, String};
    matches!((stored, kind), (Int | BigInt, Int | BigInt) | (String, Json)) || stored == kind
}
