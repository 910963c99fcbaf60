use super::{
    AttributeColumn, Column, Constraint, FoundColumn, FoundTable, Ident, KeyTable, Limit, Schema, SessionTable,
    UserSchema, UserTable,
};
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
    let mut checker = Checker::new(config, driver).await?;
    let user = checker.user_table(&config.user).await?;
    let session = checker.session_table(&config.session, &config.user.name).await?;
    let key = checker.key_table(&config.key, &config.user.name).await?;
    checker.finish(Schema { users: UserSchema { user, key }, session })
}

/// Reads the tables of users and keys alone.
pub(crate) async fn check_users(config: &PrismaConfig, driver: &dyn Driver) -> Result<UserSchema, SetupError> {
    config.check_names()?;
    let mut checker = Checker::new(config, driver).await?;
    let user = checker.user_table(&config.user).await?;
    let key = checker.key_table(&config.key, &config.user.name).await?;
    checker.finish(UserSchema { user, key })
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
        self.schema.iter().for_each(|schema| check_name(schema));
        for (table, ..) in tables {
            check_name(&table.name);
            table.columns.iter().for_each(|(_, column)| check_name(column));
            for (name, attribute) in &table.attributes {
                check_name(name);
                attribute.column.iter().chain(&attribute.enum_name).for_each(|name| check_name(name));
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

struct Checker<'d> {
    driver: &'d dyn Driver,
    dialect: &'static dyn Dialect,
    schema: Option<String>,
    format: DateTimeFormat,
    mismatches: Vec<Mismatch>,
}

impl<'d> Checker<'d> {
    async fn new(config: &PrismaConfig, driver: &'d dyn Driver) -> Result<Self, SetupError> {
        let dialect = driver.dialect();
        let mismatches = dialect.settings(driver, config.schema.as_deref()).await?;
        let schema = dialect.schema(driver, config.schema.as_deref()).await?;
        Ok(Self { driver, dialect, schema, format: config.date_time_format, mismatches })
    }

    fn finish<T>(self, checked: T) -> Result<T, SetupError> {
        if self.mismatches.is_empty() { Ok(checked) } else { Err(SetupError::Mismatch(self.mismatches)) }
    }

    async fn user_table(&mut self, table: &Table) -> Result<UserTable, SetupError> {
        let found = self.find(table).await?;
        let [id] = self.fields(table, &found, ["id"]);
        let attributes = self.attributes(table, &found, USER_FIELDS);
        Ok(UserTable { table: self.ident(&table.name), id, attributes, constraints: found.constraints })
    }

    async fn session_table(&mut self, table: &Table, users: &str) -> Result<SessionTable, SetupError> {
        let found = self.find(table).await?;
        let fields = ["id", "user_id", "active_expires", "idle_expires"];
        let [id, user_id, active_expires, idle_expires] = self.fields(table, &found, fields);
        let attributes = self.attributes(table, &found, SESSION_FIELDS);
        let constraints = self.constraints(table, found, users);
        let table = self.ident(&table.name);
        Ok(SessionTable { table, id, user_id, active_expires, idle_expires, attributes, constraints })
    }

    async fn key_table(&mut self, table: &Table, users: &str) -> Result<KeyTable, SetupError> {
        let found = self.find(table).await?;
        let [id, user_id, hashed_password] = self.fields(table, &found, ["id", "user_id", "hashed_password"]);
        self.never_set(table, &found, KEY_FIELDS, &[]);
        let constraints = self.constraints(table, found, users);
        Ok(KeyTable { table: self.ident(&table.name), id, user_id, hashed_password, constraints })
    }

    /// Without foreign keys from the user's id to another table than that of the users: those are the application's own.
    fn constraints(&self, table: &Table, found: FoundTable, users: &str) -> Vec<Constraint> {
        let mut constraints = found.constraints;
        constraints.retain(|constraint| match &constraint.references {
            Some(references) => {
                self.dialect.same_name(references, users)
                    || !self.dialect.same_name(&constraint.column, table.column_of("user_id"))
            }
            None => true,
        });
        constraints
    }

    /// What the database knows of a table. What is none that can be written to has no columns, and is not looked at further.
    async fn find(&mut self, table: &Table) -> Result<FoundTable, SetupError> {
        let found = self.dialect.introspect(self.driver, self.schema.as_deref(), &table.name).await?;
        let name = || table.name.clone();
        match found {
            None => {
                let schema = self.schema.iter().map(|schema| format!("{schema}."));
                let table = schema.chain([name()]).collect();
                self.mismatches.push(Mismatch::MissingTable { table });
            }
            Some(found) if found.kind != "table" => {
                self.mismatches.push(Mismatch::NotATable { table: name(), found: found.kind });
            }
            Some(found) => {
                if !found.denied.is_empty() {
                    self.mismatches.push(Mismatch::NotAllowed { table: name(), denied: found.denied.join(", ") });
                }
                return Ok(found);
            }
        }
        Ok(FoundTable::default())
    }

    fn ident(&self, name: &str) -> Ident {
        let quoted = self.dialect.quote(name);
        let schema = self.schema.as_deref().map(|schema| self.dialect.quote(schema));
        let quoted = schema.map_or_else(|| quoted.clone(), |schema| format!("{schema}.{quoted}"));
        Ident { name: name.to_owned(), quoted }
    }

    fn column<'f>(&self, found: &'f FoundTable, name: &str) -> Option<&'f FoundColumn> {
        found.columns.iter().find(|column| self.dialect.same_name(&column.name, name))
    }

    /// Checks Lucia's own fields. Where something is missing a column is returned all the same: nobody will use it.
    fn fields<const N: usize>(&mut self, table: &Table, found: &FoundTable, fields: [&str; N]) -> [Column; N] {
        fields.map(|field| {
            let (name, time) = (table.column_of(field), matches!(field, "active_expires" | "idle_expires"));
            let kind = if time { AttributeType::BigInt } else { AttributeType::String };
            let column = if found.columns.is_empty() { None } else { self.typed(table, found, name, kind) };
            // Milliseconds need 64 bits, with a sign or without.
            let column = column.filter(|column| {
                let narrow = time && matches!(column.limit, Limit::Range(_, most) if most < i64::MAX);
                if narrow {
                    let (table, column, found) = (table.name.clone(), name.to_owned(), type_name(&column.declared));
                    let needed = self.dialect.declared_type(kind);
                    self.mismatches.push(Mismatch::WrongType { table, column, found, needed });
                }
                !narrow
            });
            match (field, column) {
                ("id", Some(_)) => self.check_unique(table, found, name),
                ("user_id", Some(column)) if !column.exact => {
                    let (table, column) = (table.name.clone(), column.name.clone());
                    self.mismatches.push(Mismatch::InexactIds { table, column });
                }
                _ => {}
            }
            Column {
                name: column.map_or(name, |column| &column.name).to_owned(),
                quoted: self.dialect.quote(name),
                kind,
                sql_type: column.map(|column| column.sql_type.clone()).unwrap_or_default(),
                limit: column.map_or(Limit::None, |column| column.limit.clone()),
            }
        })
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
        if !found.kind.is_some_and(|stored| can_hold(stored, kind)) {
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
    fn attributes(&mut self, table: &Table, found: &FoundTable, fields: &[&str]) -> Vec<AttributeColumn> {
        if found.columns.is_empty() {
            return Vec::new();
        }
        let dialect = self.dialect;
        let mut attributes = Vec::new();
        for (name, attribute) in &table.attributes {
            let column = attribute.column.as_deref().unwrap_or(name);
            if let Some(column) = self.typed(table, found, column, attribute.kind) {
                self.check_labels(table, column, attribute);
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
            self.never_set(table, found, fields, &known);
            return attributes;
        }
        for column in others {
            let (table, name) = (table.name.clone(), column.name.clone());
            match column.kind {
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
        let position =
            |attribute: &AttributeColumn| found.columns.iter().position(|column| column.name == attribute.column.name);
        attributes.sort_by_key(position);
        attributes
    }

    fn attribute(&self, name: &str, column: &FoundColumn, attribute: &Attribute) -> AttributeColumn {
        AttributeColumn {
            name: name.to_owned(),
            column: Column {
                name: column.name.clone(),
                quoted: self.dialect.quote(&column.name),
                kind: attribute.kind,
                sql_type: column.sql_type.clone(),
                limit: column.limit.clone(),
            },
            labels: attribute.labels.clone(),
            nullable: column.nullable,
            has_default: column.has_default,
            generated: column.generated,
            time_form: self.dialect.time_form(column, self.format),
            numeric_affinity: self.dialect.has_numeric_affinity(),
        }
    }

    /// Every label that is declared must be one that the column holds.
    fn check_labels(&mut self, table: &Table, column: &FoundColumn, attribute: &Attribute) {
        let Limit::Labels(known) = &column.limit else {
            return;
        };
        for (_, label) in attribute.labels.iter().filter(|(_, stored)| !known.contains(stored)) {
            let (table, column, label) = (table.name.clone(), column.name.clone(), label.clone());
            self.mismatches.push(Mismatch::UnknownLabel { table, column, label });
        }
    }

    /// Columns that are neither Lucia's own nor attributes, and without which no row can be inserted.
    fn never_set(&mut self, table: &Table, found: &FoundTable, fields: &[&str], known: &[&FoundColumn]) {
        for column in &found.columns {
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
