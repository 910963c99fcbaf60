use super::{Column, FoundColumn, FoundTable, Ident, KeyTable, Schema, SessionTable, UserTable};
use crate::{
    Mismatch, SetupError,
    config::{Attribute, AttributeType, DateTimeFormat, PrismaConfig, Table, is_valid_name},
    dialect::Dialect,
    driver::Driver,
};

const USER_FIELDS: &[&str] = &["id"];
const SESSION_FIELDS: &[&str] = &["id", "user_id", "active_expires", "idle_expires"];
const KEY_FIELDS: &[&str] = &["id", "hashed_password", "user_id"];

/// Reads the three tables and compares them with what is needed.
pub(crate) async fn check(config: &PrismaConfig, driver: &dyn Driver) -> Result<Schema, SetupError> {
    config.check_names()?;
    let mut checker = Checker { dialect: driver.dialect(), format: config.date_time_format, mismatches: Vec::new() };

    let found = checker.find(driver, &config.user).await?;
    let (user, [id]) = (checker.ident(&config.user.name), checker.fields(&config.user, found.as_ref(), ["id"]));
    let attributes = checker.attributes(&config.user, found.as_ref(), USER_FIELDS);
    let user = UserTable { table: user, id, attributes };

    let found = checker.find(driver, &config.session).await?;
    let [id, user_id, active_expires, idle_expires] =
        checker.fields(&config.session, found.as_ref(), ["id", "user_id", "active_expires", "idle_expires"]);
    let attributes = checker.attributes(&config.session, found.as_ref(), SESSION_FIELDS);
    let table = checker.ident(&config.session.name);
    let session = SessionTable { table, id, user_id, active_expires, idle_expires, attributes };

    let found = checker.find(driver, &config.key).await?;
    let [id, user_id, hashed_password] =
        checker.fields(&config.key, found.as_ref(), ["id", "user_id", "hashed_password"]);
    checker.never_set(&config.key, found.as_ref(), KEY_FIELDS, &[]);
    let key = KeyTable { table: checker.ident(&config.key.name), id, user_id, hashed_password };

    if checker.mismatches.is_empty() {
        Ok(Schema { user, session, key })
    } else {
        Err(SetupError::Mismatch(checker.mismatches))
    }
}

impl PrismaConfig {
    /// What can be said of the configuration without the database.
    pub(super) fn check_names(&self) -> Result<(), SetupError> {
        let tables =
            [(&self.user, USER_FIELDS, true), (&self.session, SESSION_FIELDS, true), (&self.key, KEY_FIELDS, false)];
        let mut mismatches = Vec::new();
        let mut check_name = |name: &str| {
            if !is_valid_name(name) {
                mismatches.push(Mismatch::InvalidName { name: name.to_owned() });
            }
        };
        check_name(&self.user_relation_key);
        for (table, ..) in tables {
            check_name(&table.name);
            table.columns.iter().for_each(|(_, column)| check_name(column));
            for (name, attribute) in &table.attributes {
                check_name(name);
                attribute.column.iter().for_each(|column| check_name(column));
            }
        }
        for (table, fields, has_attributes) in tables {
            mismatches.extend(table.check(fields, has_attributes));
        }
        for (table, other) in [(&self.user, &self.session), (&self.user, &self.key), (&self.session, &self.key)] {
            if table.name.eq_ignore_ascii_case(&other.name) {
                mismatches.push(Mismatch::SameTable { table: other.name.clone() });
            }
        }
        if mismatches.is_empty() { Ok(()) } else { Err(SetupError::Mismatch(mismatches)) }
    }
}

impl Table {
    fn check(&self, fields: &[&str], has_attributes: bool) -> Vec<Mismatch> {
        let table = || self.name.clone();
        let unknown = self.columns.iter().filter(|(field, _)| !fields.contains(&field.as_str()));
        let mut mismatches: Vec<_> =
            unknown.map(|(field, _)| Mismatch::UnknownField { table: table(), field: field.clone() }).collect();
        let mut columns: Vec<_> = fields.iter().map(|field| self.column_of(field)).collect();
        let mut names = Vec::new();
        for (name, attribute) in &self.attributes {
            if !has_attributes || fields.contains(&name.as_str()) {
                mismatches.push(Mismatch::ReservedAttribute { table: table(), name: name.clone() });
            }
            columns.push(attribute.column.as_deref().unwrap_or(name));
            names.push(name.as_str());
        }
        for used in [columns, names] {
            let twice = used.iter().enumerate().filter(|(index, name)| used[..*index].contains(*name));
            mismatches
                .extend(twice.map(|(_, name)| Mismatch::UsedTwice { table: table(), column: (*name).to_owned() }));
        }
        mismatches
    }
}

struct Checker {
    dialect: &'static dyn Dialect,
    format: DateTimeFormat,
    mismatches: Vec<Mismatch>,
}

impl Checker {
    async fn find(&mut self, driver: &dyn Driver, table: &Table) -> Result<Option<FoundTable>, SetupError> {
        let found = self.dialect.introspect(driver, &table.name).await?;
        let name = || table.name.clone();
        match &found {
            None => self.mismatches.push(Mismatch::MissingTable { table: name() }),
            Some(found) if found.kind != "table" => {
                self.mismatches.push(Mismatch::NotATable { table: name(), found: found.kind.clone() });
            }
            Some(_) => {}
        }
        Ok(found.filter(|found| found.kind == "table"))
    }

    fn ident(&self, name: &str) -> Ident {
        Ident { name: name.to_owned(), quoted: self.dialect.quote(name) }
    }

    fn column<'f>(&self, found: &'f FoundTable, name: &str) -> Option<&'f FoundColumn> {
        found.columns.iter().find(|column| self.dialect.same_name(&column.name, name))
    }

    /// Checks Lucia's own fields. Where something is missing the names are returned all the same: nobody will use them.
    fn fields<const N: usize>(&mut self, table: &Table, found: Option<&FoundTable>, fields: [&str; N]) -> [Ident; N] {
        if let Some(found) = found {
            for field in fields {
                let time = matches!(field, "active_expires" | "idle_expires");
                let kind = if time { AttributeType::BigInt } else { AttributeType::String };
                let column = self.typed(table, found, table.column_of(field), kind);
                if field == "id" && column.is_some() {
                    self.check_unique(table, found, table.column_of(field));
                }
            }
        }
        fields.map(|field| self.ident(table.column_of(field)))
    }

    /// The column of this name, if it can hold values of this type.
    fn typed<'f>(
        &mut self,
        table: &Table,
        found: &'f FoundTable,
        name: &str,
        kind: AttributeType,
    ) -> Option<&'f FoundColumn> {
        let needed = self.dialect.declared_type(kind);
        let (table, column) = (table.name.clone(), name.to_owned());
        let Some(found) = self.column(found, name) else {
            self.mismatches.push(Mismatch::MissingColumn { table, column, needed });
            return None;
        };
        if !self.dialect.attribute_type(&found.declared).is_some_and(|stored| can_hold(stored, kind)) {
            self.mismatches.push(Mismatch::WrongType { table, column, found: type_name(&found.declared), needed });
            return None;
        }
        Some(found)
    }

    fn check_unique(&mut self, table: &Table, found: &FoundTable, id: &str) {
        let mut unique = found.unique.iter().filter(|unique| self.dialect.same_name(&unique.column, id)).peekable();
        let (table, column) = (table.name.clone(), id.to_owned());
        if unique.peek().is_none() {
            self.mismatches.push(Mismatch::NotUnique { table, column });
        } else if unique.any(|unique| !unique.exact) {
            self.mismatches.push(Mismatch::InexactIds { table, column });
        }
    }

    /// The declared attributes, and those that the table has besides, in the order of the columns.
    fn attributes(&mut self, table: &Table, found: Option<&FoundTable>, fields: &[&str]) -> Vec<Column> {
        let Some(found) = found else {
            return Vec::new();
        };
        let dialect = self.dialect;
        let mut attributes = Vec::new();
        for (name, attribute) in &table.attributes {
            let column = attribute.column.as_deref().unwrap_or(name);
            if let Some(column) = self.typed(table, found, column, attribute.kind) {
                attributes.push(self.attribute(name, column, attribute));
            }
        }
        let is_known = |column: &FoundColumn| {
            let own = fields.iter().any(|field| dialect.same_name(table.column_of(field), &column.name));
            let names = table.attributes.iter().map(|(name, attribute)| attribute.column.as_ref().unwrap_or(name));
            own || names.into_iter().any(|name| dialect.same_name(name, &column.name))
        };
        let others: Vec<_> = found.columns.iter().filter(|column| !is_known(column)).collect();
        if table.only_declared {
            let known: Vec<_> = found.columns.iter().filter(|column| is_known(column)).collect();
            self.never_set(table, Some(found), fields, &known);
            return attributes;
        }
        for column in others {
            let (table, name) = (table.name.clone(), column.name.clone());
            match dialect.attribute_type(&column.declared) {
                _ if fields.contains(&column.name.as_str()) => {
                    self.mismatches.push(Mismatch::ReservedAttribute { table, name });
                }
                Some(kind) => attributes.push(self.attribute(&name, column, &Attribute::new(kind))),
                None => {
                    let found = type_name(&column.declared);
                    self.mismatches.push(Mismatch::UnknownType { table, column: name, found });
                }
            }
        }
        let position = |attribute: &Column| found.columns.iter().position(|column| column.name == attribute.ident.name);
        attributes.sort_by_key(position);
        attributes
    }

    fn attribute(&self, name: &str, column: &FoundColumn, attribute: &Attribute) -> Column {
        Column {
            ident: self.ident(&column.name),
            field: name.to_owned(),
            kind: attribute.kind,
            labels: attribute.labels.clone(),
            nullable: column.nullable,
            has_default: column.has_default,
            generated: column.generated,
            as_millis: match self.format {
                DateTimeFormat::AsFound => column.holds_numbers,
                DateTimeFormat::Iso8601 => false,
                DateTimeFormat::UnixEpochMillis => true,
            },
        }
    }

    /// Columns that are neither Lucia's own nor attributes, and without which no row can be inserted.
    fn never_set(&mut self, table: &Table, found: Option<&FoundTable>, fields: &[&str], known: &[&FoundColumn]) {
        for column in found.into_iter().flat_map(|found| &found.columns) {
            let own = fields.iter().any(|field| self.dialect.same_name(table.column_of(field), &column.name));
            let is_known = own || known.iter().any(|known| known.name == column.name);
            if !is_known && !column.nullable && !column.has_default && !column.generated {
                let (table, column) = (table.name.clone(), column.name.clone());
                self.mismatches.push(Mismatch::NeverSet { table, column });
            }
        }
    }
}

/// Whether a column with values of type `stored` can hold an attribute of type `kind`.
fn can_hold(stored: AttributeType, kind: AttributeType) -> bool {
    use AttributeType::{BigInt, Int, Json, String};
    matches!((stored, kind), (Int | BigInt, Int | BigInt) | (String, Json)) || stored == kind
}

fn type_name(declared: &str) -> String {
    if declared.is_empty() { "of no type".to_owned() } else { declared.to_owned() }
}
