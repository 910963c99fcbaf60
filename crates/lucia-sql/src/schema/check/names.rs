//! Checks of the configuration that do not need the database.

use crate::{
    config::{SqlConfig, Table, is_valid_name, is_valid_type},
    driver::Database,
    mismatch::Mismatch,
    setup_error::SetupError,
};

pub(super) const USER_FIELDS: &[&str] = &["id"];
pub(super) const SESSION_FIELDS: &[&str] = &["id", "user_id", "active_expires", "idle_expires"];
pub(super) const KEY_FIELDS: &[&str] = &["id", "hashed_password", "user_id"];
pub(super) const TOKEN_FIELDS: &[&str] = &["id", "kind", "user_id", "data", "expires"];

impl SqlConfig {
    /// Checks that the names are valid, and that each is used once.
    pub(in crate::schema) fn check_names(&self, database: Database) -> Result<(), SetupError> {
        let tables =
            [(&self.user, USER_FIELDS, true), (&self.session, SESSION_FIELDS, true), (&self.key, KEY_FIELDS, false)];
        let token = self.token.iter().map(|table| (table, TOKEN_FIELDS, false));
        let tables: Vec<_> = tables.into_iter().chain(token).collect();
        let mut mismatches = Vec::new();
        let mut check_name = |name: &str| {
            if !is_valid_name(name) {
                mismatches.push(Mismatch::InvalidName { name: name.to_owned() });
            }
        };
        check_name(&self.user_relation_key);
        self.schema.iter().for_each(|schema| check_name(schema));
        for (table, ..) in &tables {
            check_name(&table.name);
            table.columns.iter().for_each(|(_, column)| check_name(column));
            for (name, attribute) in &table.attributes {
                check_name(name);
                attribute.column.iter().chain(&attribute.enum_name).for_each(|name| check_name(name));
            }
        }
        if let Some(name) = self.user_id_type.as_ref().filter(|sql| !is_valid_type(sql)) {
            mismatches.push(Mismatch::InvalidType { name: name.clone() });
        }
        for &(table, fields, has_attributes) in &tables {
            mismatches.extend(table.check(fields, has_attributes, database));
        }
        for (index, (table, ..)) in tables.iter().enumerate() {
            let same = tables[..index].iter().filter(|(other, ..)| table.name.eq_ignore_ascii_case(&other.name));
            mismatches.extend(same.map(|_| Mismatch::SameTable { table: table.name.clone() }));
        }
        if mismatches.is_empty() { Ok(()) } else { Err(SetupError::Mismatch(mismatches)) }
    }
}

impl Table {
    fn check(&self, fields: &'static [&'static str], has_attributes: bool, database: Database) -> Vec<Mismatch> {
        let table = || self.name.clone();
        let unknown = self.columns.iter().filter(|(field, _)| !fields.contains(&field.as_str()));
        let unknown = unknown.map(|(field, _)| (table(), field.clone())).map(|(table, field)| match has_attributes {
            true => Mismatch::UnknownField { table, field },
            false => Mismatch::NotAField { table, field, fields },
        });
        let mut mismatches: Vec<_> = unknown.collect();
        let mut columns: Vec<_> = fields.iter().map(|field| self.column_of(field)).collect();
        let mut names = Vec::new();
        for (name, attribute) in &self.attributes {
            if !has_attributes {
                mismatches.push(Mismatch::NoAttributes { table: table(), name: name.clone() });
            } else if fields.contains(&name.as_str()) {
                mismatches.push(Mismatch::ReservedAttribute { table: table(), name: name.clone() });
            }
            columns.push(attribute.column.as_deref().unwrap_or(name));
            names.push(name.as_str());
        }
        columns.extend(self.left_out.iter().map(String::as_str));
        // Only Postgres distinguishes columns by case.
        let ignores_case = database != Database::Postgres;
        for (used, ignores_case) in [(columns, ignores_case), (names, false)] {
            let same = |one: &str, other: &str| one == other || ignores_case && one.eq_ignore_ascii_case(other);
            let is_used = |index: usize, name: &str| used[..index].iter().any(|other| same(other, name));
            let twice = used.iter().enumerate().filter(|(index, name)| is_used(*index, name));
            mismatches
                .extend(twice.map(|(_, name)| Mismatch::UsedTwice { table: table(), column: (*name).to_owned() }));
        }
        mismatches
    }
}
